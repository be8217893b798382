//! The chain: what an entry's hash covers, byte for byte.
//!
//! `hash = BLAKE3(previous hash of the account ‖ canonical bytes)`. The canonical bytes name their
//! version, are of fixed width but for texts, which carry their length, and include a digest of the
//! transfer with all its fields and of what caused it. So each account is a chain, each transfer
//! ties two of them, and an instruction's remark, its reference and the stored answer are covered.
//! ARCHITECTURE.md has the layout; a change of it is a new version byte, never an edit.

use crate::id::ProgramId;
use crate::instruction::Instruction;
use crate::reference::Reference;
use crate::transfer::{Cause, Entry, Transfer};
use core::fmt;

/// 32 bytes of BLAKE3.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Hash([u8; 32]);

impl Hash {
    pub const ZERO: Self = Self([0; 32]);

    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for byte in &self.0[..8] {
            write!(f, "{byte:02x}")?;
        }
        f.write_str("…")
    }
}

const ENTRY_V1: u8 = 1;
const TRANSFER_V1: u8 = 1;
const INSTRUCTION_V1: u8 = 1;
/// With an end-to-end id, at the end.
const INSTRUCTION_V2: u8 = 2;
const REFERENCE_V1: u8 = 1;

/// Appends fields in their canonical form.
struct Canonical(Vec<u8>);

impl Canonical {
    fn new(version: u8, program: ProgramId) -> Self {
        Self::after(&[], version, program)
    }

    /// Behind what is hashed before it.
    fn after(previous: &[u8], version: u8, program: ProgramId) -> Self {
        let mut bytes = Vec::with_capacity(384);
        bytes.extend_from_slice(previous);
        bytes.push(version);
        bytes.extend_from_slice(program.bytes());
        Self(bytes)
    }

    fn u8(&mut self, value: u8) {
        self.0.push(value);
    }

    fn u32(&mut self, value: u32) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn i64(&mut self, value: i64) {
        self.0.extend_from_slice(&value.to_be_bytes());
    }

    fn raw(&mut self, value: &[u8]) {
        self.0.extend_from_slice(value);
    }

    /// Length first, so that two texts never run into each other.
    fn text(&mut self, value: &[u8]) {
        self.u64(u64::try_from(value.len()).expect("a length fits 64 bits"));
        self.raw(value);
    }

    /// 0, or 1 and the 16 bytes.
    fn optional(&mut self, id: Option<&[u8; 16]>) {
        match id {
            None => self.u8(0),
            Some(id) => {
                self.u8(1);
                self.raw(id);
            }
        }
    }

    fn digest(&self) -> Hash {
        Hash(*blake3::hash(&self.0).as_bytes())
    }
}

/// The digest of a transfer with all its fields.
pub fn transfer_digest(transfer: &Transfer) -> Hash {
    let mut c = Canonical::new(TRANSFER_V1, transfer.program);
    c.raw(transfer.id.bytes());
    c.u64(transfer.place.seq);
    c.u32(transfer.place.ordinal);
    c.u8(transfer.kind.code());
    c.raw(transfer.debit.bytes());
    c.raw(transfer.credit.bytes());
    c.text(transfer.amount.asset.code().as_bytes());
    c.i64(transfer.amount.minor);
    c.i64(transfer.held);
    c.optional(transfer.hold.as_ref().map(|id| id.bytes()));
    match transfer.expires_at {
        None => c.u8(0),
        Some(end) => {
            c.u8(1);
            c.i64(end.unix_us());
        }
    }
    c.optional(transfer.link.as_ref().map(|id| id.bytes()));
    match &transfer.cause {
        Cause::Expiry => c.u8(0),
        Cause::Instruction(id) => {
            c.u8(1);
            c.raw(id.bytes());
        }
    }
    match &transfer.conversion {
        None => c.u8(0),
        Some(conversion) => {
            c.u8(1);
            c.i64(conversion.rate.mantissa());
            c.u8(conversion.rate.scale());
            c.u8(conversion.rounding.code());
            c.raw(&conversion.product_numerator.to_be_bytes());
            c.u8(conversion.product_scale);
        }
    }
    c.u64(transfer.debit_version);
    c.u64(transfer.credit_version);
    c.i64(transfer.at.unix_us());
    c.digest()
}

/// The digest of an instruction with all its fields and those of its reference.
pub fn instruction_digest(instruction: &Instruction, reference: Option<&Reference>) -> Hash {
    let version = match instruction.end_to_end_id {
        None => INSTRUCTION_V1,
        Some(_) => INSTRUCTION_V2,
    };
    let mut c = Canonical::new(version, instruction.program);
    c.raw(instruction.id.bytes());
    c.u64(instruction.place.seq);
    c.u32(instruction.place.ordinal);
    c.u8(instruction.kind.code());
    c.u8(instruction.outcome.code());
    c.text(instruction.amount.asset().code().as_bytes());
    c.i64(instruction.amount.minor());
    c.raw(instruction.account.bytes());
    c.optional(instruction.counterparty.as_ref().map(|id| id.bytes()));
    c.optional(instruction.cardholder.as_ref().map(|id| id.bytes()));
    c.i64(instruction.before_minor);
    c.i64(instruction.after_minor);
    c.optional(instruction.reference.as_ref().map(|key| key.bytes()));
    c.optional(instruction.undoes.as_ref().map(|id| id.bytes()));
    c.text(instruction.remark.as_bytes());
    c.u32(u32::from(instruction.transfers));
    c.i64(instruction.at.unix_us());
    match reference {
        None => c.u8(0),
        Some(reference) => {
            c.u8(1);
            c.raw(reference_digest(reference).bytes());
        }
    }
    if let Some(id) = &instruction.end_to_end_id {
        c.text(id.as_bytes());
    }
    c.digest()
}

/// The digest of a reference with all its fields, the stored answer included.
pub fn reference_digest(reference: &Reference) -> Hash {
    let mut c = Canonical::new(REFERENCE_V1, reference.program);
    c.raw(reference.key.bytes());
    c.u64(reference.place.seq);
    c.u32(reference.place.ordinal);
    c.text(reference.scope.as_bytes());
    c.text(reference.text.as_bytes());
    c.raw(&reference.fingerprint);
    c.optional(reference.instruction.as_ref().map(|id| id.bytes()));
    c.text(&reference.answer);
    c.i64(reference.at.unix_us());
    c.digest()
}

/// The hash of an entry that follows `previous` on its account. `cause` is the digest of the
/// transfer's instruction, or zero where the transfer has none: its digest names the cause then.
pub fn entry_hash(previous: Hash, entry: &Entry, transfer: Hash, cause: Hash) -> Hash {
    let mut c = Canonical::after(previous.bytes(), ENTRY_V1, entry.program);
    c.raw(entry.account.bytes());
    c.u64(entry.version);
    c.raw(entry.transfer.bytes());
    c.u64(entry.place.seq);
    c.u32(entry.place.ordinal);
    c.u8(entry.side.code());
    c.i64(entry.posted);
    c.i64(entry.held);
    c.i64(entry.after.posted_debits);
    c.i64(entry.after.posted_credits);
    c.i64(entry.after.held_debits);
    c.i64(entry.after.held_credits);
    c.raw(transfer.bytes());
    c.raw(cause.bytes());
    c.digest()
}

#[cfg(test)]
mod tests;
