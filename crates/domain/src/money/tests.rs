use super::*;
use proptest::prelude::*;

fn asset(code: &str) -> Asset {
    Asset::find(code).expect("an asset of the registry")
}

/// Asset, text, and the minor units or the fault that it reads as.
const READ: &str = "
USD   0                        0
USD   0.0                      0
USD   0.00                     0
USD   -0                       0
USD   1                        100
USD   1.0                      100
USD   1.5                      150
USD   1.05                     105
USD   100.00                   10000
USD   -1                       -100
USD   -0.01                    -1
USD   92233720368547758.07     9223372036854775807
USD   92233720368547758.08     TooLarge
USD   -92233720368547758.08    -9223372036854775808
USD   -92233720368547758.09    TooLarge
USD   92233720368547759        TooLarge
USD   9223372036854775807      TooLarge
USD   99999999999999999999999999999999999999999   TooLarge
USD   1.005                    TooPrecise
USD   1.000                    TooPrecise
USD   99999999999999999999999999.001              TooPrecise
USD   01                       NotANumber
USD   00                       NotANumber
USD   00.5                     NotANumber
USD   1.                       NotANumber
USD   .5                       NotANumber
USD   .                        NotANumber
USD   -                        NotANumber
USD   -.5                      NotANumber
USD   --1                      NotANumber
USD   +1                       NotANumber
USD   1-                       NotANumber
USD   1e3                      NotANumber
USD   1E3                      NotANumber
USD   1,00                     NotANumber
USD   1,000.00                 NotANumber
USD   1.0.0                    NotANumber
USD   1..0                     NotANumber
USD   1_000                    NotANumber
USD   0x10                     NotANumber
USD   inf                      NotANumber
USD   NaN                      NotANumber
USD   ١                        NotANumber
USD   １                       NotANumber
USD   1\u{a0}                  NotANumber
USD   1.-5                     NotANumber
JPY   151                      151
JPY   9223372036854775807      9223372036854775807
JPY   9223372036854775808      TooLarge
JPY   -9223372036854775808     -9223372036854775808
JPY   1.0                      TooPrecise
JPY   1.                       NotANumber
KWD   1.005                    1005
KWD   1.0005                   TooPrecise
USDC  0.000001                 1
USDC  9223372036854.775807     9223372036854775807
USDC  9223372036854.775808     TooLarge
CLF   1.0001                   10001
";

#[test]
fn texts_read_as_money() {
    for line in READ.lines().filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [code, text, expected] = words[..] else {
            panic!("{line}");
        };
        let read = match Money::parse(text, asset(code)) {
            Ok(money) => money.minor.to_string(),
            Err(fault) => format!("{fault:?}"),
        };
        assert_eq!(read, expected, "{line}");
    }
}

/// What a table of words can't hold.
#[test]
fn blanks_and_lengths() {
    let long = ["1".repeat(400), format!("0.{}", "0".repeat(400)), "-".repeat(400)];
    for (text, fault) in [
        ("", AmountFault::NotANumber),
        (" ", AmountFault::NotANumber),
        (" 1", AmountFault::NotANumber),
        ("1 ", AmountFault::NotANumber),
        ("1 000", AmountFault::NotANumber),
        ("1\n", AmountFault::NotANumber),
        ("1\0", AmountFault::NotANumber),
        ("\u{feff}1", AmountFault::NotANumber),
        (long[0].as_str(), AmountFault::TooLarge),
        (long[1].as_str(), AmountFault::TooPrecise),
        (long[2].as_str(), AmountFault::NotANumber),
    ] {
        assert_eq!(Money::parse(text, asset("USD")), Err(fault), "{text:?}");
        assert_eq!(Amount::parse(text, asset("USD")), Err(fault), "{text:?}");
    }
}

#[test]
fn amounts_are_more_than_zero() {
    for (text, expected) in [
        ("0", Err(AmountFault::NotPositive)),
        ("-0", Err(AmountFault::NotPositive)),
        ("0.00", Err(AmountFault::NotPositive)),
        ("-1", Err(AmountFault::NotPositive)),
        // The earlier fault is the one that is told.
        ("-1.005", Err(AmountFault::TooPrecise)),
        ("0.000", Err(AmountFault::TooPrecise)),
        ("0.01", Ok(1)),
    ] {
        let amount = Amount::parse(text, asset("USD"));
        assert_eq!(amount.map(Amount::minor), expected, "{text}");
    }
}

