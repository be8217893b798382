//! An auditor that knows the rules from the design and nothing of the engine: plain maps, one call
//! after the other, every balance and every answer predicted.

mod books;
mod outbox;
mod rules;

pub(super) use books::{Books, Moved};
pub(super) use outbox::{ATTEMPTS_MAX, Outbox, Seen, Work};

use super::command::{Call, Command, Fate};
use crate::instruction::Receipt;
use crate::once::Repeats;
use domain::asset::Asset;
use domain::cardholder::CardholderStatus;
use domain::credential::Denied;
use domain::hold::HoldState;
use domain::id::{AccountId, CardholderId, HoldId, InstructionId};
use domain::instruction::Outcome;
use domain::money::Amount;
use domain::rate::Rate;
use domain::refusal::Refusal;
use domain::time::Time;
use std::collections::BTreeMap;

/// What the auditor expects a receipt to say; ids are the engine's own.
#[derive(Clone, Debug)]
pub(super) struct Expected {
    pub outcome: Outcome,
    pub before: i64,
    pub after: i64,
    pub at: Time,
    /// A new hold, to be known by the receipt's id.
    pub placed: Option<HeldSheet>,
    /// The hold that was drawn on.
    pub drawn: Option<HoldId>,
    pub undoable: Vec<Moved>,
    pub account: AccountId,
}

#[derive(Clone, Debug)]
pub(super) struct HeldSheet {
    pub debit: AccountId,
    pub credit: AccountId,
    pub amount: Amount,
    pub captured: i64,
    pub remaining: i64,
    pub state: HoldState,
    pub expires_at: Time,
}

/// A reference that was written, and its answer once somebody has seen it.
struct Kept {
    content: String,
    expected: Expected,
    receipt: Option<Receipt>,
}

/// An instruction that can be named.
struct Known {
    moved: Vec<Moved>,
    account: AccountId,
    undone: bool,
}

/// One programme as the auditor sees it.
pub(super) struct Auditor {
    pub books: Books,
    pub outbox: Outbox,
    pub holders: BTreeMap<String, CardholderStatus>,
    /// The engine's ids of them.
    pub ids: BTreeMap<String, CardholderId>,
    pub wallets: BTreeMap<(String, Asset), AccountId>,
    pub holds: BTreeMap<HoldId, HeldSheet>,
    pub suspended: bool,
    pub repeats_refused: bool,
    pub last: Time,
    references: BTreeMap<String, Kept>,
    instructions: BTreeMap<InstructionId, Known>,
    rates: BTreeMap<(Asset, Asset), Rate>,
}

/// What the auditor says must come out.
#[derive(Debug)]
pub(super) enum Prediction {
    Done(Expected),
    Already,
    Changed,
    Fails(Fate),
}

impl Auditor {
    pub(super) fn new(books: Books, last: Time) -> Self {
        Self {
            books,
            outbox: Outbox::default(),
            holders: BTreeMap::new(),
            ids: BTreeMap::new(),
            wallets: BTreeMap::new(),
            holds: BTreeMap::new(),
            suspended: false,
            repeats_refused: false,
            last,
            references: BTreeMap::new(),
            instructions: BTreeMap::new(),
            rates: BTreeMap::new(),
        }
    }

    pub(super) fn references(&self) -> usize {
        self.references.len()
    }

    pub(super) fn instructions(&self) -> Vec<InstructionId> {
        self.instructions.keys().copied().collect()
    }

