use super::*;

#[test]
fn ids_repeat_after_rewind_and_grow_within_a_unit() {
    let mut stamp = Stamp::new(Time::from_unix_us(1_716_307_200_123_456), 0xdead_beef);
    let first = [stamp.id(), stamp.id()];
    assert!(first[0] < first[1]);
    assert_eq!(first[0][6] >> 4, 7);
    assert_eq!(first[0][8] >> 6, 2);
    stamp.rewind();
    assert_eq!([stamp.id(), stamp.id()], first);
}
