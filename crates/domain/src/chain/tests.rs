use super::*;
use crate::account::{Side, Sums};
use crate::asset::Asset;
use crate::id::{AccountId, CardholderId, HoldId, InstructionId, ReferenceKey, TransferId};
use crate::instruction::{Decline, InstructionKind, Outcome};
use crate::money::{Amount, Money};
use crate::rate::{Conversion, Rate, Rounding};
use crate::time::Time;
use crate::transfer::{Place, TransferKind};

const PLACE: Place = Place { seq: 0x0102_0304_0506_0708, ordinal: 0x090a_0b0c };

fn asset(code: &str) -> Asset {
    Asset::find(code).expect("an asset")
}

fn amount(minor: i64, code: &str) -> Amount {
    Amount::new(Money::new(minor, asset(code))).expect("an amount")
}

fn transfer() -> Transfer {
    Transfer {
        id: TransferId::from_bytes([0x11; 16]),
        program: ProgramId::from_bytes([0x12; 16]),
        place: PLACE,
        kind: TransferKind::Capture,
        debit: AccountId::from_bytes([0x13; 16]),
        credit: AccountId::from_bytes([0x14; 16]),
        amount: Money::new(12_345, asset("TUSDT")),
        held: -20_000,
        hold: Some(HoldId::from_bytes([0x15; 16])),
        expires_at: Some(Time::from_unix_us(1_780_000_600_000_002)),
        link: Some(TransferId::from_bytes([0x16; 16])),
        cause: Cause::Instruction(InstructionId::from_bytes([0x17; 16])),
        conversion: Some(Conversion {
            rate: Rate::new(151_237, 3).expect("a rate"),
            rounding: Rounding::HalfEven,
            product_numerator: -170_141_183_460_469,
            product_scale: 5,
        }),
        debit_version: 41,
        credit_version: 42,
        at: Time::from_unix_us(1_780_000_000_000_001),
    }
}

fn instruction() -> Instruction {
    Instruction {
        id: InstructionId::from_bytes([0x21; 16]),
        program: ProgramId::from_bytes([0x12; 16]),
        place: PLACE,
        kind: InstructionKind::Load,
        outcome: Outcome::Completed,
        amount: amount(10_000, "TUSDT"),
        account: AccountId::from_bytes([0x22; 16]),
        counterparty: Some(AccountId::from_bytes([0x23; 16])),
        cardholder: Some(CardholderId::from_bytes([0x24; 16])),
        before_minor: -5,
        after_minor: 9_995,
        reference: Some(ReferenceKey::from_bytes([0x25; 16])),
        undoes: Some(InstructionId::from_bytes([0x26; 16])),
        remark: "Grüße 漢".to_owned(),
        end_to_end_id: None,
        transfers: 2,
        at: Time::from_unix_us(1_780_000_000_000_002),
    }
}

fn reference() -> Reference {
    Reference {
        key: ReferenceKey::from_bytes([0x25; 16]),
        program: ProgramId::from_bytes([0x12; 16]),
        place: PLACE,
        scope: "door/load".to_owned(),
        text: "TRANSFER_1".to_owned(),
        fingerprint: [0x31; 32],
        instruction: Some(InstructionId::from_bytes([0x21; 16])),
        answer: vec![0, 1, 2, 255],
        at: Time::from_unix_us(1_780_000_000_000_003),
    }
}

fn entry() -> Entry {
    Entry {
        program: ProgramId::from_bytes([0x12; 16]),
        account: AccountId::from_bytes([0x13; 16]),
        version: 41,
        transfer: TransferId::from_bytes([0x11; 16]),
        place: PLACE,
        side: Side::Debit,
        posted: 12_345,
        held: -20_000,
        after: Sums { posted_debits: 1, posted_credits: 2, held_debits: 3, held_credits: i64::MAX },
        hash: Hash::ZERO,
    }
}

const PREVIOUS: Hash = Hash::from_bytes([0x41; 32]);
const TRANSFER: Hash = Hash::from_bytes([0x42; 32]);
const CAUSE: Hash = Hash::from_bytes([0x43; 32]);

