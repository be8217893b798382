use super::*;
use proptest::prelude::*;

const ROUNDINGS: [Rounding; 3] = [Rounding::Up, Rounding::Down, Rounding::HalfEven];

fn asset(code: &str) -> Asset {
    Asset::find(code).expect("an asset of the registry")
}

#[test]
fn texts_read_as_rates() {
    for (text, expected) in [
        ("1", Ok((1, 0))),
        ("151.237", Ok((151_237, 3))),
        ("0.0066", Ok((66, 4))),
        ("1.10", Ok((110, 2))),
        ("0.000000000001", Ok((1, 12))),
        ("9223372036854775807", Ok((i64::MAX, 0))),
        ("9223372036854775808", Err(BadRate)),
        ("0.0000000000001", Err(BadRate)),
        ("0", Err(BadRate)),
        ("0.00", Err(BadRate)),
        ("-1", Err(BadRate)),
        ("+1", Err(BadRate)),
        ("1.", Err(BadRate)),
        (".5", Err(BadRate)),
        ("1,5", Err(BadRate)),
        ("1e3", Err(BadRate)),
        ("1.2.3", Err(BadRate)),
        (" 1", Err(BadRate)),
        ("١", Err(BadRate)),
        ("", Err(BadRate)),
    ] {
        let rate = Rate::parse(text);
        assert_eq!(rate.map(|rate| (rate.mantissa(), rate.scale())), expected, "{text}");
        if let Ok(rate) = rate {
            assert_eq!(rate.to_string(), text);
        }
    }
    assert_eq!(Rate::new(1, SCALE_MAX + 1), Err(BadRate));
    assert_eq!(Rate::new(0, 0), Err(BadRate));
}

/// From, minor units, rate, to; then the minor units by rounding up, down and half even, and the
/// exact product: numerator and scale.
const CONVERTED: &str = "
USD   1000                  151.237  JPY   1513  1512  1512   151237000 5
USD   100                   1.005    EUR   101   100   100    100500 3
USD   300                   1.005    EUR   302   301   302    301500 3
USD   -100                  1.005    EUR   -101  -100  -100   -100500 3
USD   -300                  1.005    EUR   -302  -301  -302   -301500 3
USD   1                     0.004    EUR   1     0     0      4 3
USD   0                     1.5      EUR   0     0     0      0 1
USD   12345                 1        TUSDT 12345 12345 12345  12345 0
JPY   1                     0.0066   USD   1     0     1      66 2
JPY   10                    7        USDC  70000000 70000000 70000000  70000000 0
USDC  1999999               1        JPY   2     1     2      1999999 6
USDC  1500000               1        JPY   2     1     2      1500000 6
USDC  2500000               1        JPY   3     2     2      2500000 6
USD   9223372036854775807   1        EUR   9223372036854775807 9223372036854775807 \
9223372036854775807 9223372036854775807 0
";

#[test]
fn products_are_exact_and_rounded_once() {
    for line in CONVERTED.lines().filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let number = |at: usize| words[at].parse::<i64>().expect("a number");
        let rate = Rate::parse(words[2]).expect("a rate");
        for (at, rounding) in ROUNDINGS.into_iter().enumerate() {
            let from = Money::new(number(1), asset(words[0]));
            let converted = rate.convert(from, asset(words[3]), rounding);
            let (to, conversion) = converted.expect("it fits");
            assert_eq!(to, Money::new(number(4 + at), asset(words[3])), "{rounding:?}: {line}");
            let expected = Conversion {
                rate,
                rounding,
                product_numerator: words[7].parse().expect("a number"),
                product_scale: words[8].parse().expect("a number"),
            };
            assert_eq!(conversion, expected, "{line}");
        }
    }
}

