use super::*;
use crate::random::tests::{Broken, Seeded};

const TEXT: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";

fn context() -> KeyContext {
    KeyContext {
        program: ProgramId::from_bytes([1; 16]),
        id: KeyId::from_bytes([2; 16]),
        purpose: Purpose::Data,
    }
}

#[test]
fn text_and_back() {
    let upper = TEXT.to_uppercase();
    for text in [TEXT, &upper, &format!(" \t{TEXT}\r\n")] {
        let key = MasterKey::parse(text).unwrap();
        assert_eq!(key.to_text().expose(), TEXT);
    }
    let long = format!("{TEXT}0");
    let inner = format!("{} {}", &TEXT[..32], &TEXT[33..]);
    for text in ["", "0", &TEXT[1..], &long, &inner, &TEXT.replace('f', "g")] {
        let error = MasterKey::parse(text).unwrap_err();
        assert_eq!(error, KeyError::Text);
        assert_eq!(error.to_string(), "a master key is written as 64 hexadecimal digits");
    }
}

#[test]
fn generated_keys_differ_and_need_randomness() {
    let random = Seeded::new(3);
    let one = MasterKey::generate(&random).unwrap();
    let two = MasterKey::generate(&random).unwrap();
    assert_ne!(one.to_text().expose(), two.to_text().expose());
    assert_ne!(one.check_value(), two.check_value());
    assert!(MasterKey::generate(&Broken).is_err());
}

#[test]
fn the_check_value_never_changes() {
    let key = MasterKey::parse(TEXT).unwrap();
    let check = key.check_value();
    // Stored by every installation: a change here locks all of them out.
    assert_eq!(HEXLOWER.encode(&check), "6dd2c84f5be1c4a3");
    assert!(key.matches(&check));
    assert!(!key.matches(&check[..7]));
    assert!(!key.matches(b""));
    for bit in 0..64 {
        let mut changed = check;
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(!key.matches(&changed));
    }
}

#[test]
fn wrapped_keys_open_only_unchanged_and_in_their_place() {
    let (master, random) = (MasterKey::parse(TEXT).unwrap(), Seeded::new(4));
    let key = random::key(&random).unwrap();
    let wrapped = master.wrap(&random, &context(), &key).unwrap();
    assert_eq!(wrapped.len(), 61);
    assert_eq!(master.unwrap(&context(), &wrapped).unwrap().expose(), key.expose());
    for bit in 0..wrapped.len() * 8 {
        let mut changed = wrapped.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(master.unwrap(&context(), &changed).is_err(), "{bit}");
    }
    for cut in 0..wrapped.len() {
        assert!(master.unwrap(&context(), &wrapped[..cut]).is_err(), "{cut}");
    }
    let elsewhere = [
        KeyContext { program: ProgramId::from_bytes([2; 16]), ..context() },
        KeyContext { id: KeyId::from_bytes([1; 16]), ..context() },
        KeyContext { purpose: Purpose::Token, ..context() },
    ];
    for other in elsewhere {
        assert_eq!(master.unwrap(&other, &wrapped).err(), Some(KeyError::Refused));
    }
    let other = MasterKey::generate(&random).unwrap();
    assert_eq!(other.unwrap(&context(), &wrapped).err(), Some(KeyError::Refused));
}

#[test]
fn purposes_have_codes_of_their_own() {
    for (purpose, code) in Purpose::ALL.into_iter().zip(1u8..) {
        assert_eq!(purpose.code(), code);
        assert_eq!(Purpose::from_code(code), Some(purpose));
    }
    assert_eq!(Purpose::from_code(0), None);
    assert_eq!(Purpose::from_code(9), None);
}

#[test]
fn debug_prints_nothing() {
    let key = MasterKey::parse(TEXT).unwrap();
    assert_eq!(format!("{key:?}"), "MasterKey([secret])");
    assert_eq!(format!("{:?}", key.to_text()), "[secret]");
}