    /// Judges one call and applies it. The order is the design's: caller, reference, rules.
    pub(super) fn predict(&mut self, call: &Call, clock: Time) -> Prediction {
        let peer = matches!(call.command, Command::Peer { .. });
        let load = peer || matches!(call.command, Command::Load { .. });
        let funding = matches!(call.command, Command::Fund { .. } | Command::Payout { .. });
        if (load || (call.caller && !funding)) && self.has_caller(call) && self.suspended {
            return Prediction::Fails(Fate::Denied(Denied::ProgramSuspended));
        }
        let repeats = match call.command {
            _ if funding => Repeats::Replay,
            _ if peer => Repeats::AsProgramme,
            _ => call.repeats,
        };
        if let Some(kept) = call.reference.as_ref().and_then(|text| self.references.get(text)) {
            let refused = repeats == Repeats::AsProgramme && self.repeats_refused;
            return if kept.content != call.content() || refused {
                Prediction::Fails(Fate::Conflict)
            } else {
                Prediction::Already
            };
        }
        let before = self.books.clone();
        match self.rule(call, clock) {
            Ok(Prediction::Done(expected)) => {
                self.last = expected.at;
                // What was declined between cardholders leaves its name to the next try.
                let named = !peer || expected.outcome == Outcome::Completed;
                if let Some(text) = call.reference.as_ref().filter(|_| named) {
                    let (content, receipt) = (call.content(), None);
                    let kept = Kept { content, expected: expected.clone(), receipt };
                    self.references.insert(text.clone(), kept);
                }
                Prediction::Done(expected)
            }
            Ok(other) => other,
            Err(refusal) => {
                self.books = before;
                Prediction::Fails(Fate::Refused(refusal))
            }
        }
    }

    /// Verbs of the operator ask for no caller.
    fn has_caller(&self, call: &Call) -> bool {
        !matches!(
            call.command,
            Command::Expire { .. }
                | Command::SetStatus { .. }
                | Command::SetRate { .. }
                | Command::Update { .. }
                | Command::Webhook(_)
        )
    }

    /// Compares, and learns the ids that the engine made.
    pub(super) fn compare(&mut self, call: &Call, predicted: &Prediction, fate: &Fate) {
        match (predicted, fate) {
            (Prediction::Done(expected), Fate::Done(receipt)) => {
                self.learn(call, expected, receipt);
            }
            (Prediction::Already, Fate::Already(receipt)) => {
                let text = call.reference.as_ref().expect("only a reference repeats");
                let kept = &self.references[text];
                match &kept.receipt {
                    Some(first) => assert_eq!(first, receipt, "another answer to {call:?}"),
                    None => {
                        let expected = kept.expected.clone();
                        self.learn(call, &expected, receipt);
                    }
                }
            }
            (Prediction::Changed, Fate::Changed) => {}
            (Prediction::Changed, Fate::Made(endpoint)) => self.outbox.learn(endpoint),
            (Prediction::Fails(expected), fate) if expected == fate => {}
            _ => panic!("{call:?}\n  should be {predicted:?}\n  and was {fate:?}"),
        }
    }

    fn learn(&mut self, call: &Call, expected: &Expected, receipt: &Receipt) {
        let told = (receipt.outcome, receipt.before_minor, receipt.after_minor, receipt.at);
        let should = (expected.outcome, expected.before, expected.after, expected.at);
        assert_eq!(told, should, "{call:?} was told otherwise");
        match (&expected.placed, expected.drawn) {
            (Some(sheet), _) => {
                let id = receipt.hold.expect("a placed hold is named");
                self.holds.entry(id).or_insert_with(|| sheet.clone());
            }
            (None, drawn) => assert_eq!(receipt.hold, drawn, "{call:?}"),
        }
        let (moved, account) = (expected.undoable.clone(), expected.account);
        let known = Known { moved, account, undone: false };
        self.instructions.entry(receipt.instruction).or_insert(known);
        if let Some(kept) = call.reference.as_ref().and_then(|text| self.references.get_mut(text)) {
            kept.receipt = Some(*receipt);
        }
    }

    fn rule(&mut self, call: &Call, clock: Time) -> Result<Prediction, Refusal> {
        let at = clock.max(self.last);
        if let Command::Webhook(asked) = &call.command {
            if self.outbox.judge(asked, at, clock)? {
                self.last = at;
            }
            return Ok(Prediction::Changed);
        }
        rules::judge(self, call, at)
    }
}
