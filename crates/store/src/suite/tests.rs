use super::*;
use crate::model::{Fault, Model};
use core::task::{Context, Poll, Waker};

/// The model as a backend: reopening is the same content again.
#[derive(Default)]
pub(crate) struct Memory(pub Model);

impl Backend for Memory {
    fn open(&mut self) -> BoxFuture<'_, Arc<dyn Store>> {
        let store: Arc<dyn Store> = Arc::new(self.0.clone());
        Box::pin(core::future::ready(store))
    }

    fn fail_next_commit(&mut self) {
        self.0.faults().next(Fault::Unavailable);
    }
}

/// Runs a future that never waits, as all of the model's.
pub(crate) fn at_once<T>(future: impl Future<Output = T>) -> T {
    let mut future = core::pin::pin!(future);
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(answer) => answer,
        Poll::Pending => panic!("the model never waits"),
    }
}

#[test]
fn the_model_does_every_case() {
    for case in CASES {
        println!("{}", case.name);
        at_once(run(case, Box::new(Memory::default())));
    }
}

#[test]
fn names_of_cases_are_unique() {
    let mut names: Vec<_> = CASES.iter().map(|case| case.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]));
}
