//! The verbs that cases speak: each declares its reads and appends one step to a [`Work`].

use super::work::{Stop, Work, tell};
use crate::rows::{Keyed, Logged};
use crate::unit::{Lock, Scope};
use domain::account::{Account, AccountKey, Owner};
use domain::event::EventKind;
use domain::hold::{Completion, Draw, Hold, HoldRefusal};
use domain::id::{AccountId, HoldId, InstructionId, TransferId};
use domain::instruction::{Decline, Instruction, InstructionKind, Outcome};
use domain::money::{Amount, Money};
use domain::rate::Conversion;
use domain::stamp::Stamp;
use domain::time::Time;
use domain::transfer::{self, Cause, Draft, Moved, Refusal, TransferKind};

/// One movement of a linked group.
#[derive(Clone, Copy, Debug)]
pub struct Leg {
    pub debit: AccountId,
    pub credit: AccountId,
    pub minor: i64,
    pub conversion: Option<Conversion>,
}

/// A hold to be placed, under an id of the test's own.
#[derive(Clone, Copy, Debug)]
pub struct Reserve {
    pub id: HoldId,
    pub debit: AccountId,
    pub credit: AccountId,
    pub minor: i64,
    pub expires_at: Time,
}

/// How a hold is drawn on.
#[derive(Clone, Copy, Debug)]
enum Ending {
    Capture(i64, Completion),
    Void,
    Expire,
}

impl Work {
    /// Adds a row, and writes an event.
    #[must_use]
    pub fn insert<N: Keyed>(self, row: N) -> Self
    where
        N::Id: Send + 'static,
    {
        let subject = N::id_bytes(row.id());
        self.reads::<N>(row.id(), Lock::Exclusive).step(move |scope, stamp| {
            scope.add(row.clone());
            tell(scope, stamp, EventKind::ProgramUpdated, subject);
            Ok(())
        })
    }

    /// Changes a row, and writes an event.
    #[must_use]
    pub fn put<N: Keyed>(self, row: N) -> Self
    where
        N::Id: Send + 'static,
    {
        let subject = N::id_bytes(row.id());
        self.reads::<N>(row.id(), Lock::Exclusive).step(move |scope, stamp| {
            scope.put(row.clone());
            tell(scope, stamp, EventKind::ProgramUpdated, subject);
            Ok(())
        })
    }

    /// Adds a row or changes the one that is there, and writes an event.
    #[must_use]
    pub fn set<N: Keyed<Id: Send>>(self, row: N) -> Self {
        let subject = N::id_bytes(row.id());
        self.reads::<N>(row.id(), Lock::Exclusive).step(move |scope, stamp| {
            if scope.get::<N>(row.id()).is_some() {
                scope.put(row.clone());
            } else {
                scope.add(row.clone());
            }
            tell(scope, stamp, EventKind::ProgramUpdated, subject);
            Ok(())
        })
    }

    /// Adds a row whose absence is not looked at, as rows with generated keys are.
    #[must_use]
    pub fn insert_fresh<N: Keyed>(self, row: N) -> Self {
        self.event().step(move |scope, _| {
            scope.add(row.clone());
            Ok(())
        })
    }

    /// Appends a row as it is, wherever its place lies.
    #[must_use]
    pub fn append<N: Logged>(self, row: N) -> Self {
        self.event().step(move |scope, _| {
            scope.append(row.clone());
            Ok(())
        })
    }

    /// Writes nothing but the event that an applied unit owes.
    #[must_use]
    pub fn event(self) -> Self {
        self.step(|scope, stamp| {
            tell(scope, stamp, EventKind::ProgramUpdated, [0x55; 16]);
            Ok(())
        })
    }

    /// Opens an account, unless it is there.
    #[must_use]
    pub fn open(self, key: AccountKey, floor: Option<i64>) -> Self {
        let id = key.id();
        self.reads::<Account>(id, Lock::Exclusive).step(move |scope, stamp| {
            if scope.get::<Account>(id).is_none() {
                scope.add(Account::open(key, floor, scope.at()));
                tell(scope, stamp, EventKind::AccountOpened, *id.bytes());
            }
            Ok(())
        })
    }

