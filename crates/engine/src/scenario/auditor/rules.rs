//! The rules of each verb, as the design tells them.

use super::{Auditor, Expected, HeldSheet, Moved, Prediction};
use crate::scenario::command::{Call, Command, document_of};
use crate::transfer::{Direction, Leg, OnInsufficient};
use domain::account::{AccountKey, AccountKind};
use domain::asset::Asset;
use domain::cardholder::{CardholderRefusal, CardholderStatus};
use domain::hold::{Completion, HoldRefusal, HoldState};
use domain::id::{AccountId, HoldId, InstructionId};
use domain::instruction::{Decline, InstructionRefusal, Outcome};
use domain::money::Amount;
use domain::program::{DuplicatePolicy, ProgramStatus};
use domain::rate::Rounding;
use domain::refusal::Refusal;
use domain::time::Time;
use domain::transfer;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What a verb did, from which the receipt follows.
struct Effect {
    account: AccountId,
    moved: Vec<Moved>,
    outcome: Outcome,
    placed: Option<HeldSheet>,
    drawn: Option<HoldId>,
}

impl Effect {
    const fn posted(account: AccountId, moved: Vec<Moved>) -> Self {
        Self { account, moved, outcome: Outcome::Completed, placed: None, drawn: None }
    }
}

pub(super) fn judge(books: &mut Auditor, call: &Call, at: Time) -> Result<Prediction, Refusal> {
    if let Some(changed) = settings(books, &call.command, at)? {
        return Ok(changed);
    }
    if call.remark.len() > 1_020 && !matches!(call.command, Command::Load { .. }) {
        return Err(InstructionRefusal::RemarkTooLong.into());
    }
    let subject = subject(books, &call.command);
    let before = books.books.available(subject);
    let effect = effect(books, &call.command, at)?;
    let after = books.books.available(effect.account);
    let declined = effect.outcome != Outcome::Completed;
    Ok(Prediction::Done(Expected {
        outcome: effect.outcome,
        before,
        after: if declined { before } else { after },
        at,
        placed: effect.placed,
        drawn: effect.drawn,
        undoable: effect.moved,
        account: effect.account,
    }))
}

/// Verbs that change a setting, or nothing where it is so already.
fn settings(
    books: &mut Auditor,
    command: &Command,
    at: Time,
) -> Result<Option<Prediction>, Refusal> {
    let changes = match command {
        Command::Expire { hold } => {
            expire(books, *hold, at)?;
            true
        }
        Command::SetStatus { number, status } => {
            let holder = books.holders.get_mut(number).ok_or(CardholderRefusal::Missing)?;
            core::mem::replace(holder, *status) != *status
        }
        Command::SetRate { from, to, rate } => {
            books.rates.insert((*from, *to), *rate) != Some(*rate)
        }
        Command::Update { status, duplicate } => {
            let suspended = status.map_or(books.suspended, |s| s == ProgramStatus::Suspended);
            let refused = duplicate.map_or(books.repeats_refused, |d| d == DuplicatePolicy::Refuse);
            let before = (books.suspended, books.repeats_refused);
            (books.suspended, books.repeats_refused) = (suspended, refused);
            before != (suspended, refused)
        }
        _ => return Ok(None),
    };
    if changes {
        books.last = at;
    }
    Ok(Some(Prediction::Changed))
}

/// The account that the receipt is about.
fn subject(books: &Auditor, command: &Command) -> AccountId {
    let none = AccountId::from_bytes([0; 16]);
    let held = |hold: &HoldId| books.holds.get(hold).map_or(none, |sheet| sheet.debit);
    match command {
        Command::Load { number, amount, .. } | Command::Peer { payer: number, amount, .. } => {
            wallet(books, number, amount.asset())
        }
        Command::Fund { account, .. } | Command::Payout { account, .. } => account.id(),
        Command::Transfer { debit, .. }
        | Command::Convert { debit, .. }
        | Command::Place { debit, .. } => *debit,
        Command::Linked { legs } => legs.first().map_or(none, |leg| leg.debit),
        Command::Reverse { instruction } => {
            books.instructions.get(instruction).map_or(none, |known| known.account)
        }
        Command::Capture { hold, .. } | Command::Void { hold } => held(hold),
        _ => none,
    }
}

fn own(books: &Auditor, kind: AccountKind, asset: Asset) -> AccountId {
    AccountKey::own(books.books.program, kind, asset).id()
}

/// The account that was opened under this number; the keys are the engine's.
fn wallet(books: &Auditor, number: &str, asset: Asset) -> AccountId {
    let found = books.wallets.get(&(number.to_owned(), asset));
    found.copied().unwrap_or(AccountId::from_bytes([0; 16]))
}

