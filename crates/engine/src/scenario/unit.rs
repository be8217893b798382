//! A unit that does nothing but hear its outcome.

use domain::id::ProgramId;
use domain::time::Time;
use store::{Failed, Scope, Unit, Verdict, Wants};

pub(crate) struct Hears<F> {
    pub(crate) program: ProgramId,
    pub(crate) answer: F,
}

impl<F: FnOnce(Result<(), Failed>) + Send> Unit for Hears<F> {
    fn program(&self) -> ProgramId {
        self.program
    }

    fn reads(&self, _: &mut Wants<'_>) {}

    fn run(&mut self, _: &mut Scope<'_>, _: Time) -> Verdict {
        Verdict::Refused
    }

    fn answer(self: Box<Self>, outcome: Result<(), Failed>) {
        (self.answer)(outcome);
    }
}
