use super::*;
use domain::asset::Asset;

fn shown(minor: i64, code: &str) -> String {
    let asset = Asset::find(code).unwrap();
    serde_json::to_string(&Decimal(Money::new(minor, asset))).unwrap()
}

#[test]
fn no_zeros_at_the_end() {
    for (minor, code, text) in [
        (100, "USD", "1"),
        (150, "USD", "1.5"),
        (101, "USD", "1.01"),
        (1, "USD", "0.01"),
        (10, "USD", "0.1"),
        (0, "USD", "0"),
        (1_000, "USD", "10"),
        (100_100, "USD", "1001"),
        (20_000, "HKD", "200"),
        (-10_100, "HKD", "-101"),
        (-50, "HKD", "-0.5"),
        (100, "JPY", "100"),
        (0, "JPY", "0"),
        (-10, "JPY", "-10"),
        (1_000, "KWD", "1"),
        (1_100, "KWD", "1.1"),
        (1, "KWD", "0.001"),
        (i64::MAX, "USD", "92233720368547758.07"),
        (i64::MIN, "USD", "-92233720368547758.08"),
    ] {
        assert_eq!(shown(minor, code), format!("\"{text}\""));
    }
}
