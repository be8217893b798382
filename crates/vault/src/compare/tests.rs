#[test]
fn only_equal_values_are_equal() {
    assert!(super::equal(b"", b""));
    assert!(super::equal(b"secret", b"secret"));
    assert!(!super::equal(b"secret", b"secreT"));
    assert!(!super::equal(b"secret", b"secret\0"));
}
