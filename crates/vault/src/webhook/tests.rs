use super::*;
use data_encoding::HEXLOWER;

/// RFC 4231, test cases 1, 2 and 6, and of the longer ones 1 and 2.
#[test]
fn published_vectors() {
    for (secret, data, expected) in [
        (
            &[0x0b; 20][..],
            &b"Hi There"[..],
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            &[0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
    ] {
        assert_eq!(HEXLOWER.encode(&hmac_sha256(secret, &[data])), expected);
        let (one, two) = data.split_at(data.len() / 3);
        assert_eq!(HEXLOWER.encode(&hmac_sha256(secret, &[one, &[], two])), expected);
    }
    for (secret, data, expected) in [
        (
            &[0x0b; 20][..],
            &b"Hi There"[..],
            concat!(
                "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cde",
                "daa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854"
            ),
        ),
        (
            b"Jefe",
            b"what do ya want for nothing?",
            concat!(
                "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554",
                "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
            ),
        ),
    ] {
        let (one, two) = data.split_at(data.len() / 3);
        assert_eq!(HEXLOWER.encode(&hmac_sha512(secret, &[one, &[], two])), expected);
    }
}
