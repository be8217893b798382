use super::*;
use crate::random::tests::{Broken, Seeded};

const ROW: [u8; 16] = [9; 16];

fn context() -> SealContext<'static> {
    SealContext {
        program: ProgramId::from_bytes([1; 16]),
        noun: "credential",
        id: &ROW,
        field: "secret",
    }
}

fn key(id: u8, secret: u8) -> DataKey {
    DataKey::new(KeyId::from_bytes([id; 16]), Secret::new([secret; 32]))
}

#[test]
fn sealed_and_opened() {
    let (key, random) = (key(5, 6), Seeded::new(1));
    for plain in [&b""[..], b"x", &[0xff; 4096]] {
        let sealed = key.seal(&random, &context(), plain).unwrap();
        assert_eq!(sealed.len(), 1 + 16 + 12 + plain.len() + 16);
        assert_eq!(DataKey::key_id_of(&sealed), Some(key.id()));
        assert_eq!(key.open(&context(), &sealed).unwrap().expose(), plain);
        assert_ne!(sealed, key.seal(&random, &context(), plain).unwrap());
    }
    assert!(key.seal(&Broken, &context(), b"x").is_err());
}

#[test]
fn every_bit_counts() {
    let key = key(5, 6);
    let sealed = key.seal(&Seeded::new(1), &context(), b"value").unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(key.open(&context(), &changed).is_err(), "{bit}");
    }
    for cut in 0..sealed.len() {
        assert!(key.open(&context(), &sealed[..cut]).is_err(), "{cut}");
    }
}

#[test]
fn another_place_or_key_is_refused() {
    let sealed = key(5, 6).seal(&Seeded::new(1), &context(), b"value").unwrap();
    let row = [8; 16];
    let elsewhere = [
        SealContext { program: ProgramId::from_bytes([2; 16]), ..context() },
        SealContext { noun: "credentials", ..context() },
        SealContext { id: &row, ..context() },
        SealContext { field: "secret_old", ..context() },
        SealContext { noun: "secret", field: "credential", ..context() },
    ];
    for other in elsewhere {
        assert_eq!(key(5, 6).open(&other, &sealed).err(), Some(KeyError::Refused));
    }
    assert_eq!(key(4, 6).open(&context(), &sealed).err(), Some(KeyError::OtherKey));
    assert_eq!(key(5, 7).open(&context(), &sealed).err(), Some(KeyError::Refused));
}

#[test]
fn what_is_not_sealed_names_no_key() {
    for text in [&b""[..], &[1; 16], &[2; 64], &[0; 64]] {
        assert_eq!(DataKey::key_id_of(text), None);
        assert_eq!(key(1, 1).open(&context(), text).err(), Some(KeyError::Malformed));
    }
}

#[test]
fn debug_prints_no_key() {
    let text = format!("{:?}", key(5, 0xab));
    assert_eq!(text, "DataKey(05050505-0505-0505-0505-050505050505, [secret])");
}
