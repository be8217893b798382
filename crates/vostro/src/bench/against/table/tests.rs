use super::*;
use serde_json::json;

/// A run as a build's report tells of it.
fn ran(store: Option<&str>, rate: u64, p99_us: u64, bytes: u64) -> Ran {
    let cpu = json!({"server_user_ns": 20 * rate, "server_system_ns": rate,
                     "load_user_ns": 5, "load_system_ns": 6});
    let median = json!({"transfers_per_s": rate, "p99_us": p99_us, "cpu": cpu, "p50_us": 1});
    let settings = store.map_or(json!({}), |store| json!({"store": store}));
    let measurement = json!({"kind": "transfer", "connections": 64, "median": median, "runs": []});
    let report = json!({"debug_build": false, "settings": settings,
                        "measurements": [measurement], "store": {"bytes_per_transfer": bytes}});
    serde_json::from_value(report).unwrap()
}

fn sample() -> [[Ran; 2]; 3] {
    let sqlite = Some("sqlite");
    [
        [ran(sqlite, 1_200, 10, 900), ran(sqlite, 1_000, 20, 1_000)],
        // A minute in which the machine did half.
        [ran(sqlite, 600, 20, 900), ran(sqlite, 400, 40, 1_000)],
        [ran(sqlite, 1_100, 10, 900), ran(sqlite, 1_000, 0, 1_000)],
    ]
}

#[test]
fn ratios_are_those_within_a_turn() {
    let comparison = Comparison::of(&sample()).unwrap();
    let [compared] = &comparison.comparisons[..] else { panic!("one measurement") };
    let pair = compared.transfers_per_s;
    assert_eq!((pair.this, pair.other), (1_100, 1_000));
    let spread = Spread { median_permille: 1_200, lowest_permille: 1_100, highest_permille: 1_500 };
    assert_eq!(pair.ratio, Some(spread));
    assert_eq!(
        (compared.p99_us.this, compared.p99_us.other, compared.p99_us.ratio),
        (10, 20, None)
    );
    assert_eq!(compared.server_ns.map(|pair| pair.this), Some(21 * 1_100));
    assert_eq!(compared.load_ns.map(|pair| pair.other), Some(11));
    assert_eq!(compared.last_tenth_per_s, None, "of bulk transfers alone");
    assert_eq!(comparison.bytes_per_transfer.ratio.unwrap().median_permille, 900);
    assert_eq!((comparison.turns, comparison.compared_on.as_deref()), (3, Some("sqlite")));
}

#[test]
fn the_table_has_a_line_for_each_figure() {
    let text = Comparison::of(&sample()).unwrap().to_string();
    for line in [
        "on sqlite, 3 turns of one run each\n",
        "     64  transfer  per second            1,100       1,000    1.200    1.100    1.500\n",
        "     64  transfer  server ns each       23,100      21,000    1.200    1.100    1.500\n",
        "         store     bytes each              900       1,000    0.900    0.900    0.900\n",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(!text.contains("p99"), "a ratio to nothing is no figure: {text}");
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn an_older_build_does_not_say_on_which_store() {
    let turn = [ran(Some("sqlite"), 1, 1, 1), ran(None, 1, 1, 1)];
    let comparison = Comparison::of(&[turn]).unwrap();
    assert_eq!(comparison.compared_on, None);
    assert!(comparison.to_string().contains("on stores of which one is not told, 1 turn of one"));
}

#[test]
fn what_was_not_measured_by_both_is_not_compared() {
    let same = || ran(Some("sqlite"), 1, 1, 1);
    let mut other = same();
    other.measurements[0].connections = 1;
    assert!(Comparison::of(&[[same(), other]]).is_none());
    let mut fewer = same();
    fewer.measurements.clear();
    assert!(Comparison::of(&[[same(), fewer.clone()]]).is_none());
    assert!(Comparison::of(&[[fewer, same()]]).is_none());
    assert!(Comparison::of(&[]).is_none());
}