#[test]
fn what_does_not_fit_is_none() {
    let rate = |text| Rate::parse(text).expect("a rate");
    let usd = |minor| Money::new(minor, asset("USD"));
    let convert = |rate: Rate, from, to| rate.convert(from, asset(to), Rounding::Up);
    assert_eq!(convert(rate("2"), usd(i64::MAX), "EUR"), None);
    assert_eq!(convert(rate("1.000000000001"), usd(i64::MAX), "EUR"), None);
    assert_eq!(convert(rate("9223372036854775807"), usd(i64::MAX), "USDC"), None);
    assert_eq!(convert(rate("9223372036854775807"), usd(i64::MAX), "JPY"), None);
    assert_eq!(convert(rate("2"), usd(i64::MIN), "EUR"), None);
    let least = convert(rate("1"), usd(i64::MIN), "EUR");
    assert_eq!(least.map(|(to, _)| to.minor), Some(i64::MIN));
}

#[test]
fn each_ordered_pair_of_assets_is_another_id() {
    let pairs = Asset::all().flat_map(|from| Asset::all().map(move |to| (from, to)));
    let ids: Vec<RateId> = pairs.map(|(from, to)| RateId::of(from, to)).collect();
    let different: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(different.len(), ids.len());
}

#[test]
fn codes_of_rounding() {
    for rounding in ROUNDINGS {
        assert_eq!(Rounding::from_code(rounding.code()), Some(rounding));
    }
    assert_eq!(Rounding::from_code(0), None);
    assert_eq!(Rounding::from_code(4), None);
}

fn rates() -> impl Strategy<Value = Rate> {
    (1..1_000_000_000_000i64, 0..=SCALE_MAX)
        .prop_map(|(mantissa, scale)| Rate::new(mantissa, scale).expect("a rate"))
}

fn roundings() -> impl Strategy<Value = Rounding> {
    proptest::sample::select(&ROUNDINGS[..])
}

fn assets() -> impl Strategy<Value = Asset> {
    proptest::sample::select(Asset::all().collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn what_is_written_is_read(rate in rates()) {
        prop_assert_eq!(Rate::parse(&rate.to_string()), Ok(rate));
    }

    /// The k-th part is the rounded cumulative amount less the one before: no part is negative,
    /// and all of them are what the whole would have been.
    #[test]
    fn parts_of_a_conversion_close_exactly(
        rate in rates(),
        rounding in roundings(),
        (from, to) in (assets(), assets()),
        captures in proptest::collection::vec(1..1_000_000i64, 1..12),
    ) {
        let convert = |minor| rate.convert(Money::new(minor, from), to, rounding);
        let whole: i64 = captures.iter().sum();
        let Some((all, _)) = convert(whole) else {
            return Ok(());
        };
        let (mut cumulative, mut before, mut sum) = (0, 0, 0);
        for capture in captures {
            cumulative += capture;
            let (now, _) = convert(cumulative).expect("less than the whole fits");
            let part = now.minor - before;
            prop_assert!(part >= 0);
            (before, sum) = (now.minor, sum + part);
        }
        prop_assert_eq!(sum, all.minor);
    }

    /// The rounded amount is the product's neighbour, on the side that the rounding names.
    #[test]
    fn rounding_is_less_than_one_away(
        rate in rates(),
        minor: i64,
        (from, to) in (assets(), assets()),
    ) {
        for rounding in ROUNDINGS {
            let Some((rounded, conversion)) = rate.convert(Money::new(minor, from), to, rounding)
            else {
                continue;
            };
            let unit = 10i128.pow(u32::from(conversion.product_scale));
            let error = i128::from(rounded.minor) * unit - conversion.product_numerator;
            let outward = if minor < 0 { -error } else { error };
            let close = match rounding {
                Rounding::Up => (0..unit).contains(&outward),
                Rounding::Down => (-unit + 1..=0).contains(&outward),
                Rounding::HalfEven => error.abs() * 2 <= unit,
            };
            prop_assert!(close, "{rounding:?}: {rounded:?} of {conversion:?}");
        }
    }
}
