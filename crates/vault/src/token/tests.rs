use super::*;

fn claims() -> TokenClaims {
    TokenClaims {
        program: ProgramId::from_bytes([1; 16]),
        credential: CredentialId::from_bytes([2; 16]),
        version: 3,
        expires_at: Time::from_unix_us(1_716_393_600_000_000),
    }
}

fn key(byte: u8) -> TokenKey {
    TokenKey::new(Secret::new([byte; 32]))
}

#[test]
fn issued_and_read() {
    let edges = [
        claims(),
        TokenClaims { version: u64::MAX, expires_at: Time::MAX, ..claims() },
        TokenClaims { version: 0, expires_at: Time::from_unix_us(i64::MIN), ..claims() },
    ];
    for claims in edges {
        let token = key(1).issue(&claims);
        assert_eq!(token.expose().len(), TEXT_LEN);
        assert_eq!(key(1).read(token.expose()), Some(claims));
        assert_eq!(key(2).read(token.expose()), None);
    }
}

#[test]
fn every_bit_counts() {
    let token = key(1).issue(&claims());
    let bytes = BASE64URL_NOPAD.decode(token.expose().as_bytes()).unwrap();
    for bit in 0..bytes.len() * 8 {
        let mut changed = bytes.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert_eq!(key(1).read(&BASE64URL_NOPAD.encode(&changed)), None, "{bit}");
    }
}

#[test]
fn one_spelling_only() {
    let token = key(1).issue(&claims());
    let text = token.expose();
    for place in 0..text.len() {
        for byte in 0..128u8 {
            let mut changed = text.clone().into_bytes();
            if changed[place] == byte {
                continue;
            }
            changed[place] = byte;
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(key(1).read(&changed), None, "{place} {byte}");
        }
    }
    let long = "A".repeat(1 << 20);
    let spaced = format!(" {}", &text[1..]);
    let padded = format!("{text}=");
    for other in ["", "A", &text[1..], &text[..107], &long, &spaced, &padded] {
        assert_eq!(key(1).read(other), None);
    }
    assert_eq!(key(1).read(&"é".repeat(54)), None);
}

#[test]
fn another_version_is_refused_though_its_mac_is_right() {
    let mut bytes = [0u8; TOKEN_LEN];
    bytes[0] = 2;
    let key = key(1);
    let mac = hmac::sign(&key.0, &bytes[..BODY_LEN]);
    bytes[BODY_LEN..].copy_from_slice(mac.as_ref());
    assert_eq!(key.read(&BASE64URL_NOPAD.encode(&bytes)), None);
}

#[test]
fn debug_prints_nothing() {
    assert_eq!(format!("{:?}", key(1)), "TokenKey([secret])");
    assert_eq!(format!("{:?}", key(1).issue(&claims())), "[secret]");
}
