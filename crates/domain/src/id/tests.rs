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
    ] {
        let read = text.parse::<TransferId>();
        assert_eq!(read.is_ok(), good, "{text}");
        if let Ok(id) = read {
            assert_eq!(id.to_string(), "00112233-4455-6677-8899-aabbccddeeff");
            assert_eq!(id.to_string().parse::<TransferId>(), Ok(id));
        }
    }
}
