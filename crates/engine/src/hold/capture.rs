//! Draws on a hold.

use super::Known;
use crate::admitted::By;
use crate::error::Error;
use crate::instruction::Receipt;
use crate::instruction::record::Record;
use crate::once::{Fingerprinted, Idempotent, ReferenceName, Repeats};
use crate::start::Engine;
use crate::transfer::book::Book;
use crate::transfer::post::available;
use crate::verb::{Stop, Verb};
use domain::hold::{Completion, Draw, Hold};
use domain::id::{HoldId, ProgramId};
use domain::instruction::{InstructionKind, Outcome};
use domain::money::{Amount, Money};
use domain::refusal::Refusal;
use domain::stamp::Stamp;
use domain::transfer::TransferKind;
use store::{Scope, Wants};
use vault::fingerprint::Canonical;

/// What is to be drawn.
#[derive(Clone, Debug)]
pub struct CaptureHold {
    pub hold: HoldId,
    pub amount: Amount,
    pub completion: Completion,
    pub remark: String,
    pub reference: Option<(ReferenceName, Repeats)>,
}

/// How a draw is written and recorded.
pub(super) struct Drawing<'v> {
    pub kind: InstructionKind,
    pub transfer: TransferKind,
    pub remark: &'v str,
}

/// Writes the hold after a draw, the transfer and the instruction.
pub(super) fn record_draw(
    scope: &mut Scope<'_>,
    stamp: &mut Stamp,
    before: &Hold,
    (after, drawn): (Hold, Draw),
    drawing: &Drawing<'_>,
) -> Result<Receipt, Stop> {
    let before_minor = available(scope, before.debit);
    scope.put(after);
    let mut book = Book::open(scope, stamp);
    book.draw(drawing.transfer, before, drawn).map_err(Refusal::from)?;
    let after_minor = available(book.scope(), before.debit);
    let moved = if drawn.posted > 0 { drawn.posted } else { drawn.released };
    let amount = Amount::new(Money::new(moved, before.amount.asset()));
    let receipt = book.record(Record {
        kind: drawing.kind,
        outcome: Outcome::Completed,
        amount: amount.expect("a draw moves or releases something"),
        account: before.debit,
        counterparty: Some(before.credit),
        cardholder: None,
        before_minor,
        after_minor,
        undoes: None,
        remark: drawing.remark.to_owned(),
        end_to_end_id: None,
    });
    Ok(Receipt { hold: Some(before.id), ..receipt })
}

struct Capture {
    hold: Known,
    amount: Amount,
    completion: Completion,
    remark: String,
}

impl Verb for Capture {
    type Answer = Receipt;

    fn reads(&self, wants: &mut Wants<'_>) {
        self.hold.wants(wants);
    }

    fn decide(&self, scope: &mut Scope<'_>, stamp: &mut Stamp) -> Result<Receipt, Stop> {
        crate::transfer::check_remark(&self.remark)?;
        let hold = self.hold.locked(scope)?;
        let captured = hold.capture(self.amount, self.completion)?;
        let (kind, transfer) = (InstructionKind::Capture, TransferKind::Capture);
        let drawing = Drawing { kind, transfer, remark: &self.remark };
        record_draw(scope, stamp, &hold, captured, &drawing)
    }
}

impl Fingerprinted for Capture {
    fn canonical(&self) -> Canonical {
        Canonical::new(1, "capture")
            .id(self.hold.id.bytes())
            .text(self.amount.asset().code())
            .i64(self.amount.minor())
            .i64(i64::from(self.completion.code()))
            .text(&self.remark)
    }
}

impl Engine {
    /// Posts a part of a hold, or all of it.
    ///
    /// Refuses an unknown or ended hold, saying how it ended, and more than what remains.
    pub async fn capture_hold(
        &self,
        program: ProgramId,
        by: By,
        command: CaptureHold,
    ) -> Result<Idempotent<Receipt>, Error> {
        let hold = self.know_hold(program, command.hold).await?;
        let verb = Capture {
            hold,
            amount: command.amount,
            completion: command.completion,
            remark: command.remark,
        };
        self.run_once(program, by, command.reference, verb).await
    }
}
