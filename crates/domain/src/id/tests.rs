use super::*;

#[test]
fn text_and_back() {
    for (text, good) in [
        ("00112233445566778899aabbccddeeff", true),
        ("00112233-4455-6677-8899-aabbccddeeff", true),
        ("00112233-4455-6677-8899-AABBCCDDEEFF", true),
        ("00112233445566778899aabbccddeef", false),
        ("00112233445566778899aabbccddeefg", false),
        ("0011223344556677-8899-aabbccddeeff--", false),
        ("001122334-455-6677-8899-aabbccddeeff", false),
        ("", false),
        ("00112233x4455-6677-8899-aabbccddeeff", false),
        ("00112233-4455-6677-8899-aabbccddee\u{e9}", false),
        ("001122334455667788-9aabbccddeeff", false),
    ] {
        let read = text.parse::<TransferId>();
        assert_eq!(read.is_ok(), good, "{text}");
        if let Ok(id) = read {
            assert_eq!(id.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
            assert_eq!(id.to_string().parse::<TransferId>(), Ok(id));
        }
    }
}

#[test]
fn each_digit_in_its_place() {
    const DIGITS: &str = "0123456789abcdef";
    for at in 0..32 {
        for (value, digit) in (0u8..16).zip(DIGITS.chars()) {
            let mut text = "0".repeat(32);
            text.replace_range(at..=at, &digit.to_ascii_uppercase().to_string());
            let id: EventId = text.parse().unwrap();
            let mut bytes = [0u8; 16];
            bytes[at / 2] = if at % 2 == 0 { value << 4 } else { value };
            assert_eq!(id, EventId::from_bytes(bytes));
            assert_eq!(id.to_string().replace('-', ""), text.to_lowercase());
        }
        for byte in (0u8..128).filter(|byte| !byte.is_ascii_hexdigit()) {
            let mut text = "f".repeat(32);
            text.replace_range(at..=at, &char::from(byte).to_string());
            assert_eq!(text.parse::<EventId>(), Err(BadId), "{text:?}");
        }
    }
}