#[test]
fn money_is_written_with_all_its_decimals() {
    for (code, minor, text) in [
        ("USD", 0, "0.00"),
        ("USD", 1, "0.01"),
        ("USD", -1, "-0.01"),
        ("USD", 100, "1.00"),
        ("USD", -12_345, "-123.45"),
        ("USD", i64::MAX, "92233720368547758.07"),
        ("USD", i64::MIN, "-92233720368547758.08"),
        ("JPY", 0, "0"),
        ("JPY", -5, "-5"),
        ("JPY", i64::MIN, "-9223372036854775808"),
        ("KWD", 1_005, "1.005"),
        ("USDC", -1, "-0.000001"),
        ("CLF", 10_001, "1.0001"),
    ] {
        assert_eq!(Money::new(minor, asset(code)).to_string(), text);
    }
}

#[test]
fn arithmetic_is_checked() {
    let usd = |minor| Money::new(minor, asset("USD"));
    let yen = Money::new(1, asset("JPY"));
    assert_eq!(usd(1).checked_add(usd(2)), Some(usd(3)));
    assert_eq!(usd(1).checked_sub(usd(2)), Some(usd(-1)));
    assert_eq!(usd(i64::MAX).checked_add(usd(1)), None);
    assert_eq!(usd(i64::MIN).checked_sub(usd(1)), None);
    assert_eq!(usd(1).checked_add(yen), None);
    assert_eq!(usd(1).checked_sub(yen), None);
}

#[test]
fn splits_by_largest_remainder() {
    for (minor, weights, parts) in [
        (100, &[1, 1, 1][..], Some(vec![34, 33, 33])),
        (101, &[1, 1, 1], Some(vec![34, 34, 33])),
        (100, &[3, 1], Some(vec![75, 25])),
        (10, &[1, 2, 4], Some(vec![1, 3, 6])),
        (1, &[1, 1], Some(vec![1, 0])),
        // The larger remainder goes before the earlier place.
        (1, &[1, 2], Some(vec![0, 1])),
        (0, &[1, 2], Some(vec![0, 0])),
        (5, &[0, 1, 0], Some(vec![0, 5, 0])),
        (7, &[1], Some(vec![7])),
        (i64::MAX, &[u64::MAX, u64::MAX], Some(vec![i64::MAX / 2 + 1, i64::MAX / 2])),
        (1, &[], None),
        (1, &[0, 0], None),
        (-1, &[1], None),
    ] {
        let split = Money::new(minor, asset("USD")).split(weights);
        let split = split.map(|parts| parts.iter().map(|part| part.minor).collect::<Vec<_>>());
        assert_eq!(split, parts, "{minor} by {weights:?}");
    }
}

fn assets() -> impl Strategy<Value = Asset> {
    proptest::sample::select(Asset::all().collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn what_is_written_is_read(minor: i64, asset in assets()) {
        let money = Money::new(minor, asset);
        prop_assert_eq!(Money::parse(&money.to_string(), asset), Ok(money));
    }

    #[test]
    fn what_is_read_is_written_alike(text in "-?(0|[1-9][0-9]{0,17})\\.[0-9]{2}") {
        if let Ok(money) = Money::parse(&text, asset("USD")) {
            let negative_zero = money.minor == 0 && text.starts_with('-');
            let expected = if negative_zero { &text[1..] } else { &text[..] };
            prop_assert_eq!(money.to_string(), expected);
        }
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,60}", asset in assets()) {
        let _ = Money::parse(&text, asset);
    }

    #[test]
    fn parts_sum_to_the_whole(
        minor in 0..=i64::MAX,
        weights in proptest::collection::vec(any::<u64>(), 1..20),
    ) {
        let Some(parts) = Money::new(minor, asset("USD")).split(&weights) else {
            prop_assert!(weights.iter().all(|weight| *weight == 0));
            return Ok(());
        };
        let total: u128 = weights.iter().map(|weight| u128::from(*weight)).sum();
        let sum: i128 = parts.iter().map(|part| i128::from(part.minor)).sum();
        prop_assert_eq!(sum, i128::from(minor));
        for (part, weight) in parts.iter().zip(&weights) {
            let product = u128::from(minor.unsigned_abs()) * u128::from(*weight);
            let part = u128::from(u64::try_from(part.minor).expect("parts are not negative"));
            let rounded_up = product / total + u128::from(product % total > 0);
            prop_assert!(part == product / total || part == rounded_up);
        }
    }
}
