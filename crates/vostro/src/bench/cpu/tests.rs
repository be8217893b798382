use super::*;

#[test]
fn user_and_system_time_stand_behind_the_name() {
    let line = "4711 (a (b) c) S 1 4711 4711 0 -1 4194560 900 0 3 0 250 75 9 9 20 0 5 0 1 2 3";
    let expected = Cpu { user: Duration::from_millis(2_500), system: Duration::from_millis(750) };
    assert_eq!(read(line, 100), Some(expected));
}

#[test]
fn what_is_no_such_line_is_nothing() {
    for text in ["", "4711 (vostro) S 1", "4711 vostro S", "1 (x) S 1 1 1 0 -1 4 9 0 3 0 a 75"] {
        assert_eq!(read(text, 100), None, "{text}");
    }
    let line = "4711 (vostro) S 1 4711 4711 0 -1 4194560 900 0 3 0 250 75 9";
    assert_eq!(read(line, 0), None);
}

#[test]
fn a_difference_needs_both_looks_and_never_goes_back() {
    let at = |user, system| {
        Some(Cpu { user: Duration::from_micros(user), system: Duration::from_micros(system) })
    };
    assert_eq!(between(at(10, 20), at(15, 20)), at(5, 0));
    assert_eq!(between(at(10, 20), at(9, 20)), None);
    assert_eq!(between(None, at(9, 20)), None);
    assert_eq!(between(at(9, 20), None), None);
}
