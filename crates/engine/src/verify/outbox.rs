//! The outbox: every fact has its one event, and every event the row that it tells of.

use super::account::Accounts;
use super::scan::{bytes, key_text};
use super::unit::Unit;
use super::{Finding, Wrong};
use domain::cardholder::Cardholder;
use domain::credential::Credential;
use domain::delivery::Delivery;
use domain::endpoint::Endpoint;
use domain::event::{Event, EventKind};
use domain::id::{AccountId, InstructionId};
use domain::key::WrappedKey;
use domain::lease::Lease;
use domain::program::{Program, Settings};
use domain::rate::ProgramRate;
use domain::signature_key::SignatureKey;
use domain::sub_account::SubAccount;
use domain::transfer::TransferKind;
use store::schema::{TableSpec, Value};
use store::{Noun, Snapshot};

/// The fact's one event; `fact` is how a person would call it.
pub(super) fn one_event(
    unit: &Unit,
    kind: EventKind,
    subject: &[u8; 16],
    fact: &str,
) -> Result<(), Finding> {
    let events = unit.events.iter();
    match events.filter(|event| event.kind == kind && event.subject == *subject).count() {
        1 => Ok(()),
        count => {
            let row = format!("{} seq {}", unit.program, unit.seq);
            let what = format!("{fact} has {count} events of its kind and not one");
            Err(Finding::new("event", row, what))
        }
    }
}

/// Every event of a unit tells of a row that is there.
pub(super) async fn follow(
    snapshot: &mut dyn Snapshot,
    unit: &Unit,
    accounts: &mut Accounts,
) -> Result<(), Wrong> {
    for event in &unit.events {
        match event.kind {
            EventKind::InstructionCompleted | EventKind::InstructionDeclined => {
                let id = InstructionId::from_bytes(event.subject);
                if !unit.instructions.iter().any(|row| row.id == id) {
                    return Err(Finding::new("instruction", id.to_string(), MISSING).into());
                }
            }
            EventKind::HoldExpired => expired(unit, event)?,
            EventKind::AccountOpened => {
                accounts.opened(unit.program, AccountId::from_bytes(event.subject))?;
            }
            EventKind::ProgramReserved => there(snapshot, Program::TABLE, &[event.subject]).await?,
            EventKind::ProgramCreated => there(snapshot, Settings::TABLE, &[event.subject]).await?,
            EventKind::CardholderCreated => own(snapshot, event, Cardholder::TABLE).await?,
            EventKind::CredentialCreated => own(snapshot, event, Credential::TABLE).await?,
            EventKind::SubAccountCreated => own(snapshot, event, SubAccount::TABLE).await?,
            EventKind::SignatureKeyAdded => own(snapshot, event, SignatureKey::TABLE).await?,
            EventKind::KeyCreated => own(snapshot, event, WrappedKey::TABLE).await?,
            EventKind::RateSet => own(snapshot, event, ProgramRate::TABLE).await?,
            EventKind::EndpointCreated
            | EventKind::EndpointUpdated
            | EventKind::EndpointAdvanced
            | EventKind::EndpointClaimed => own(snapshot, event, Endpoint::TABLE).await?,
            EventKind::DeliveryRecorded
            | EventKind::DeliveryGivenUp
            | EventKind::DeliveryReplayed => own(snapshot, event, Delivery::TABLE).await?,
            EventKind::LeaseTaken | EventKind::LeaseReleased => {
                own(snapshot, event, Lease::TABLE).await?;
            }
            EventKind::ProgramUpdated
            | EventKind::CredentialReserved
            | EventKind::CredentialUpdated
            | EventKind::SignatureKeyRetired
            | EventKind::SubAccountUpdated
            | EventKind::CardholderUpdated => {}
        }
    }
    Ok(())
}

const MISSING: &str = "it is missing, and an event tells of it";

fn expired(unit: &Unit, event: &Event) -> Result<(), Finding> {
    let ends = |hold: [u8; 16]| hold == event.subject;
    let mut endings = unit.transfers.iter().filter(|row| row.kind == TransferKind::Expire);
    if endings.any(|row| row.hold.is_some_and(|hold| ends(*hold.bytes()))) {
        return Ok(());
    }
    let row = format!("{} seq {}", unit.program, unit.seq);
    Err(Finding::new("transfer", row, "an event tells of an expiry and no transfer does"))
}

/// A row under the event's programme.
async fn own(
    snapshot: &mut dyn Snapshot,
    event: &Event,
    table: &'static TableSpec,
) -> Result<(), Wrong> {
    there(snapshot, table, &[*event.program.bytes(), event.subject]).await
}

async fn there(
    snapshot: &mut dyn Snapshot,
    table: &'static TableSpec,
    key: &[[u8; 16]],
) -> Result<(), Wrong> {
    let key: Vec<Value<'static>> = key.iter().map(|id| bytes(id)).collect();
    match snapshot.find(table, key.clone()).await? {
        Some(_) => Ok(()),
        None => Err(Finding::new(table.name, key_text(table, &key), MISSING).into()),
    }
}
