//! Changes a programme's settings: suspends, resumes, sets its mode or what repeats get.

use crate::error::Error;
use crate::instruction::event;
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::event::EventKind;
use domain::id::ProgramId;
use domain::program::{DuplicatePolicy, Mode, ProgramRefusal, ProgramStatus, Settings};
use domain::stamp::Stamp;
use store::{Lock, Scope, Wants};

/// What is to be changed; the rest stays.
#[derive(Clone, Copy, Default, Debug)]
pub struct UpdateProgram {
    pub status: Option<ProgramStatus>,
    pub mode: Option<Mode>,
    pub duplicate: Option<DuplicatePolicy>,
}

impl Verb for UpdateProgram {
    type Answer = Settings;

    fn reads(&self, wants: &mut Wants<'_>) {
        wants.want::<Settings>((), Lock::Exclusive);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Settings, Stop> {
        let settings = scope.get::<Settings>(()).ok_or(ProgramRefusal::Missing)?.clone();
        let changed = Settings {
            status: self.status.unwrap_or(settings.status),
            mode: self.mode.unwrap_or(settings.mode),
            duplicate: self.duplicate.unwrap_or(settings.duplicate),
            ..settings.clone()
        };
        if changed == settings {
            return Ok(settings);
        }
        let changed = Settings { version: settings.version + 1, ..changed };
        let subject = *changed.program.bytes();
        scope.put(changed.clone());
        event(scope, stamp, EventKind::ProgramUpdated, subject);
        Ok(changed)
    }
}

impl Engine {
    /// Takes effect at one point in the programme's order: what commits after it meets it.
    pub async fn update_program(
        &self,
        program: ProgramId,
        command: UpdateProgram,
    ) -> Result<Settings, Error> {
        let settings = self.run(program, command).await;
        // Also after an unknown outcome.
        self.callers.forget();
        settings
    }
}
