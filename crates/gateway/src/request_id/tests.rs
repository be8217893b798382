use super::*;

#[test]
fn ids_differ_and_read_as_sixteen_digits() {
    let ids = RequestIds::new(7);
    let mut seen = std::collections::HashSet::new();
    for _ in 0..1_000 {
        let id = ids.next();
        let text = id.to_string();
        assert_eq!(text.len(), 16);
        assert_eq!(id.header().to_str().unwrap(), text);
        assert!(seen.insert(text));
    }
    assert_eq!(RequestIds::new(7).next(), RequestIds::new(7).next());
}

#[test]
fn the_counter_may_wrap() {
    let ids = RequestIds::new(u64::MAX);
    assert_ne!(ids.next(), ids.next());
}
