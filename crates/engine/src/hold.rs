//! Holds: placed, drawn on, let go, expired. A hold's two accounts never change, so they are read
//! before the unit; its row is locked in it and decides races.

pub mod capture;
pub mod expire;
pub mod place;
pub mod void;

pub use capture::CaptureHold;
pub use place::PlaceHold;
pub use void::VoidHold;

use crate::error::Error;
use crate::start::Engine;
use domain::hold::{Hold, HoldRefusal};
use domain::id::{HoldId, ProgramId};

impl Engine {
    pub async fn find_hold(&self, program: ProgramId, id: HoldId) -> Result<Option<Hold>, Error> {
        Ok(self.store.hold(program, id).await?)
    }

    /// The hold's fixed part. Its state may be over by the time a unit locks it.
    pub(crate) async fn resolve_hold(&self, program: ProgramId, id: HoldId) -> Result<Hold, Error> {
        let found = self.store.hold(program, id).await?;
        found.ok_or(Error::Refused(HoldRefusal::Missing.into()))
    }
}