    #[must_use]
    pub fn post(self, debit: AccountId, credit: AccountId, minor: i64) -> Self {
        let conversion = None;
        self.legs(&[Leg { debit, credit, minor, conversion }])
    }

    /// Moves along every leg or along none: one instruction.
    #[must_use]
    pub fn legs(mut self, legs: &[Leg]) -> Self {
        for id in legs.iter().flat_map(|leg| [leg.debit, leg.credit]) {
            self = self.reads::<Account>(id, Lock::Exclusive);
        }
        let legs = legs.to_vec();
        self.step(move |scope, stamp| post_legs(scope, stamp, &legs))
    }

    #[must_use]
    pub fn hold(self, wish: Reserve) -> Self {
        self.reads::<Account>(wish.debit, Lock::Exclusive)
            .reads::<Account>(wish.credit, Lock::Exclusive)
            .reads::<Hold>(wish.id, Lock::Exclusive)
            .step(move |scope, stamp| place(scope, stamp, &wish))
    }

    /// Draws on a hold between two accounts, which never change and so are known before.
    #[must_use]
    pub fn capture(self, of: &Reserve, minor: i64, completion: Completion) -> Self {
        self.ending(of, Ending::Capture(minor, completion))
    }

    #[must_use]
    pub fn void(self, of: &Reserve) -> Self {
        self.ending(of, Ending::Void)
    }

    #[must_use]
    pub fn expire(self, of: &Reserve) -> Self {
        self.ending(of, Ending::Expire)
    }

    fn ending(self, of: &Reserve, ending: Ending) -> Self {
        let of = *of;
        self.reads::<Account>(of.debit, Lock::Exclusive)
            .reads::<Account>(of.credit, Lock::Exclusive)
            .reads::<Hold>(of.id, Lock::Exclusive)
            .step(move |scope, stamp| end(scope, stamp, &of, ending))
    }

    /// Records that a movement was asked for and declined: an answer that commits.
    #[must_use]
    pub fn declined(self, account: AccountId, minor: i64) -> Self {
        self.reads::<Account>(account, Lock::Exclusive).step(move |scope, stamp| {
            let account = *scope.get::<Account>(account).ok_or(Refusal::DebitAccountMissing)?;
            let asked = Asked::new(stamp, InstructionKind::Transfer);
            let outcome = Outcome::Declined(Decline::InsufficientFunds);
            let amount = amount_of(&account, minor);
            asked.answer(scope, stamp, outcome, amount, (&account, &account), 0);
            Ok(())
        })
    }

    /// A movement under a name of its caller's that is not unique; declined where it can't be paid.
    #[must_use]
    pub fn peer(self, debit: AccountId, credit: AccountId, minor: i64, name: &str) -> Self {
        let name = name.to_owned();
        let reads = self.reads::<Account>(debit, Lock::Exclusive);
        reads.reads::<Account>(credit, Lock::Exclusive).step(move |scope, stamp| {
            let (payer, payee) = pair(scope, debit, credit)?;
            let mut asked = Asked::new(stamp, InstructionKind::Peer);
            asked.counterparty = Some(credit);
            asked.end_to_end_id = Some(name.clone());
            let amount = amount_of(&payer, minor);
            // What is declined takes no place for a transfer.
            if payer.available().minor < minor {
                let outcome = Outcome::Declined(Decline::InsufficientFunds);
                asked.answer(scope, stamp, outcome, amount, (&payer, &payer), 0);
                return Ok(());
            }
            let draft = asked.draft(scope, TransferId::from_bytes(stamp.id()));
            let moved = transfer::post(draft, &payer, &payee, amount)?;
            write(scope, &moved);
            asked.answer(scope, stamp, Outcome::Completed, amount, (&payer, &moved.debit), 1);
            Ok(())
        })
    }

