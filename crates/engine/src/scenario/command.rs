//! Every verb as data, so that a generator can draw it, the engine run it and the auditor judge it.

use super::webhook::Webhook;
use super::{Programme, name};
use crate::admitted::By;
use crate::error::Error;
use crate::hold::{CaptureHold, PlaceHold, VoidHold};
use crate::instruction::Receipt;
use crate::once::{Idempotent, Repeats};
use crate::program::UpdateProgram;
use crate::transfer::{
    Convert, CreateTransfer, Direction, Fund, Leg, LinkedTransfers, Load, OnInsufficient, Party,
    PeerTransfer, Reverse,
};
use domain::account::AccountKey;
use domain::asset::Asset;
use domain::cardholder::{CardholderStatus, DocumentKind};
use domain::credential::Denied;
use domain::endpoint::Endpoint;
use domain::hold::Completion;
use domain::id::{AccountId, HoldId, InstructionId};
use domain::instruction::Outcome;
use domain::money::Amount;
use domain::program::{DuplicatePolicy, ProgramStatus};
use domain::rate::{Rate, Rounding};
use domain::refusal::Refusal;
use domain::secret::Secret;
use std::time::Duration;

/// The document of a cardholder's.
pub(super) fn document_of(number: &str) -> String {
    format!("D{number}")
}

#[derive(Clone, Debug)]
pub(super) enum Command {
    Load {
        number: String,
        direction: Direction,
        amount: Amount,
    },
    /// `document` is what is said of the payee's.
    Peer {
        payer: String,
        payee: String,
        document: String,
        amount: Amount,
    },
    Fund {
        account: AccountKey,
        amount: Amount,
    },
    Payout {
        account: AccountKey,
        amount: Amount,
    },
    Transfer {
        debit: AccountId,
        credit: AccountId,
        amount: Amount,
        poor: OnInsufficient,
    },
    Linked {
        legs: Vec<Leg>,
    },
    Convert {
        debit: AccountId,
        credit: AccountId,
        amount: Amount,
        to: Asset,
        rounding: Rounding,
    },
    Reverse {
        instruction: InstructionId,
    },
    Place {
        debit: AccountId,
        credit: AccountId,
        amount: Amount,
        life: Option<Duration>,
    },
    Capture {
        hold: HoldId,
        amount: Amount,
        completion: Completion,
    },
    Void {
        hold: HoldId,
    },
    Expire {
        hold: HoldId,
    },
    SetStatus {
        number: String,
        status: CardholderStatus,
    },
    SetRate {
        from: Asset,
        to: Asset,
        rate: Rate,
    },
    Update {
        status: Option<ProgramStatus>,
        duplicate: Option<DuplicatePolicy>,
    },
    Webhook(Webhook),
}

#[derive(Clone, Debug)]
pub(super) struct Call {
    /// Which of the programmes.
    pub program: usize,
    /// The programme's credential, or the operator.
    pub caller: bool,
    pub command: Command,
    pub remark: String,
    pub reference: Option<String>,
    pub repeats: Repeats,
}

/// What a caller was told.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Fate {
    Done(Receipt),
    Already(Receipt),
    /// Of a verb without a receipt.
    Changed,
    Made(Box<Endpoint>),
    Refused(Refusal),
    Denied(Denied),
    Conflict,
    Unknown,
    Unavailable,
    Other(String),
}

impl Fate {
    /// Its kind, for counting.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Done(Receipt { outcome: Outcome::Declined(_), .. }) => "declined",
            Self::Done(_) => "done",
            Self::Already(_) => "already",
            Self::Changed => "changed",
            Self::Made(_) => "made",
            Self::Refused(refusal) => refusal.word(),
            Self::Denied(_) => "denied",
            Self::Conflict => "conflict",
            Self::Unknown => "unknown",
            Self::Unavailable => "unavailable",
            Self::Other(_) => "other",
        }
    }

    fn of(answer: Result<Idempotent<Receipt>, Error>) -> Self {
        match answer {
            Ok(Idempotent::Done(receipt)) => Self::Done(receipt),
            Ok(Idempotent::AlreadyDone(receipt)) => Self::Already(receipt),
            Err(error) => Self::failed(&error),
        }
    }

    fn changed<T>(answer: Result<T, Error>) -> Self {
        answer.map_or_else(|error| Self::failed(&error), |_| Self::Changed)
    }

    fn failed(error: &Error) -> Self {
        match error {
            Error::Refused(refusal) => Self::Refused(*refusal),
            Error::Denied(denied) => Self::Denied(*denied),
            Error::Conflict => Self::Conflict,
            Error::Unknown => Self::Unknown,
            Error::Unavailable => Self::Unavailable,
            other => Self::Other(other.to_string()),
        }
    }
}