/// The layout of version 1 can't change: chains that were written with it are checked for ever.
#[test]
fn vectors() {
    let bare = Transfer {
        hold: None,
        expires_at: None,
        link: None,
        cause: Cause::Expiry,
        conversion: None,
        ..transfer()
    };
    let plain = Instruction {
        counterparty: None,
        cardholder: None,
        reference: None,
        undoes: None,
        remark: String::new(),
        outcome: Outcome::Declined(Decline::InsufficientFunds),
        ..instruction()
    };
    let nameless = Reference { instruction: None, answer: Vec::new(), ..reference() };
    let reference = reference();
    for (name, hash, hex) in [
        (
            "transfer",
            transfer_digest(&transfer()),
            "cf6eb4c518b8e573071197c5bb406a522d72cbc72045e5737a9481245e0a1d5e",
        ),
        (
            "bare transfer",
            transfer_digest(&bare),
            "12e0484975523df95c7f027f19e7c033e1851194e7420b6ce7205e8f9a5e0afa",
        ),
        (
            "instruction",
            instruction_digest(&instruction(), Some(&reference)),
            "2334c38c59701760bafd8d0922ca9ad0f1fb1ffe22b8b19043f5ecbed8434bf3",
        ),
        (
            "without reference",
            instruction_digest(&instruction(), None),
            "d82c1c250f2997693e46528e448877baa9ca91195ad392d693f3c3c20166dfd4",
        ),
        (
            "plain instruction",
            instruction_digest(&plain, None),
            "a7eeb81d9f3a92b80f2ca31570c099340d79be546cfa13a142d7064cf2f8420b",
        ),
        (
            "reference",
            reference_digest(&reference),
            "b742e183ad1f6a76140403722d4cc50a3fb9adc2d1e4846344e41ece4b7609ea",
        ),
        (
            "nameless reference",
            reference_digest(&nameless),
            "580d685a35e840fe37cca79090d8dbb76018769da1c6bae2c1e2c86c7059827d",
        ),
        (
            "entry",
            entry_hash(PREVIOUS, &entry(), TRANSFER, CAUSE),
            "5932b1e0ef1ebd775700e278fd0d5c50cbd1759627aefb2f3d4a43fc0beb3760",
        ),
        (
            "first entry",
            entry_hash(Hash::ZERO, &entry(), TRANSFER, Hash::ZERO),
            "883c7be3503fd0d94a646abe173d3131e1b22f484f2faa77da33aa0e899503e6",
        ),
    ] {
        assert_eq!(hash.to_string(), hex, "{name}");
    }
}

/// And that of version 2.
#[test]
fn vector_with_an_end_to_end_id() {
    let named = Instruction { end_to_end_id: Some("E2E-1".to_owned()), ..instruction() };
    let hex = "a1604fb2655426dc437e9b2517fb41fb0294729a1a5acdcd48b366f944829b64";
    assert_eq!(instruction_digest(&named, None).to_string(), hex);
}

/// The same entry, put together by hand.
#[test]
fn an_entry_byte_by_byte() {
    let mut bytes = vec![0x41; 32];
    bytes.push(1);
    bytes.extend([0x12; 16]);
    bytes.extend([0x13; 16]);
    bytes.extend(41u64.to_be_bytes());
    bytes.extend([0x11; 16]);
    bytes.extend(1..=12);
    bytes.push(1);
    for number in [12_345, -20_000, 1, 2, 3, i64::MAX] {
        bytes.extend(number.to_be_bytes());
    }
    bytes.extend([0x42; 32]);
    bytes.extend([0x43; 32]);
    assert_eq!(bytes.len(), 32 + 182);
    let by_hand = Hash(*blake3::hash(&bytes).as_bytes());
    assert_eq!(entry_hash(PREVIOUS, &entry(), TRANSFER, CAUSE), by_hand);
}

/// Checks that the changes differ from the base and from each other.
fn all_different(names: &[&str], base: Hash, changed: &[Hash]) {
    assert_eq!(names.len(), changed.len());
    for (at, hash) in changed.iter().enumerate() {
        assert_ne!(*hash, base, "{} does not count", names[at]);
        for (other, twin) in changed.iter().enumerate().skip(at + 1) {
            assert_ne!(hash, twin, "{} is as {}", names[at], names[other]);
        }
    }
}

/// Changes one field after the other. The type is taken apart without a rest, so that a new field
/// does not compile before it is here.
macro_rules! changes {
    (
        $type:ident, $base:expr, $digest:expr,
        { $($field:ident = $value:expr,)* }, { $($also:ident,)* }
    ) => {{
        let _: fn(&$type) = |$type { $($field: _,)* $($also: _,)* }| {};
        let base: $type = $base;
        let names = [$(stringify!($field),)*];
        let changed = [$({
            let mut row = base.clone();
            row.$field = $value;
            assert_ne!(row, base, "{} was not changed", stringify!($field));
            $digest(&row)
        },)*];
        all_different(&names, $digest(&base), &changed);
    }};
}

fn later(place: Place) -> Place {
    Place { ordinal: place.ordinal + 1, ..place }
}

#[test]
fn every_field_of_a_transfer_counts() {
    changes!(Transfer, transfer(), transfer_digest, {
        id = TransferId::from_bytes([1; 16]),
        program = ProgramId::from_bytes([1; 16]),
        place = later(PLACE),
        kind = TransferKind::Void,
        debit = AccountId::from_bytes([1; 16]),
        credit = AccountId::from_bytes([1; 16]),
        amount = Money::new(12_346, asset("TUSDT")),
        held = 20_000,
        hold = None,
        expires_at = None,
        link = None,
        cause = Cause::Expiry,
        conversion = None,
        debit_version = 42,
        credit_version = 41,
        at = Time::ZERO,
    }, {});
}

