//! Lets a hold go.

use super::Known;
use super::capture::{Drawing, record_draw};
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::once::{Fingerprinted, Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use crate::verb::{Stop, Verb};
use domain::id::{HoldId, ProgramId};
use domain::instruction::InstructionKind;
use domain::stamp::Stamp;
use domain::transfer::TransferKind;
use store::{Scope, Wants};
use vault::fingerprint::Canonical;

/// What is to be let go.
#[derive(Clone, Debug)]
pub struct VoidHold {
    pub hold: HoldId,
    pub remark: String,
    pub reference: Option<(ReferenceName, Repeats)>,
}

struct Void {
    hold: Known,
    remark: String,
}

impl Verb for Void {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        self.hold.wants(wants);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        crate::transfer::check_remark(&self.remark)?;
        let hold = self.hold.locked(scope)?;
        let voided = hold.void()?;
        let (kind, transfer) = (InstructionKind::Void, TransferKind::Void);
        let drawing = Drawing { kind, transfer, remark: &self.remark };
        record_draw(scope, stamp, &hold, voided, &drawing)
    }
}

impl Fingerprinted for Void {
    fn canonical(&self) -> Canonical {
        Canonical::new(1, "void").id(self.hold.id.bytes()).text(&self.remark)
    }
}

impl Engine {
    /// Refuses an unknown or ended hold, saying how it ended.
    pub async fn void_hold(
        &self,
        program: ProgramId,
        by: By,
        command: VoidHold,
    ) -> Result<Idempotent<Receipt>, Error> {
        let hold = self.know_hold(program, command.hold).await?;
        let verb = Void { hold, remark: command.remark };
        self.run_once(program, by, command.reference, verb).await
    }
}
