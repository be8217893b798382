use super::*;

const LARGE: &str = include_str!("rsa_4096.pem");
/// Of `hello`, made by `openssl dgst -sha256 -sign` with the key of 4096 bits.
const SIGNATURE: &str = include_str!("rsa_4096.sig");

fn signature() -> Vec<u8> {
    let text: String = SIGNATURE.split_whitespace().collect();
    data_encoding::BASE64.decode(text.as_bytes()).expect("base64")
}

#[test]
fn verifies_what_openssl_signed() {
    let key = VerifyingKey::from_pem(LARGE).expect("a key");
    assert_eq!(key.bits(), 4096);
    assert!(key.verify(b"hello", &signature()));
    assert!(!key.verify(b"hellO", &signature()));
    assert!(!key.verify(b"hello", &[]));
    assert!(!key.verify(b"hello", &signature()[1..]));
    let mut spoilt = signature();
    for at in 0..spoilt.len() {
        spoilt[at] ^= 1;
        assert!(!key.verify(b"hello", &spoilt), "byte {at}");
        spoilt[at] ^= 1;
    }
}

#[test]
fn a_key_comes_back_from_its_der_and_its_pem() {
    let key = VerifyingKey::from_pem(LARGE).expect("a key");
    let again = VerifyingKey::from_der(key.der()).expect("a key");
    assert!(again.verify(b"hello", &signature()));
    assert_eq!(key.to_pem(), LARGE);
    let around = format!("some words\nmore\n{LARGE}\nand an end\n").replace('\n', "\r\n");
    let around = VerifyingKey::from_pem(&around).expect("a key");
    assert_eq!(around.der(), key.der());
}

#[test]
fn other_keys_and_spoilt_ones_are_refused() {
    let cut: String = LARGE.lines().filter(|line| !line.starts_with("MII")).collect();
    let key = VerifyingKey::from_pem(LARGE).expect("a key");
    for (name, pem) in [
        ("nothing", ""),
        ("words", "-----BEGIN PUBLIC KEY-----"),
        ("too small", include_str!("rsa_1024.pem")),
        ("another algorithm", include_str!("p256.pem")),
        ("cut", cut.as_str()),
    ] {
        assert_eq!(VerifyingKey::from_pem(pem).map(drop), Err(BadKey), "{name}");
        let secret = Secret::new(pem.to_owned());
        assert_eq!(SigningKey::from_pem(&secret).map(drop), Err(BadKey), "{name}");
    }
    let longer = [key.der(), &[0]].concat();
    assert_eq!(VerifyingKey::from_der(&longer).map(drop), Err(BadKey));
    assert_eq!(VerifyingKey::from_der(&key.der()[..500]).map(drop), Err(BadKey));
    // An even exponent verifies nothing: the last byte of 65537.
    let mut even = key.der().to_vec();
    *even.last_mut().expect("it has bytes") = 0;
    assert_eq!(VerifyingKey::from_der(&even).map(drop), Err(BadKey));
}

#[test]
fn debug_tells_the_size_only() {
    let key = VerifyingKey::from_pem(LARGE).expect("a key");
    assert_eq!(format!("{key:?}"), "VerifyingKey(4096 bits)");
}

/// Their fingerprints are known, so that no programme but a sandbox takes them.
#[test]
fn demo_keys_are_published_ones() {
    for text in [demo::APP, demo::PLATFORM] {
        let private = SigningKey::from_pem(&Secret::new(text.to_owned())).expect("a key");
        let key = private.public();
        assert!(key.verify(b"hello", &private.sign(b"hello")));
        assert_eq!(format!("{private:?}"), "SigningKey(2048 bits, [secret])");
        assert!(demo::is_published(key));
        assert_eq!(key.bits(), 2048);
        let pem = demo::pem_of(text);
        assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
        let bare = SigningKey::from_pem(&Secret::new(pem.to_owned())).expect("a key");
        assert_eq!(bare.public().der(), key.der());
        let public = VerifyingKey::from_pem(&key.to_pem()).expect("a key");
        assert_eq!(public.der(), key.der());
    }
    assert!(!demo::is_published(&VerifyingKey::from_pem(LARGE).expect("a key")));
}