fn effect(books: &mut Auditor, command: &Command, at: Time) -> Result<Effect, Refusal> {
    match command {
        Command::Load { number, direction, amount } => load(books, number, *direction, *amount),
        Command::Peer { payer, payee, document, amount } => {
            peer(books, (payer, payee), document, *amount)
        }
        Command::Fund { account, amount } => {
            let outside = own(books, AccountKind::External, amount.asset());
            post(books, account.id(), (outside, account.id()), *amount)
        }
        Command::Payout { account, amount } => {
            let outside = own(books, AccountKind::External, amount.asset());
            post(books, account.id(), (account.id(), outside), *amount)
        }
        Command::Transfer { debit, credit, amount, poor } => {
            match post(books, *debit, (*debit, *credit), *amount) {
                Err(Refusal::Transfer(transfer::Refusal::InsufficientFunds))
                    if *poor == OnInsufficient::Decline =>
                {
                    let outcome = Outcome::Declined(Decline::InsufficientFunds);
                    Ok(Effect { outcome, ..Effect::posted(*debit, Vec::new()) })
                }
                other => other,
            }
        }
        Command::Linked { legs } => linked(books, legs),
        Command::Convert { debit, credit, amount, to, rounding } => {
            convert(books, (*debit, *credit), *amount, *to, *rounding)
        }
        Command::Reverse { instruction } => reverse(books, *instruction),
        Command::Place { debit, credit, amount, life } => {
            place(books, (*debit, *credit), *amount, life.unwrap_or(7 * DAY), at)
        }
        Command::Capture { hold, amount, completion } => {
            capture(books, *hold, *amount, *completion)
        }
        Command::Void { hold } => end(books, *hold, HoldState::Voided),
        _ => unreachable!("settings have no receipt"),
    }
}

fn post(
    books: &mut Auditor,
    account: AccountId,
    (debit, credit): (AccountId, AccountId),
    amount: Amount,
) -> Result<Effect, Refusal> {
    let moved = books.books.post(debit, credit, amount.minor(), amount.asset())?;
    Ok(Effect::posted(account, vec![moved]))
}

fn load(
    books: &mut Auditor,
    number: &str,
    direction: Direction,
    amount: Amount,
) -> Result<Effect, Refusal> {
    let status = *books.holders.get(number).ok_or(CardholderRefusal::Missing)?;
    let reserve = own(books, AccountKind::Reserve, amount.asset());
    let wallet = wallet(books, number, amount.asset());
    match direction {
        Direction::In if status != CardholderStatus::Approved => {
            Err(CardholderRefusal::NotApproved.into())
        }
        Direction::In => post(books, wallet, (reserve, wallet), amount),
        Direction::Out => post(books, wallet, (wallet, reserve), amount),
    }
}

/// Both are who the caller says and approved; wallets are opened where they are missing.
fn peer(
    books: &mut Auditor,
    (payer, payee): (&str, &str),
    document: &str,
    amount: Amount,
) -> Result<Effect, Refusal> {
    for (number, document) in [(payer, document_of(payer)), (payee, document.to_owned())] {
        let status = *books.holders.get(number).ok_or(CardholderRefusal::Missing)?;
        if document != document_of(number) {
            return Err(CardholderRefusal::IdentityMismatch.into());
        }
        if status != CardholderStatus::Approved {
            return Err(CardholderRefusal::NotApproved.into());
        }
    }
    if payer == payee {
        return Err(transfer::Refusal::SameAccount.into());
    }
    let keys = [payer, payee].map(|number| {
        let (program, id) = (books.books.program, books.ids[number]);
        (number, AccountKey::wallet(program, id, amount.asset()))
    });
    for (number, key) in keys {
        if !books.books.sheets.contains_key(&key.id()) {
            books.books.open(key);
            books.wallets.insert((number.to_owned(), key.asset), key.id());
        }
    }
    let [debit, credit] = keys.map(|(_, key)| key.id());
    match post(books, debit, (debit, credit), amount) {
        Err(Refusal::Transfer(transfer::Refusal::InsufficientFunds)) => {
            let outcome = Outcome::Declined(Decline::InsufficientFunds);
            Ok(Effect { outcome, ..Effect::posted(debit, Vec::new()) })
        }
        other => other,
    }
}

fn linked(books: &mut Auditor, legs: &[Leg]) -> Result<Effect, Refusal> {
    if legs.is_empty() || legs.len() > 64 {
        return Err(InstructionRefusal::BadLegCount.into());
    }
    let mut moved = Vec::new();
    for leg in legs {
        let (minor, asset) = (leg.amount.minor(), leg.amount.asset());
        moved.push(books.books.post(leg.debit, leg.credit, minor, asset)?);
    }
    Ok(Effect::posted(legs[0].debit, moved))
}

