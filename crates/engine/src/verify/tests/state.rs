//! Faults in rows that are kept up to date.

use super::{Full, Plant, each_is_found};
use crate::scenario::Copied;
use domain::account::Account;
use domain::cardholder::Cardholder;
use domain::chain::Hash;
use domain::credential::{Credential, DirectoryEntry, DirectoryKind};
use domain::hold::{Hold, HoldState, LIFE_MAX};
use domain::id::ProgramId;
use domain::key::WrappedKey;
use domain::lease::Lease;
use domain::program::{Counter, Program, Settings};
use domain::rate::ProgramRate;
use domain::time::Time;
use std::time::Duration;

const fn plant(
    what: &'static str,
    table: &'static str,
    row: fn(&Full) -> String,
    plant: fn(&Full, &mut Copied),
) -> Plant {
    Plant { what, by_key: false, table, row, plant }
}

fn reserve(full: &Full) -> String {
    full.programme.reserve().id().to_string()
}

fn programme(full: &Full) -> String {
    full.programme.id.to_string()
}

fn nothing(_: &Full) -> String {
    String::new()
}

fn open_hold(full: &Full) -> String {
    full.copied.one(|row: &Hold| row.state == HoldState::Open).id.to_string()
}

fn edit_reserve(full: &Full, copied: &mut Copied, edit: impl Fn(&mut Account)) {
    let id = full.programme.reserve().id();
    copied.edit(|row: &Account| row.id == id, edit);
}

#[tokio::test]
async fn in_accounts() {
    each_is_found(&[
        plant("a changed balance", "account", reserve, |full, copied| {
            edit_reserve(full, copied, |row| row.sums.posted_credits += 1);
        }),
        plant("a changed held sum", "account", reserve, |full, copied| {
            edit_reserve(full, copied, |row| row.sums.held_debits -= 1);
        }),
        plant("a changed version", "account", reserve, |full, copied| {
            edit_reserve(full, copied, |row| row.version += 1);
        }),
        plant("a changed head", "account", reserve, |full, copied| {
            edit_reserve(full, copied, |row| row.head = Hash::ZERO);
        }),
        plant("a floor that was passed", "entry", reserve, |full, copied| {
            edit_reserve(full, copied, |row| row.floor = Some(9_500));
        }),
        plant("another kind", "account", reserve, |full, copied| {
            edit_reserve(full, copied, |row| row.kind = domain::account::AccountKind::Fees);
        }),
        plant("a missing account", "account", reserve, |full, copied| {
            let id = full.programme.reserve().id();
            copied.delete(|row: &Account| row.id == id);
        }),
        plant("an account that nobody opened", "event", nothing, |full, copied| {
            let id = full.programme.reserve().id();
            let reserve = copied.one(|row: &Account| row.id == id);
            let key = full.programme.own(domain::account::AccountKind::Banking, "USD");
            copied.add(&Account::open(key, Some(0), reserve.opened_at));
        }),
    ])
    .await;
}

#[tokio::test]
async fn in_holds() {
    each_is_found(&[
        plant("a wrong state", "hold", open_hold, |_, copied| {
            let open = |row: &Hold| row.state == HoldState::Open;
            copied.edit(open, |row| row.state = HoldState::Voided);
        }),
        plant("a wrong remainder", "hold", open_hold, |_, copied| {
            copied.edit(|row: &Hold| row.state == HoldState::Open, |row| row.remaining -= 1);
        }),
        plant("a wrong capture", "hold", open_hold, |_, copied| {
            copied.edit(|row: &Hold| row.state == HoldState::Open, |row| row.captured += 1);
        }),
        plant("a wrong version", "hold", open_hold, |_, copied| {
            copied.edit(|row: &Hold| row.state == HoldState::Open, |row| row.version += 1);
        }),
        plant("a life beyond all bounds", "hold", open_hold, |_, copied| {
            let longer = LIFE_MAX + Duration::from_secs(1);
            let open = |row: &Hold| row.state == HoldState::Open;
            copied.edit(open, |row| row.expires_at = row.expires_at.plus(longer));
        }),
        plant("an expiry before its time", "hold", nothing, |_, copied| {
            let expired = |row: &Hold| row.state == HoldState::Expired;
            copied.edit(expired, |row| {
                row.expires_at = row.expires_at.plus(Duration::from_micros(1));
            });
        }),
        plant("a missing hold", "hold", open_hold, |_, copied| {
            copied.delete(|row: &Hold| row.state == HoldState::Open);
        }),
        plant("a hold that nobody placed", "hold", nothing, |_, copied| {
            let mut forged = copied.one(|row: &Hold| row.state == HoldState::Open);
            forged.id = domain::id::HoldId::from_bytes([0xff; 16]);
            copied.add(&forged);
        }),
    ])
    .await;
}

