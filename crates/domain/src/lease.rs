//! Leases: which server does a piece of background work, and until when.
//!
//! A lease saves work and guards nothing. Whatever is done under it is a unit of work that decides
//! on its own locked rows, so two servers that both believe to hold it only do some work twice in
//! vain. That is why it may be judged by clocks that disagree.

use crate::id::{LeaseId, ProgramId, ServerId};
use crate::time::Time;
use core::time::Duration;

/// The row of one kind of work, in the installation's own programme.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Lease {
    pub id: LeaseId,
    pub program: ProgramId,
    /// The work.
    pub name: String,
    /// Who does it, or did it last.
    pub holder: ServerId,
    /// 1 when made, one more each time it is taken, renewed or released.
    pub version: u64,
    /// Held before this time, free from it on.
    pub until: Time,
}

/// A server's wish to have a lease.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Bid {
    pub server: ServerId,
    pub life: Duration,
    /// The recorded time, whose order is the programme's.
    pub at: Time,
    /// A version that the asker has seen stand still for long enough by its own clock. Such a lease
    /// is dead whatever its end says, which a clock that was far ahead may have set.
    pub watched: Option<u64>,
}

impl LeaseId {
    /// The first 16 bytes of BLAKE3 over a label and the name: a kind of work has one lease.
    pub fn of(name: &str) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(b"vostro lease v1");
        hasher.update(name.as_bytes());
        let mut id = [0u8; 16];
        id.copy_from_slice(&hasher.finalize().as_bytes()[..16]);
        Self::from_bytes(id)
    }
}

impl Lease {
    /// The first lease of a kind of work.
    pub fn first(program: ProgramId, name: &str, bid: &Bid) -> Self {
        Self {
            id: LeaseId::of(name),
            program,
            name: name.to_owned(),
            holder: bid.server,
            version: 1,
            until: bid.at.plus(bid.life),
        }
    }

    /// The lease after the bid, or `None` where it stays as it is: it is another's, or the asker
    /// has it for more than half of its life still.
    pub fn take(&self, bid: &Bid) -> Option<Self> {
        let left = self.until.since(bid.at);
        let own = self.holder == bid.server;
        let stands = if own { left > bid.life / 2 } else { !left.is_zero() };
        if stands && bid.watched != Some(self.version) {
            return None;
        }
        let until = bid.at.plus(bid.life);
        Some(Self { holder: bid.server, version: self.version + 1, until, ..self.clone() })
    }

    /// The lease once its holder has no more use for it, or `None` where it is not the holder's any
    /// more.
    pub fn release(&self, server: ServerId, at: Time) -> Option<Self> {
        let holds = self.holder == server && self.until > at;
        holds.then(|| Self { version: self.version + 1, until: at, ..self.clone() })
    }
}

#[cfg(test)]
mod tests;
