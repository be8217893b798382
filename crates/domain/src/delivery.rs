//! Deliveries: one event on its way to one endpoint, until it arrived or was given up.
//!
//! A delivery is pending from the unit that adds it. An attempt has two units around it: one claims
//! the delivery by moving its next attempt past the longest time that an attempt may take, the
//! other records what came of it. A server that dies between the two leaves a delivery that is due
//! again when its claim is over, so an event may arrive twice and is never lost.

use crate::coded::coded;
use crate::event::{Event, EventKind};
use crate::id::{DeliveryId, EndpointId, EventId, ProgramId};
use crate::time::Time;
use crate::transfer::Place;
use core::time::Duration;

/// How long a claim keeps others from an attempt: the longest attempt, and as much again for a
/// store that is slow to record it.
pub const CLAIM_LIFE: Duration = Duration::from_secs(60);

/// The waits after each failed attempt; after the last of them the delivery is given up. With the
/// longest jitter they stay within three days.
pub const RETRIES: [Duration; 8] = [
    Duration::from_secs(10),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3_600),
    Duration::from_secs(6 * 3_600),
    Duration::from_secs(24 * 3_600),
    Duration::from_secs(24 * 3_600),
];

coded! {
    pub enum DeliveryStatus {
        Pending = 1 "pending",
        Delivered = 2 "delivered",
        /// Its last attempt failed. It can be replayed.
        GivenUp = 3 "given_up",
    }
}

coded! {
    /// Why an attempt got no answer.
    pub enum AttemptFault {
        BadUrl = 1 "bad_url",
        /// The host's name has no address.
        Unresolved = 2 "unresolved",
        /// The host's address is not one that may be called.
        NotAllowed = 3 "address_not_allowed",
        Unconnected = 4 "no_connection",
        /// The encryption could not be agreed on, or the certificate is not good.
        Tls = 5 "tls",
        Timeout = 6 "timeout",
        /// The answer is larger than allowed.
        TooLarge = 7 "too_large",
        Broken = 8 "broken_off",
        /// Nobody here knows how to write it, or what it tells of can't be read.
        NotRendered = 9 "not_rendered",
    }
}

coded! {
    /// Why something about a delivery was refused.
    pub enum DeliveryRefusal {
        Missing = 1 "delivery_missing",
    }
}

impl DeliveryRefusal {
    /// Whether asking again, unchanged, may succeed later.
    pub const fn may_pass_later(self) -> bool {
        matches!(self, Self::Missing)
    }
}

/// How far a delivery is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeliveryState {
    Pending { next_attempt_at: Time },
    Delivered,
    GivenUp,
}

impl DeliveryState {
    pub const fn status(self) -> DeliveryStatus {
        match self {
            Self::Pending { .. } => DeliveryStatus::Pending,
            Self::Delivered => DeliveryStatus::Delivered,
            Self::GivenUp => DeliveryStatus::GivenUp,
        }
    }

    /// `None` where the two contradict each other.
    pub const fn of(status: DeliveryStatus, next_attempt_at: Option<Time>) -> Option<Self> {
        match (status, next_attempt_at) {
            (DeliveryStatus::Pending, Some(next_attempt_at)) => {
                Some(Self::Pending { next_attempt_at })
            }
            (DeliveryStatus::Delivered, None) => Some(Self::Delivered),
            (DeliveryStatus::GivenUp, None) => Some(Self::GivenUp),
            _ => None,
        }
    }

    pub const fn next_attempt_at(self) -> Option<Time> {
        match self {
            Self::Pending { next_attempt_at } => Some(next_attempt_at),
            Self::Delivered | Self::GivenUp => None,
        }
    }
}

/// What came of an attempt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// With this status, whose 2xx alone are a success.
    Answered(u16),
    Failed(AttemptFault),
}

impl Outcome {
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Answered(200..=299))
    }
}

/// One event for one endpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delivery {
    pub id: DeliveryId,
    pub program: ProgramId,
    pub endpoint: EndpointId,
    /// The event, as its row is.
    pub event: EventId,
    pub place: Place,
    pub kind: EventKind,
    pub subject: [u8; 16],
    pub event_at: Time,
    pub state: DeliveryState,
    /// Attempts that came to their end since it was added or replayed. One that a server died in
    /// does not count, so that no event is given up for our own troubles.
    pub attempts: u64,
    /// How often it was begun anew.
    pub replays: u64,
    /// The end of the last attempt that was recorded.
    pub last_outcome: Option<Outcome>,
    /// From the beginning of the last recorded attempt to its end, in milliseconds.
    pub last_ms: Option<u64>,
    /// When the first attempt ever was claimed.
    pub first_attempt_at: Option<Time>,
    /// When the newest was.
    pub last_attempt_at: Option<Time>,
    /// 1 when made, one more with each change.
    pub version: u64,
}