    /// A business "no" after whatever the steps before did.
    #[must_use]
    pub fn refuse(self) -> Self {
        self.step(|_, _| Err(Refusal::InsufficientFunds.into()))
    }

    #[must_use]
    pub fn stale(self) -> Self {
        self.step(|_, _| Err(Stop::Stale))
    }

    /// A bug after whatever the steps before did.
    #[must_use]
    pub fn panics(self) -> Self {
        // Without the hook, which would print each of them.
        self.step(|_, _| std::panic::resume_unwind(Box::new("planted by the suite")))
    }
}

fn amount_of(account: &Account, minor: i64) -> Amount {
    Amount::new(Money::new(minor, account.asset)).expect("cases move more than nothing")
}

fn pair(
    scope: &Scope<'_>,
    debit: AccountId,
    credit: AccountId,
) -> Result<(Account, Account), Refusal> {
    let debit = scope.get::<Account>(debit);
    let credit = scope.get::<Account>(credit);
    Ok((*debit.ok_or(Refusal::DebitAccountMissing)?, *credit.ok_or(Refusal::CreditAccountMissing)?))
}

/// An instruction that was given its id, but not yet its answer and its place: as the engine does
/// it, what it moves stands before it.
struct Asked {
    kind: InstructionKind,
    id: InstructionId,
    counterparty: Option<AccountId>,
    end_to_end_id: Option<String>,
}

impl Asked {
    fn new(stamp: &mut Stamp, kind: InstructionKind) -> Self {
        let id = InstructionId::from_bytes(stamp.id());
        Self { kind, id, counterparty: None, end_to_end_id: None }
    }

    fn draft(&self, scope: &mut Scope<'_>, id: TransferId) -> Draft {
        Draft {
            id,
            place: scope.place(),
            link: None,
            cause: Cause::Instruction(self.id),
            conversion: None,
            expires_at: None,
            at: scope.at(),
        }
    }

    /// `sides` is the acting account before and after.
    fn answer(
        self,
        scope: &mut Scope<'_>,
        stamp: &mut Stamp,
        outcome: Outcome,
        amount: Amount,
        sides: (&Account, &Account),
        transfers: u16,
    ) {
        let (before, after) = sides;
        let kind = match outcome {
            Outcome::Completed => EventKind::InstructionCompleted,
            Outcome::Declined(_) => EventKind::InstructionDeclined,
        };
        let cardholder = match before.owner {
            Owner::Cardholder(id) => Some(id),
            _ => None,
        };
        let row = Instruction {
            id: self.id,
            program: scope.program(),
            place: scope.place(),
            kind: self.kind,
            outcome,
            amount,
            account: before.id,
            counterparty: self.counterparty,
            cardholder,
            before_minor: before.available().minor,
            after_minor: after.available().minor,
            reference: None,
            undoes: None,
            remark: String::new(),
            transfers,
            at: scope.at(),
            end_to_end_id: self.end_to_end_id,
        };
        scope.append(row);
        tell(scope, stamp, kind, *self.id.bytes());
    }
}

fn write(scope: &mut Scope<'_>, moved: &Moved) {
    scope.put(moved.debit);
    scope.put(moved.credit);
    scope.append(moved.transfer);
    for entry in moved.entries {
        scope.append(entry);
    }
}

fn post_legs(scope: &mut Scope<'_>, stamp: &mut Stamp, legs: &[Leg]) -> Result<(), Stop> {
    let mut asked = Asked::new(stamp, InstructionKind::Transfer);
    // An account has one counterparty where there is one leg.
    asked.counterparty = match legs {
        [leg] => Some(leg.credit),
        _ => None,
    };
    let mut first: Option<(TransferId, Amount, Account)> = None;
    let mut count = 0;
    for leg in legs {
        let (debit, credit) = pair(scope, leg.debit, leg.credit)?;
        let amount = amount_of(&debit, leg.minor);
        let mut draft = asked.draft(scope, TransferId::from_bytes(stamp.id()));
        draft.link = first.map(|(id, ..)| id);
        draft.conversion = leg.conversion;
        let moved = transfer::post(draft, &debit, &credit, amount)?;
        write(scope, &moved);
        first = first.or(Some((moved.transfer.id, amount, debit)));
        count += 1;
    }
    let (_, amount, before) = first.expect("cases move along one leg at least");
    let after = *scope.get::<Account>(before.id).expect("it was just put");
    asked.answer(scope, stamp, Outcome::Completed, amount, (&before, &after), count);
    Ok(())
}

