//! Events: the outbox, one row for each committed fact, written in the commit that it reports.
//!
//! Every applied unit writes at least one, so the events of a programme have no gap in `seq`.

use crate::coded::coded;
use crate::id::{EventId, ProgramId};
use crate::time::Time;
use crate::transfer::Place;

coded! {
    /// What happened. The subject is the id of the noun that the word begins with.
    pub enum EventKind {
        ProgramReserved = 1 "program.reserved",
        ProgramCreated = 2 "program.created",
        ProgramUpdated = 3 "program.updated",
        CredentialReserved = 4 "credential.reserved",
        CredentialCreated = 5 "credential.created",
        CredentialUpdated = 6 "credential.updated",
        CardholderCreated = 7 "cardholder.created",
        CardholderUpdated = 8 "cardholder.updated",
        AccountOpened = 9 "account.opened",
        RateSet = 10 "rate.set",
        KeyCreated = 11 "key.created",
        InstructionCompleted = 12 "instruction.completed",
        InstructionDeclined = 13 "instruction.declined",
        HoldExpired = 14 "hold.expired",
        /// Taken or renewed.
        LeaseTaken = 15 "lease.taken",
        LeaseReleased = 16 "lease.released",
        SignatureKeyAdded = 17 "signature_key.added",
        SignatureKeyRetired = 18 "signature_key.retired",
        EndpointCreated = 19 "endpoint.created",
        EndpointUpdated = 20 "endpoint.updated",
        /// Its cursor moved on, and what it takes of the events passed is to be delivered.
        EndpointAdvanced = 21 "endpoint.advanced",
        /// A server is about to attempt some of its deliveries.
        EndpointClaimed = 22 "endpoint.claimed",
        /// An attempt came to its end.
        DeliveryRecorded = 23 "delivery.recorded",
        /// The last attempt failed.
        DeliveryGivenUp = 24 "delivery.given_up",
        DeliveryReplayed = 25 "delivery.replayed",
        SubAccountCreated = 26 "sub_account.created",
        SubAccountUpdated = 27 "sub_account.updated",
    }
}

impl EventKind {
    /// Whether it is what the machinery notes about itself. No endpoint is told of it: a delivery
    /// whose own events were delivered would never come to an end.
    pub const fn is_bookkeeping(self) -> bool {
        match self {
            Self::LeaseTaken
            | Self::LeaseReleased
            | Self::EndpointCreated
            | Self::EndpointUpdated
            | Self::EndpointAdvanced
            | Self::EndpointClaimed
            | Self::DeliveryRecorded
            | Self::DeliveryGivenUp
            | Self::DeliveryReplayed => true,
            Self::ProgramReserved
            | Self::ProgramCreated
            | Self::ProgramUpdated
            | Self::CredentialReserved
            | Self::CredentialCreated
            | Self::CredentialUpdated
            | Self::CardholderCreated
            | Self::CardholderUpdated
            | Self::AccountOpened
            | Self::RateSet
            | Self::KeyCreated
            | Self::InstructionCompleted
            | Self::InstructionDeclined
            | Self::HoldExpired
            | Self::SignatureKeyAdded
            | Self::SignatureKeyRetired
            | Self::SubAccountCreated
            | Self::SubAccountUpdated => false,
        }
    }
}

/// One row of the outbox. Append-only.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Event {
    pub id: EventId,
    pub program: ProgramId,
    pub place: Place,
    pub kind: EventKind,
    pub subject: [u8; 16],
    pub at: Time,
}