impl DeliveryId {
    /// The first 6 bytes of the event's id, which are its time and keep new rows together, then 10
    /// bytes of BLAKE3 over a label, the endpoint and the event: an event has one delivery to an
    /// endpoint, however often it is fanned out.
    pub fn of(endpoint: EndpointId, event: EventId) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"vostro delivery v1");
        hasher.update(endpoint.bytes());
        hasher.update(event.bytes());
        let mut id = *event.bytes();
        id[6..].copy_from_slice(&hasher.finalize().as_bytes()[..10]);
        Self::from_bytes(id)
    }
}

/// The wait after an attempt, the first being 1; `None` where there is no other. The jitter adds up
/// to a fifth, so that what failed together does not come back together.
pub fn retry_after(attempts: u64, seed: u64) -> Option<Duration> {
    let index = usize::try_from(attempts.max(1) - 1).ok()?;
    let wait = *RETRIES.get(index)?;
    let fifth = u64::try_from(wait.as_millis() / 5).unwrap_or(u64::MAX);
    // The seed's own low bits may be few or patterned.
    let drawn = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32;
    Some(wait + Duration::from_millis((drawn * fifth) >> 32))
}

impl Delivery {
    /// A delivery that is due at once.
    pub fn new(endpoint: EndpointId, event: &Event, at: Time) -> Self {
        Self {
            id: DeliveryId::of(endpoint, event.id),
            program: event.program,
            endpoint,
            event: event.id,
            place: event.place,
            kind: event.kind,
            subject: event.subject,
            event_at: event.at,
            state: DeliveryState::Pending { next_attempt_at: at },
            attempts: 0,
            replays: 0,
            last_outcome: None,
            last_ms: None,
            first_attempt_at: None,
            last_attempt_at: None,
            version: 1,
        }
    }

    /// The event that is delivered.
    pub const fn event(&self) -> Event {
        Event {
            id: self.event,
            program: self.program,
            place: self.place,
            kind: self.kind,
            subject: self.subject,
            at: self.event_at,
        }
    }

    pub fn is_due(&self, now: Time) -> bool {
        self.state.next_attempt_at().is_some_and(|next| next <= now)
    }

    /// Claimed for an attempt by the clock of who attempts it, or `None` where it is not due.
    #[must_use]
    pub fn claimed(&self, now: Time) -> Option<Self> {
        self.is_due(now).then(|| Self {
            state: DeliveryState::Pending { next_attempt_at: now.plus(CLAIM_LIFE) },
            first_attempt_at: self.first_attempt_at.or(Some(now)),
            last_attempt_at: Some(now),
            version: self.version + 1,
            ..self.clone()
        })
    }

    /// What a claim ended with, or `None` where that changes nothing. A success counts whenever it
    /// comes; a failure only while nobody else has claimed or replayed the delivery since.
    #[must_use]
    pub fn recorded(&self, claim: u64, attempt: &Attempt, now: Time) -> Option<Self> {
        let pending = matches!(self.state, DeliveryState::Pending { .. });
        let success = attempt.outcome.is_success();
        if !pending || !success && self.version != claim {
            return None;
        }
        let attempts = self.attempts + 1;
        let state = if success {
            DeliveryState::Delivered
        } else {
            retry_after(attempts, attempt.seed).map_or(DeliveryState::GivenUp, |wait| {
                DeliveryState::Pending { next_attempt_at: now.plus(wait) }
            })
        };
        Some(Self {
            state,
            attempts,
            last_outcome: Some(attempt.outcome),
            last_ms: Some(attempt.ms),
            version: self.version + 1,
            ..self.clone()
        })
    }

    /// Begun anew: due at once, with all attempts before it.
    #[must_use]
    pub fn replayed(&self, now: Time) -> Self {
        Self {
            state: DeliveryState::Pending { next_attempt_at: now },
            attempts: 0,
            replays: self.replays + 1,
            version: self.version + 1,
            ..self.clone()
        }
    }
}

/// An attempt that came to its end.
#[derive(Clone, Copy, Debug)]
pub struct Attempt {
    pub outcome: Outcome,
    pub ms: u64,
    /// For the jitter of the next one.
    pub seed: u64,
}

#[cfg(test)]
mod tests;
