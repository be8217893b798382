use super::*;
use http::HeaderValue;

fn of(values: &[&[u8]]) -> Language {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append("X-I18n-Lang", HeaderValue::from_bytes(value).unwrap());
    }
    Language::of(&headers)
}

#[test]
fn three_words_and_all_else_is_english() {
    assert_eq!(of(&[b"zh-CN"]), Language::Simplified);
    assert_eq!(of(&[b"zh-HK"]), Language::Traditional);
    let words: [&[u8]; 8] = [b"en", b"en-US", b"", b"zh", b"zh-cn", b"zh-TW", b"zh-CN,en", b"\xff"];
    for word in words {
        assert_eq!(of(&[word]), Language::English, "{word:?}");
    }
    assert_eq!(of(&[]), Language::English);
    assert_eq!(of(&[b"zh-CN", b"zh-CN"]), Language::English);
}