#[tokio::test]
async fn in_counters() {
    each_is_found(&[
        plant("a counter that is off", "counter", programme, |full, copied| {
            let id = full.programme.id;
            copied.edit(|row: &Counter| row.program == id, |row| row.seq += 1);
        }),
        plant("another last time", "counter", programme, |full, copied| {
            let id = full.programme.id;
            copied.edit(|row: &Counter| row.program == id, |row| row.last = Time::ZERO);
        }),
        plant("a missing counter", "counter", programme, |full, copied| {
            let id = full.programme.id;
            copied.delete(|row: &Counter| row.program == id);
        }),
        plant("a counter of nothing", "counter", nothing, |_, copied| {
            let program = ProgramId::from_bytes([9; 16]);
            copied.add(&Counter { program, seq: 1, last: Time::ZERO });
        }),
    ])
    .await;
}

#[tokio::test]
async fn in_records() {
    each_is_found(&[
        plant("a missing directory row of a credential", "directory", nothing, |_, copied| {
            copied.delete(|row: &DirectoryEntry| row.kind == DirectoryKind::ApiKey);
        }),
        plant("a directory row that leads elsewhere", "directory", nothing, |full, copied| {
            let id = full.programme.id;
            let ours = |row: &DirectoryEntry| row.target != [0; 16] && row.program == id;
            copied.edit(ours, |row| row.target = [9; 16]);
        }),
        plant("a missing cardholder", "cardholder", nothing, |_, copied| {
            copied.delete(|row: &Cardholder| row.number == "U1");
        }),
        plant("a missing credential", "credential", nothing, |full, copied| {
            let id = full.programme.credential.id;
            copied.delete(|row: &Credential| row.id == id);
        }),
        plant("a missing programme", "program", nothing, |full, copied| {
            let id = full.programme.id;
            copied.delete(|row: &Program| row.id == id);
        }),
        plant("missing settings", "settings", nothing, |full, copied| {
            let id = full.programme.id;
            copied.delete(|row: &Settings| row.program == id);
        }),
        plant("a missing rate", "rate", nothing, |_, copied| {
            copied.delete(|_: &ProgramRate| true);
        }),
        plant("a missing key", "wrapped_key", nothing, |_, copied| {
            copied.delete(|row: &WrappedKey| row.program == ProgramId::INSTALLATION);
        }),
        plant("a missing lease", "lease", nothing, |_, copied| {
            copied.delete(|_: &Lease| true);
        }),
        plant("a lease of another name", "lease", nothing, |_, copied| {
            copied.edit(|_: &Lease| true, |row| row.name.push('x'));
        }),
        plant("a lease of a programme", "lease", nothing, |full, copied| {
            let mut lease = full.copied.one(|_: &Lease| true);
            lease.program = full.programme.id;
            copied.add(&lease);
        }),
    ])
    .await;
}

#[tokio::test]
async fn in_records_by_the_key() {
    let by_key = |what, table, row, plant| Plant { what, by_key: true, table, row, plant };
    each_is_found(&[
        by_key(
            "a wrong cardholder number",
            "cardholder",
            |full| full.copied.one(|row: &Cardholder| row.number == "U1").id.to_string(),
            |_, copied| {
                copied.edit(|row: &Cardholder| row.number == "U1", |row| row.number.push('1'));
            },
        ),
        by_key("a missing directory row of a programme", "directory", nothing, |full, copied| {
            let id = full.programme.id;
            let name = |row: &DirectoryEntry| row.kind == DirectoryKind::ProgramName;
            copied.delete(|row: &DirectoryEntry| name(row) && row.program == id);
        }),
        by_key("a programme of another name", "directory", nothing, |full, copied| {
            let id = full.programme.id;
            copied.edit(|row: &Program| row.id == id, |row| row.name.push('x'));
        }),
    ])
    .await;
}