fn place(scope: &mut Scope<'_>, stamp: &mut Stamp, wish: &Reserve) -> Result<(), Stop> {
    let (debit, credit) = pair(scope, wish.debit, wish.credit)?;
    if scope.get::<Hold>(wish.id).is_some() {
        return Err(Stop::Stale);
    }
    let amount = amount_of(&debit, wish.minor);
    let asked = Asked::new(stamp, InstructionKind::Hold);
    let expires_at = Some(wish.expires_at);
    let draft = Draft { expires_at, ..asked.draft(scope, wish.id.transfer()) };
    let moved = transfer::hold(draft, &debit, &credit, amount)?;
    let hold = Hold::place(&moved.transfer, &debit, &credit, amount)?;
    write(scope, &moved);
    scope.add(hold);
    asked.answer(scope, stamp, Outcome::Completed, amount, (&debit, &moved.debit), 1);
    Ok(())
}

fn end(scope: &mut Scope<'_>, stamp: &mut Stamp, of: &Reserve, ending: Ending) -> Result<(), Stop> {
    let hold = *scope.get::<Hold>(of.id).ok_or(HoldRefusal::Missing)?;
    if (hold.debit, hold.credit) != (of.debit, of.credit) {
        // Another hold of this id: its accounts are not the ones that were declared.
        return Err(Stop::Stale);
    }
    let (debit, credit) = pair(scope, hold.debit, hold.credit)?;
    let (kind, (after, draw)) = match ending {
        Ending::Capture(minor, completion) => {
            let part = amount_of(&debit, minor);
            (TransferKind::Capture, hold.capture(part, completion)?)
        }
        Ending::Void => (TransferKind::Void, hold.void()?),
        Ending::Expire => (TransferKind::Expire, hold.expire(scope.at())?),
    };
    if kind == TransferKind::Expire {
        return expired(scope, stamp, &after, draw, (&debit, &credit));
    }
    let asked = Asked::new(stamp, asked_for(kind));
    let draft = asked.draft(scope, TransferId::from_bytes(stamp.id()));
    let moved = transfer::draw(draft, kind, &after, &debit, &credit, draw)?;
    write(scope, &moved);
    scope.put(after);
    let amount = Amount::new(moved.transfer.amount).expect("a draw moves or lets go");
    asked.answer(scope, stamp, Outcome::Completed, amount, (&debit, &moved.debit), 1);
    Ok(())
}

const fn asked_for(kind: TransferKind) -> InstructionKind {
    match kind {
        TransferKind::Capture => InstructionKind::Capture,
        _ => InstructionKind::Void,
    }
}

/// Nobody asked for an expiry, so it has no instruction.
fn expired(
    scope: &mut Scope<'_>,
    stamp: &mut Stamp,
    after: &Hold,
    drawn: Draw,
    sides: (&Account, &Account),
) -> Result<(), Stop> {
    let draft = Draft {
        id: TransferId::from_bytes(stamp.id()),
        place: scope.place(),
        link: None,
        cause: Cause::Expiry,
        conversion: None,
        expires_at: None,
        at: scope.at(),
    };
    let moved = transfer::draw(draft, TransferKind::Expire, after, sides.0, sides.1, drawn)?;
    write(scope, &moved);
    scope.put(*after);
    tell(scope, stamp, EventKind::HoldExpired, *after.id.bytes());
    Ok(())
}
