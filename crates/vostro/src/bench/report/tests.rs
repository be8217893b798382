use super::*;

fn measured(kind: Kind, connections: u32, rates: &[u64]) -> Measured {
    let run = |&transfers_per_s: &u64| Figures { transfers_per_s, ..Figures::default() };
    Measured { kind, connections, runs: rates.iter().map(run).collect() }
}

fn report(measured: Vec<Measured>, acknowledged: u64, stored: u64) -> Report {
    let settings = Settings {
        store: "sqlite".to_owned(),
        allocator: "mimalloc".to_owned(),
        programs: 1,
        cardholders: 1_000,
        seconds: 5,
        runs: 3,
        warm: 10_000,
        http_workers: 1,
        workers: 1,
        batch_max: 1_024,
        fill: 0,
        skew: Skew::Uniform,
        duplicates: 0,
        reads: 0,
    };
    let disk = DiskFigures { samples: 200, fdatasync_p50_us: 190, fdatasync_p99_us: 1_234 };
    let store = StoreFigures {
        acknowledged,
        stored,
        rows: 9,
        bytes: 4_096,
        bytes_per_transfer: 812,
        bytes_of_all: 900,
        opened_ms: None,
    };
    let memory = Memory { server_peak_bytes: 2_048, load_peak_bytes: 1_024 };
    let about = About { settings, disk, filled: None, memory: Some(memory) };
    Report::new(about, measured, Errors::new(), store)
}

fn sample() -> Report {
    let measured = vec![
        measured(Kind::Transfer, 1, &[3_000, 4_000, 2_000]),
        measured(Kind::Baseline, 1, &[15_000, 14_000, 16_000]),
        measured(Kind::Transfer, 64, &[15_000, 13_000, 14_000]),
        measured(Kind::Baseline, 64, &[60_000, 61_000, 59_000]),
    ];
    report(measured, 100, 100)
}

#[test]
fn ratios_compare_medians() {
    let expected = [
        Ratio::Connections { kind: Kind::Transfer, most: 64, fewest: 1, permille: 4_666 },
        Ratio::Connections { kind: Kind::Baseline, most: 64, fewest: 1, permille: 4_000 },
        Ratio::Baseline { connections: 1, permille: 200 },
        Ratio::Baseline { connections: 64, permille: 233 },
    ];
    assert_eq!(sample().ratios, expected);
    let alone = report(vec![measured(Kind::Transfer, 64, &[1])], 0, 0);
    assert_eq!(alone.ratios, []);
}

#[test]
fn the_table_has_a_line_for_each_measurement() {
    let text = sample().to_string();
    for line in [
        "vostro 0.0.0 bench on sqlite: ",
        "1 HTTP worker, 1 store worker, allocator mimalloc\n",
        "commits of at most 1,024 units\n",
        "memory: at most 2,048 bytes of the server, 1,024 bytes of the load\n",
        "1  transfer        3,000   0.00    0.00    0.00       0",
        "64  baseline       60,000   0.00    0.00    0.00       0",
        "disk: 4 KiB append and fdatasync: p50 0.19 ms, p99 1.23 ms",
        "transfer: 64 connections do 4.66 times what 1 does",
        "transfer: 0.200 of the baseline with 1 connection\n",
        "store: 100 transfers acknowledged, 100 stored (all stored); 9 rows, 4,096 bytes, 812 per",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
}

#[test]
fn what_is_kept_up_is_told_of_bulk_and_of_filling() {
    let mut long = report(vec![measured(Kind::Bulk, 1, &[60_000])], 0, 0);
    assert!(!long.to_string().contains("the last tenth"), "{long}");
    long.measurements[0].median.tenths_per_s = vec![70_000, 50_000, 55_000];
    let tenths_per_s = vec![40_000, 30_000];
    long.about.filled = Some(Filled { transfers_per_s: 35_000, tenths_per_s });
    let text = long.to_string();
    for line in [
        "filled: 35,000 per second, the last tenth 30,000, the slowest 30,000\n",
        "bulk: 60,000 per second, the last tenth 55,000, the slowest 50,000\n",
    ] {
        assert!(text.contains(line), "{line} in\n{text}");
    }
}

#[test]
fn lost_transfers_and_errors_are_not_sound() {
    assert!(sample().is_sound());
    assert!(!report(Vec::new(), 101, 100).is_sound());
    let mut failed = sample();
    failed.measurements[1].median.errors = 1;
    assert!(!failed.is_sound());
    let mut cold = sample();
    cold.warming_errors.insert("late".to_owned(), 1);
    assert!(!cold.is_sound());
    assert!(cold.to_string().contains("error while warming, 1 times: late"));
}

#[test]
fn numbers_are_readable() {
    assert_eq!(Grouped(0).to_string(), "0");
    assert_eq!(Grouped(999).to_string(), "999");
    assert_eq!(Grouped(1_234_567).to_string(), "1,234,567");
    assert_eq!(Thousandths(1_239, 2).to_string(), "1.23");
    assert_eq!(Thousandths(7, 3).to_string(), "0.007");
    assert_eq!(plural(1, "run"), "1 run");
    assert_eq!(plural(2_000, "run"), "2,000 runs");
}

#[test]
fn json_names_units() {
    let json = serde_json::to_value(sample()).unwrap();
    assert_eq!(json["measurements"][2]["kind"], "transfer");
    assert_eq!(json["measurements"][2]["connections"], 64);
    assert_eq!(json["measurements"][2]["median"]["transfers_per_s"], 14_000);
    assert_eq!(json["measurements"][2]["runs"].as_array().unwrap().len(), 3);
    assert_eq!(json["disk"]["fdatasync_p50_us"], 190);
    assert_eq!(json["ratios"][0]["of"], "connections");
    assert_eq!(json["ratios"][3]["permille"], 233);
    assert_eq!(json["store"]["bytes_per_transfer"], 812);
    assert_eq!(json["settings"]["store"], "sqlite");
    assert_eq!(json["settings"]["workers"], 1);
    assert_eq!(json["memory"]["server_peak_bytes"], 2_048);
    assert_eq!(json.get("filled"), None);
}