fn convert(
    books: &mut Auditor,
    (debit, credit): (AccountId, AccountId),
    amount: Amount,
    to: Asset,
    rounding: Rounding,
) -> Result<Effect, Refusal> {
    let from = amount.asset();
    books.books.check(debit, credit, from, to)?;
    let rate = books.rates.get(&(from, to)).ok_or(transfer::Refusal::RateMissing)?;
    let scale = |power: u32| 10i128.pow(power);
    let whole = i128::from(amount.minor()) * i128::from(rate.mantissa());
    let product = whole * scale(u32::from(to.exponent()));
    let unit = scale(u32::from(rate.scale()) + u32::from(from.exponent()));
    let (floor, rest) = (product / unit, product % unit);
    let up = match rounding {
        Rounding::Up => rest > 0,
        Rounding::Down => false,
        Rounding::HalfEven => 2 * rest > unit || (2 * rest == unit && floor % 2 == 1),
    };
    let received = floor + i128::from(up);
    let received = i64::try_from(received).map_err(|_| transfer::Refusal::Overflow)?;
    if received == 0 {
        return Err(transfer::Refusal::TooSmallToConvert.into());
    }
    let near = own(books, AccountKind::Exchange, from);
    let far = own(books, AccountKind::Exchange, to);
    let paid = books.books.post(debit, near, amount.minor(), from)?;
    let got = books.books.post(far, credit, received, to)?;
    Ok(Effect::posted(debit, vec![paid, got]))
}

fn reverse(books: &mut Auditor, id: InstructionId) -> Result<Effect, Refusal> {
    let known = books.instructions.get(&id).ok_or(InstructionRefusal::Missing)?;
    if known.moved.is_empty() {
        return Err(InstructionRefusal::NotReversible.into());
    }
    if known.undone {
        return Err(InstructionRefusal::AlreadyReversed.into());
    }
    let (account, moved) = (known.account, known.moved.clone());
    for leg in moved.iter().rev() {
        books.books.change(leg.credit, leg.debit, leg.minor, 0)?;
    }
    if let Some(known) = books.instructions.get_mut(&id) {
        known.undone = true;
    }
    // A reversal can't be undone itself.
    Ok(Effect::posted(account, Vec::new()))
}

fn place(
    books: &mut Auditor,
    (debit, credit): (AccountId, AccountId),
    amount: Amount,
    life: Duration,
    at: Time,
) -> Result<Effect, Refusal> {
    if life.is_zero() || life > 31 * DAY {
        return Err(HoldRefusal::BadExpiry.into());
    }
    books.books.check(debit, credit, amount.asset(), amount.asset())?;
    books.books.change(debit, credit, 0, amount.minor())?;
    let sheet = HeldSheet {
        debit,
        credit,
        amount,
        captured: 0,
        remaining: amount.minor(),
        state: HoldState::Open,
        expires_at: at.plus(life),
    };
    Ok(Effect { placed: Some(sheet), ..Effect::posted(debit, Vec::new()) })
}

fn open_hold(books: &Auditor, id: HoldId) -> Result<HeldSheet, HoldRefusal> {
    let sheet = books.holds.get(&id).ok_or(HoldRefusal::Missing)?;
    match sheet.state {
        HoldState::Open => Ok(sheet.clone()),
        HoldState::Captured => Err(HoldRefusal::AlreadyCaptured),
        HoldState::Voided => Err(HoldRefusal::AlreadyVoided),
        HoldState::Expired => Err(HoldRefusal::AlreadyExpired),
    }
}

fn capture(
    books: &mut Auditor,
    id: HoldId,
    part: Amount,
    completion: Completion,
) -> Result<Effect, Refusal> {
    let mut sheet = open_hold(books, id)?;
    if part.asset() != sheet.amount.asset() {
        return Err(HoldRefusal::AssetMismatch.into());
    }
    if part.minor() > sheet.remaining {
        return Err(HoldRefusal::ExceedsRemaining.into());
    }
    let last = completion == Completion::Final || part.minor() == sheet.remaining;
    let released = if last { sheet.remaining } else { part.minor() };
    books.books.change(sheet.debit, sheet.credit, part.minor(), -released)?;
    sheet.captured += part.minor();
    sheet.remaining -= released;
    if last {
        sheet.state = HoldState::Captured;
    }
    Ok(drawn(books, id, sheet))
}

fn end(books: &mut Auditor, id: HoldId, state: HoldState) -> Result<Effect, Refusal> {
    let mut sheet = open_hold(books, id)?;
    books.books.change(sheet.debit, sheet.credit, 0, -sheet.remaining)?;
    sheet.remaining = 0;
    sheet.state = state;
    Ok(drawn(books, id, sheet))
}

fn expire(books: &mut Auditor, id: HoldId, at: Time) -> Result<(), Refusal> {
    if at < open_hold(books, id)?.expires_at {
        return Err(HoldRefusal::NotYetExpired.into());
    }
    end(books, id, HoldState::Expired).map(drop)
}

fn drawn(books: &mut Auditor, id: HoldId, sheet: HeldSheet) -> Effect {
    let account = sheet.debit;
    books.holds.insert(id, sheet);
    Effect { drawn: Some(id), ..Effect::posted(account, Vec::new()) }
}
