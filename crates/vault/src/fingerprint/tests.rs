use super::*;
use crate::random::tests::hex;

/// RFC 4231, test cases 1 to 4. HMAC pads a short key with zeros, so these keys of at most 25
/// bytes are the same as their 32 bytes here.
#[test]
fn published_vectors() {
    let counting: Vec<u8> = (1..=25).collect();
    let cases: [(&[u8], &[u8], &str); 4] = [
        (
            &[0x0b; 20],
            b"Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            &[0xaa; 20],
            &[0xdd; 50],
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
        ),
        (
            &counting,
            &[0xcd; 50],
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
        ),
    ];
    for (key, data, expected) in cases {
        let mut padded = [0u8; 32];
        padded[..key.len()].copy_from_slice(key);
        let made = FingerprintKey::new(Secret::new(padded)).fingerprint(data);
        assert_eq!(made.as_slice(), hex(expected));
    }
}

#[test]
fn the_encoding_never_changes() {
    let bytes = Canonical::new(1, "op").text("ab").id(&[7; 16]).i64(-2).absent();
    let expected = [
        "01",
        "0100000000000000026f70",
        "0100000000000000026162",
        "02000000000000001007070707070707070707070707070707",
        "030000000000000008fffffffffffffffe",
        "010000000000000000",
    ];
    assert_eq!(bytes.as_bytes(), hex(&expected.concat()));
}

#[test]
fn different_commands_have_different_bytes() {
    let one = |made: Canonical| made.as_bytes().to_vec();
    let start = || Canonical::new(1, "op");
    let all = [
        one(start()),
        one(Canonical::new(2, "op")),
        one(Canonical::new(1, "other")),
        one(start().text("ab")),
        one(start().text("a").text("b")),
        one(start().text("").text("ab")),
        one(start().text("ab").text("")),
        one(start().text("7777777777777777")),
        one(start().id(b"7777777777777777")),
        one(start().text("77777777")),
        one(start().i64(i64::from_be_bytes(*b"77777777"))),
        one(start().i64(0)),
        one(start().i64(-1)),
        one(start().absent()),
        one(start().text("\u{1}")),
    ];
    for (i, left) in all.iter().enumerate() {
        for right in &all[i + 1..] {
            assert_ne!(left, right);
        }
    }
    assert_eq!(one(start().absent()), one(start().text("")));
}

#[test]
fn debug_prints_nothing() {
    assert_eq!(
        format!("{:?}", FingerprintKey::new(Secret::new([3; 32]))),
        "FingerprintKey([secret])"
    );
    assert_eq!(format!("{:?}", Canonical::new(1, "op").text("name")), "Canonical(25 bytes)");
}