impl Call {
    /// What two calls under one reference must share to be one call. How to fail is no content.
    pub(super) fn content(&self) -> String {
        let command = match &self.command {
            Command::Transfer { debit, credit, amount, .. } => {
                format!("Transfer {debit} {credit} {amount:?}")
            }
            Command::Load { number, direction, amount } => {
                return format!("Load {number} {direction:?} {amount:?}");
            }
            Command::Peer { payer, payee, amount, .. } => {
                return format!("Peer {payer} {payee} {amount:?}");
            }
            Command::Place { debit, credit, amount, life } => {
                let life = life.unwrap_or(domain::hold::LIFE_DEFAULT);
                format!("Place {debit} {credit} {amount:?} {life:?}")
            }
            other => format!("{other:?}"),
        };
        format!("{command} {:?}", self.remark)
    }

    pub(super) async fn run(&self, programme: &Programme) -> Fate {
        let engine = &programme.engine;
        let id = programme.id;
        match &self.command {
            Command::Expire { hold } => Fate::changed(engine.expire_hold(id, *hold).await),
            Command::SetStatus { number, status } => {
                Fate::changed(engine.set_cardholder_status(id, number, *status).await)
            }
            Command::SetRate { from, to, rate } => {
                Fate::changed(engine.set_rate(id, *from, *to, *rate).await)
            }
            Command::Update { status, duplicate } => {
                let (status, duplicate) = (*status, *duplicate);
                let update = UpdateProgram { status, mode: None, duplicate };
                Fate::changed(engine.update_program(id, update).await)
            }
            Command::Webhook(asked) => match asked.clone().run(programme).await {
                Ok(Some(made)) => Fate::Made(Box::new(made)),
                answer => Fate::changed(answer),
            },
            _ => Fate::of(self.run_once(programme).await),
        }
    }

    async fn run_once(&self, programme: &Programme) -> Result<Idempotent<Receipt>, Error> {
        let (engine, id) = (&programme.engine, programme.id);
        let by = if self.caller { programme.by() } else { By::Operator };
        let remark = self.remark.clone();
        let named = self.reference.as_deref().map(name);
        let reference = named.clone().map(|name| (name, self.repeats));
        match self.command.clone() {
            Command::Load { number, direction, amount } => {
                let reference = named.expect("a load always has a reference");
                let (cardholder_number, repeats) = (number, self.repeats);
                let load = Load { cardholder_number, direction, amount, reference, repeats };
                engine.load(programme.caller(), load).await
            }
            Command::Peer { payer, payee, document, amount } => {
                let party = |number: String, document: String| Party {
                    cardholder: engine.cardholder_id(id, &number),
                    unique_number: number,
                    document_kind: DocumentKind::Passport,
                    document_number: Secret::new(document),
                };
                let transfer = PeerTransfer {
                    payer: party(payer.clone(), document_of(&payer)),
                    payee: party(payee, document),
                    amount,
                    remark,
                    end_to_end_id: self.reference.clone().unwrap_or_default(),
                    reference: named.expect("a peer transfer always has a reference"),
                };
                engine.peer_transfer(programme.caller(), transfer).await
            }
            Command::Fund { account, amount } => {
                engine.fund(id, Fund { account, amount, remark, reference: named }).await
            }
            Command::Payout { account, amount } => {
                engine.pay_out(id, Fund { account, amount, remark, reference: named }).await
            }
            Command::Transfer { debit, credit, amount, poor } => {
                let on_insufficient = poor;
                let command =
                    CreateTransfer { debit, credit, amount, on_insufficient, remark, reference };
                engine.create_transfer(id, by, command).await
            }
            Command::Linked { legs } => {
                engine.create_linked(id, by, LinkedTransfers { legs, remark, reference }).await
            }
            Command::Convert { debit, credit, amount, to, rounding } => {
                let command = Convert { debit, credit, amount, to, rounding, remark, reference };
                engine.convert(id, by, command).await
            }
            Command::Reverse { instruction } => {
                engine.reverse(id, by, Reverse { instruction, remark, reference }).await
            }
            Command::Place { debit, credit, amount, life } => {
                let command = PlaceHold { debit, credit, amount, life, remark, reference };
                engine.place_hold(id, by, command).await
            }
            Command::Capture { hold, amount, completion } => {
                let command = CaptureHold { hold, amount, completion, remark, reference };
                engine.capture_hold(id, by, command).await
            }
            Command::Void { hold } => {
                engine.void_hold(id, by, VoidHold { hold, remark, reference }).await
            }
            Command::Expire { .. }
            | Command::SetStatus { .. }
            | Command::SetRate { .. }
            | Command::Update { .. }
            | Command::Webhook(_) => unreachable!("they have no receipt"),
        }
    }
}