/// What stands inside of a field.
#[test]
fn every_part_of_a_transfer_counts() {
    let base = transfer();
    let conversion = base.conversion.expect("it has one");
    let other_rate = |mantissa, scale| Rate::new(mantissa, scale).expect("a rate");
    let with = |conversion| Transfer { conversion: Some(conversion), ..base };
    let parts = [
        ("seq", Transfer { place: Place { seq: 1, ..PLACE }, ..base }),
        ("asset", Transfer { amount: Money::new(12_345, asset("USDC")), ..base }),
        ("other hold", Transfer { hold: Some(HoldId::from_bytes([1; 16])), ..base }),
        ("other link", Transfer { link: Some(TransferId::from_bytes([1; 16])), ..base }),
        (
            "other cause",
            Transfer { cause: Cause::Instruction(InstructionId::from_bytes([1; 16])), ..base },
        ),
        ("mantissa", with(Conversion { rate: other_rate(151_238, 3), ..conversion })),
        ("scale", with(Conversion { rate: other_rate(151_237, 4), ..conversion })),
        ("rounding", with(Conversion { rounding: Rounding::Up, ..conversion })),
        ("numerator", with(Conversion { product_numerator: 0, ..conversion })),
        ("product scale", with(Conversion { product_scale: 6, ..conversion })),
    ];
    let names = parts.map(|(name, _)| name);
    all_different(&names, transfer_digest(&base), &parts.map(|(_, row)| transfer_digest(&row)));
}

#[test]
fn every_field_of_an_instruction_counts() {
    let reference = reference();
    let digest = |row: &Instruction| instruction_digest(row, Some(&reference));
    changes!(Instruction, instruction(), digest, {
        id = InstructionId::from_bytes([1; 16]),
        program = ProgramId::from_bytes([1; 16]),
        place = later(PLACE),
        kind = InstructionKind::Unload,
        outcome = Outcome::Declined(Decline::InsufficientFunds),
        amount = amount(10_001, "TUSDT"),
        account = AccountId::from_bytes([1; 16]),
        counterparty = None,
        cardholder = None,
        before_minor = 5,
        after_minor = 9_996,
        reference = None,
        undoes = None,
        remark = "Grüße 漢 ".to_owned(),
        transfers = 3,
        end_to_end_id = Some(String::new()),
        at = Time::ZERO,
    }, {});
    let named = |id: &str| Instruction { end_to_end_id: Some(id.to_owned()), ..instruction() };
    assert_ne!(digest(&named("a")), digest(&named("b")));
    let other = Instruction { amount: amount(10_000, "USD"), ..instruction() };
    assert_ne!(digest(&other), digest(&instruction()), "the asset does not count");
    assert_ne!(digest(&instruction()), instruction_digest(&instruction(), None));
}

#[test]
fn every_field_of_a_reference_counts() {
    changes!(Reference, reference(), reference_digest, {
        key = ReferenceKey::from_bytes([1; 16]),
        program = ProgramId::from_bytes([1; 16]),
        place = later(PLACE),
        scope = "door/loaD".to_owned(),
        text = "TRANSFER_2".to_owned(),
        fingerprint = [0x32; 32],
        instruction = None,
        answer = vec![0, 1, 2],
        at = Time::ZERO,
    }, {});
    // Two texts never run into each other.
    let shifted =
        Reference { scope: "door/loadT".to_owned(), text: "RANSFER_1".to_owned(), ..reference() };
    assert_ne!(reference_digest(&shifted), reference_digest(&reference()));
    let digest = |row: &Reference| instruction_digest(&instruction(), Some(row));
    assert_ne!(digest(&shifted), digest(&reference()), "an instruction covers its reference");
}

#[test]
fn every_field_of_an_entry_counts() {
    let digest = |row: &Entry| entry_hash(PREVIOUS, row, TRANSFER, CAUSE);
    changes!(Entry, entry(), digest, {
        program = ProgramId::from_bytes([1; 16]),
        account = AccountId::from_bytes([1; 16]),
        version = 42,
        transfer = TransferId::from_bytes([1; 16]),
        place = later(PLACE),
        side = Side::Credit,
        posted = 12_346,
        held = 20_000,
        after = Sums { posted_debits: 2, ..entry().after },
    }, { hash, });
    let base = entry();
    let sums = base.after;
    let after = |after| digest(&Entry { after, ..base });
    let around = [
        after(Sums { posted_credits: 3, ..sums }),
        after(Sums { held_debits: 4, ..sums }),
        after(Sums { held_credits: 4, ..sums }),
        entry_hash(Hash::ZERO, &base, TRANSFER, CAUSE),
        entry_hash(PREVIOUS, &base, CAUSE, CAUSE),
        entry_hash(PREVIOUS, &base, TRANSFER, TRANSFER),
        entry_hash(TRANSFER, &base, PREVIOUS, CAUSE),
    ];
    let names =
        ["credits", "held debits", "held credits", "previous", "transfer", "cause", "order"];
    all_different(&names, digest(&base), &around);
}

#[test]
fn hashes_as_text() {
    let hash = Hash::from_bytes([0xab; 32]);
    assert_eq!(hash.to_string(), "ab".repeat(32));
    assert_eq!(format!("{hash:?}"), "abababababababab…");
}
