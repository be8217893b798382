//! Holds, recomputed from the transfers that name them; held sums, recomputed from the holds.

use super::Books;
use domain::hold::{Hold, HoldState};
use domain::id::HoldId;
use domain::transfer::{Transfer, TransferKind};
use std::collections::BTreeMap;

pub(super) fn check(books: &Books, faults: &mut Vec<String>) {
    let mut draws: BTreeMap<_, Vec<&Transfer>> = BTreeMap::new();
    for transfer in books.transfers.values() {
        match (transfer.kind, transfer.hold) {
            (TransferKind::Post, None) => {}
            (TransferKind::Post, Some(_)) | (_, None) => {
                faults.push(format!("{} and a hold do not fit", transfer.id));
            }
            (_, Some(hold)) => draws.entry((transfer.program, hold)).or_default().push(transfer),
        }
    }
    for hold in &books.holds {
        let mut of = draws.remove(&(hold.program, hold.id)).unwrap_or_default();
        of.sort_by_key(|transfer| transfer.place);
        if recomputed(hold, &of) != Some(*hold) {
            faults.push(format!("hold {} is not what its transfers say", hold.id));
        }
    }
    for (_, hold) in draws.into_keys() {
        faults.push(format!("hold {hold} has transfers and no row"));
    }
    held_sums(books, faults);
}

/// The row that the transfers make; only the expiry is taken from the row itself.
fn recomputed(row: &Hold, transfers: &[&Transfer]) -> Option<Hold> {
    let (placed, draws) = transfers.split_first()?;
    let begins = placed.kind == TransferKind::Hold && HoldId::of(placed.id) == row.id;
    let mut hold = Hold {
        id: row.id,
        program: placed.program,
        debit: placed.debit,
        credit: placed.credit,
        amount: domain::money::Amount::new(placed.amount).ok()?,
        captured: 0,
        remaining: placed.held,
        state: HoldState::Open,
        expires_at: row.expires_at,
        version: 1,
    };
    for draw in draws {
        if hold.state != HoldState::Open || (draw.debit, draw.credit) != (hold.debit, hold.credit) {
            return None;
        }
        hold.version += 1;
        hold.remaining += draw.held;
        let ended = match draw.kind {
            TransferKind::Capture => HoldState::Captured,
            TransferKind::Void => HoldState::Voided,
            TransferKind::Expire => HoldState::Expired,
            TransferKind::Hold | TransferKind::Post => return None,
        };
        if draw.kind == TransferKind::Capture {
            hold.captured += draw.amount.minor;
        }
        if hold.remaining == 0 {
            hold.state = ended;
        }
    }
    begins.then_some(hold)
}

/// What the open holds still reserve is what the accounts hold.
fn held_sums(books: &Books, faults: &mut Vec<String>) {
    let mut held: BTreeMap<_, (i64, i64)> = BTreeMap::new();
    for hold in &books.holds {
        held.entry((hold.program, hold.debit)).or_default().0 += hold.remaining;
        held.entry((hold.program, hold.credit)).or_default().1 += hold.remaining;
    }
    for (key, account) in &books.accounts {
        let open = held.remove(key).unwrap_or_default();
        if open != (account.sums.held_debits, account.sums.held_credits) {
            faults.push(format!("{} holds other than its open holds", account.id));
        }
    }
    for (_, account) in held.into_keys() {
        faults.push(format!("{account} is held on and is no account"));
    }
}
