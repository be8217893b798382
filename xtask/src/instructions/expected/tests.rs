use super::*;

const TEXT: &str = "\
# Why.
architecture = \"x86_64\"
compiler = \"rustc 1\"

[domain]
transfers = 10
instructions = 1000
tolerance_permille = 20

# Noisy.
[engine]
transfers = 20
instructions = 2000
tolerance_permille = 30

[sqlite]
transfers = 30
instructions = 3000
tolerance_permille = 40
";

#[test]
fn a_file_has_the_three_layers_and_nothing_else() {
    let expected = Expected::parse(TEXT).unwrap();
    assert_eq!((&*expected.architecture, &*expected.compiler), ("x86_64", "rustc 1"));
    let names: Vec<_> = expected.layers.iter().map(|layer| layer.name).collect();
    assert_eq!(names, LAYERS);
    assert_eq!(expected.layers[2].transfers, 30);
    for (from, to, told) in [
        ("[engine]", "[motor]", "motor, which is no layer"),
        ("transfers = 20\n", "", "no engine.transfers"),
        ("= 3000", "= -3", "no sqlite.instructions"),
        ("compiler", "# compiler", "no compiler"),
        ("[domain]", "[domain", "can't be read"),
    ] {
        let error = Expected::parse(&TEXT.replace(from, to)).unwrap_err();
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn a_count_outside_of_its_tolerance_is_told_either_way() {
    let expected = Expected::parse(TEXT).unwrap();
    for (counted, outside) in [
        ([1_000, 2_000, 3_000], false),
        ([1_020, 1_940, 3_120], false),
        ([1_021, 2_000, 3_000], true),
        ([1_000, 1_939, 3_000], true),
        ([1_000, 2_000, u64::MAX], true),
    ] {
        assert_eq!(expected.judge(&counted).1, outside, "{counted:?}");
    }
    let (lines, _) = expected.judge(&[1_021, 1_950, 3_000]);
    assert!(lines[0].contains("+2.1 %, at most 2.0 % off: OUTSIDE"), "{lines:?}");
    assert!(lines[1].contains("-2.5 %, at most 3.0 % off: ok"), "{lines:?}");
}

#[test]
fn blessing_changes_the_numbers_alone() {
    let text = blessed(TEXT, &[7, 8, 9], "aarch64", "rustc 2").unwrap();
    let expected = TEXT.replace("= 1000", "= 7").replace("= 2000", "= 8").replace("= 3000", "= 9");
    let expected = expected.replace("x86_64", "aarch64").replace("rustc 1", "rustc 2");
    assert_eq!(text, expected);
    assert!(blessed(TEXT, &[7, 8], "x86_64", "rustc 1").is_err());
    assert!(blessed("", &[7, 8, 9], "x86_64", "rustc 1").is_err());
}
