use super::*;
use crate::random::tests::{Broken, Seeded, hex};

/// Test cases 13, 14 and 16 of McGrew and Viega, "The Galois/Counter Mode of Operation", which
/// NIST's validation of GCM uses: key, nonce, context, plain, ciphertext ‖ tag.
const VECTORS: [[&str; 5]; 3] = [
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "",
        "530f8afbc74536b9a963b4f1c4cb738b",
    ],
    [
        "0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000",
        "",
        "00000000000000000000000000000000",
        "cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919",
    ],
    [
        "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308",
        "cafebabefacedbaddecaf888",
        "feedfacedeadbeeffeedfacedeadbeefabaddad2",
        "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72\
         1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39",
        "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa\
         8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662\
         76fc6ece0f4e1768cddf8853bb2d551b",
    ],
];

fn key(bytes: &[u8]) -> Secret<[u8; 32]> {
    Secret::new(bytes.try_into().unwrap())
}

#[test]
fn published_vectors() {
    for [secret, nonce, context, plain, expected] in VECTORS {
        let cipher = Cipher::new(&key(&hex(secret)));
        let (nonce, context, plain) = (hex(nonce), hex(context), hex(plain));
        let sealed =
            cipher.seal_with(nonce.clone().try_into().unwrap(), b"", &context, &plain).unwrap();
        assert_eq!(sealed, [nonce, hex(expected)].concat());
        assert_eq!(cipher.open(0, &context, &sealed).unwrap().expose(), &plain);
    }
}

#[test]
fn every_bit_counts() {
    let cipher = Cipher::new(&key(&[7; 32]));
    let sealed = cipher.seal(&Seeded::new(1), b"head", b"context", b"plain").unwrap();
    for bit in 0..sealed.len() * 8 {
        let mut changed = sealed.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(cipher.open(4, b"context", &changed).err(), Some(KeyError::Refused), "{bit}");
    }
    for cut in 0..sealed.len() {
        assert!(cipher.open(4, b"context", &sealed[..cut]).is_err(), "{cut}");
    }
    assert!(cipher.open(4, b"contexT", &sealed).is_err());
    assert!(cipher.open(4, b"", &sealed).is_err());
    assert_eq!(cipher.open(4, b"context", &sealed).unwrap().expose(), b"plain");
}

#[test]
fn two_seals_of_one_value_differ() {
    let (cipher, random) = (Cipher::new(&key(&[7; 32])), Seeded::new(1));
    let one = cipher.seal(&random, b"", b"", b"same").unwrap();
    assert_ne!(one, cipher.seal(&random, b"", b"", b"same").unwrap());
}

#[test]
fn without_randomness_nothing_is_sealed() {
    let sealed = Cipher::new(&key(&[7; 32])).seal(&Broken, b"", b"", b"plain");
    assert!(matches!(sealed, Err(KeyError::Random(_))));
}
