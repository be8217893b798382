//! Programmes: the tenants, and the settings that every unit of work meets.

use crate::coded::coded;
use crate::id::ProgramId;
use crate::time::Time;

/// The longest name of a programme, in bytes.
pub const NAME_LEN_MAX: usize = 64;

coded! {
    /// Whether a programme's calls are served.
    pub enum ProgramStatus {
        Active = 1 "active",
        Suspended = 2 "suspended",
    }
}

coded! {
    /// Who decides a card authorization.
    pub enum Mode {
        /// Vostro, against the cardholder's wallet.
        Credit = 1 "credit",
        /// The merchant, asked in real time, against the reserve.
        Authorization = 2 "authorization",
    }
}

coded! {
    /// What a repeated reference with the same content gets.
    pub enum DuplicatePolicy {
        /// The first answer again.
        Replay = 1 "replay",
        /// The door's duplicate error.
        Refuse = 2 "error",
    }
}

coded! {
    /// Fixed when the programme is made: simulators touch only sandbox programmes.
    pub enum Environment {
        Live = 1 "live",
        Sandbox = 2 "sandbox",
    }
}

coded! {
    /// Why something about a programme was refused, in order of precedence.
    pub enum ProgramRefusal {
        BadName = 1 "bad_program_name",
        Missing = 2 "program_missing",
        AlreadyExists = 3 "program_already_exists",
    }
}

impl ProgramRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// The control row: what is known of a programme outside of itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Program {
    pub id: ProgramId,
    pub name: String,
}

/// A programme's own settings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Settings {
    pub program: ProgramId,
    pub status: ProgramStatus,
    pub environment: Environment,
    pub mode: Mode,
    pub duplicate: DuplicatePolicy,
    /// 1 when made, one more with each change.
    pub version: u64,
    pub created_at: Time,
}

/// A programme's serial point: its newest `seq` and its latest recorded time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counter {
    pub program: ProgramId,
    pub seq: u64,
    pub last: Time,
}
