use super::{parse, tells_of_ourselves};

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(String::from).collect()
}

#[test]
fn full_may_stand_anywhere_among_the_filters() {
    let arguments = words("transfer --full hold");
    assert_eq!(parse(&arguments), Ok((true, vec!["transfer", "hold"])));
    assert_eq!(parse(&[]), Ok((false, vec![])));
}

#[test]
fn an_unknown_option_is_refused() {
    assert!(parse(&words("--ful")).is_err());
    assert!(parse(&words("--full --full")).is_err());
}

#[test]
fn settings_of_cargo_reach_the_cargo_below() {
    assert!(tells_of_ourselves("CARGO_PKG_VERSION"));
    assert!(tells_of_ourselves("CARGO_MANIFEST_DIR"));
    for setting in ["CARGO_HOME", "CARGO_INCREMENTAL", "CARGO_TARGET_DIR", "CARGO_TERM_COLOR"] {
        assert!(!tells_of_ourselves(setting), "{setting}");
    }
}
