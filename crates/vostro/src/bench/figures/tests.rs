use super::*;
use std::sync::Arc;

#[test]
fn medians_of_odd_even_and_no_runs() {
    for (values, expected) in [
        (vec![], 0),
        (vec![7], 7),
        (vec![9, 1, 5], 5),
        (vec![4, 1, 9, 3], 3),
        (vec![u64::MAX, u64::MAX], u64::MAX),
    ] {
        assert_eq!(median(values.clone()), expected, "{values:?}");
    }
}

#[test]
fn ratios_are_thousandths_rounded_down() {
    assert_eq!(ratio_permille(15_000, 3_500), Some(4_285));
    assert_eq!(ratio_permille(119, 1_000), Some(119));
    assert_eq!(ratio_permille(0, 1), Some(0));
    assert_eq!(ratio_permille(1, 0), None);
    assert_eq!(ratio_permille(u64::MAX, 1), None);
}

#[test]
fn percentiles_of_a_thousand_different_times() {
    let mut tally = Tally::new();
    for us in 1..=1_000 {
        tally.succeeded(Duration::from_micros(us));
    }
    let cpu = |user_ms, system_ms| {
        let ms = Duration::from_millis;
        Some(Cpu { user: ms(user_ms), system: ms(system_ms) })
    };
    let figures = Figures::new(tally, Duration::from_millis(500), cpu(30, 20), cpu(10, 5));
    let split = CpuSplit {
        server_user_ns: 30_000,
        server_system_ns: 20_000,
        load_user_ns: 10_000,
        load_system_ns: 5_000,
    };
    let expected = Figures {
        transfers: 1_000,
        stored: 1_000,
        transfers_per_s: 2_000,
        tenths_per_s: Vec::new(),
        p50_us: 500,
        p99_us: 990,
        p999_us: 999,
        max_us: 1_000,
        cpu: Some(split),
        errors: 0,
        error_texts: Errors::new(),
    };
    assert_eq!(figures, expected);
}

#[test]
fn repeats_and_reads_store_nothing() {
    let mut tally = Tally::new();
    for _ in 0..10 {
        tally.succeeded(Duration::from_micros(5));
    }
    tally.repeated();
    tally.read();
    tally.succeeded_untimed(100);
    let figures = Figures::new(tally, Duration::from_secs(1), None, None);
    assert_eq!((figures.transfers, figures.stored), (110, 108));
}

#[test]
fn times_beyond_the_scale_are_counted_at_its_end() {
    let mut tally = Tally::new();
    tally.succeeded(Duration::from_secs(3_600));
    let figures = Figures::new(tally, Duration::from_secs(1), None, None);
    assert!(figures.p50_us >= LATENCY_MAX_US, "{figures:?}");
    assert_eq!((figures.transfers, figures.cpu), (1, None));
}

#[test]
fn nothing_done_is_no_division_by_zero() {
    let figures = Figures::new(Tally::new(), Duration::ZERO, None, None);
    assert_eq!(figures, Figures::default());
    assert_eq!(Figures::median(&[]), Figures { cpu: Some(CpuSplit::default()), ..figures });
}

#[test]
fn errors_are_told_apart_up_to_a_bound() {
    let mut tally = Tally::new();
    for number in 0..2 * ERRORS_MAX {
        tally.failed(format!("error {number:02}"));
        tally.failed("error 00".to_owned());
    }
    let figures = Figures::new(tally, Duration::from_secs(1), None, None);
    let (kinds, all) = (u64::try_from(ERRORS_MAX).unwrap(), figures.errors);
    assert_eq!(all, 4 * kinds);
    assert_eq!(figures.error_texts.len(), ERRORS_MAX + 1);
    assert_eq!(figures.error_texts["error 00"], 2 * kinds + 1);
    assert_eq!(figures.error_texts[OTHER_ERRORS], kinds);
}

#[test]
fn tenths_have_medians_of_their_own() {
    let mut tally = Tally::of(10, Arc::new(|| Duration::ZERO));
    tally.succeeded_untimed(8);
    tally.succeeded(Duration::ZERO);
    tally.failed("late".to_owned());
    let figures = Figures::new(tally, Duration::from_secs(1), None, None);
    assert_eq!(figures.tenths_per_s.len(), 10);
    let run = |tenths: &[u64]| Figures { tenths_per_s: tenths.to_vec(), ..Figures::default() };
    let figures = Figures::median(&[run(&[9, 1, 4]), run(&[7, 2]), run(&[8, 3])]);
    assert_eq!(figures.tenths_per_s, [8, 2], "of a run that broke off, what it has");
}

#[test]
fn each_figure_has_its_own_median_and_errors_add_up() {
    let run = |transfers_per_s, p50_us, errors| Figures {
        transfers_per_s,
        p50_us,
        errors,
        error_texts: [("late".to_owned(), errors)].into(),
        cpu: Some(CpuSplit { server_user_ns: p50_us, ..CpuSplit::default() }),
        ..Figures::default()
    };
    let figures = Figures::median(&[run(10, 300, 0), run(30, 100, 1), run(20, 900, 2)]);
    assert_eq!((figures.transfers_per_s, figures.p50_us, figures.errors), (20, 300, 3));
    assert_eq!(figures.error_texts["late"], 3);
    assert_eq!(figures.cpu.unwrap().server_user_ns, 300);
    let without = Figures { cpu: None, ..run(1, 1, 0) };
    assert_eq!(Figures::median(&[run(1, 1, 0), without]).cpu, None);
}
