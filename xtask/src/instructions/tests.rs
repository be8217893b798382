use super::*;

#[test]
fn the_committed_counts_can_be_read() {
    let text = fs::read_to_string(root().join(FILE)).unwrap();
    let expected = Expected::parse(&text).unwrap();
    for layer in expected.layers {
        // A wide tolerance finds nothing.
        assert!((1..=50).contains(&layer.tolerance_permille), "{layer:?}");
        assert!(layer.instructions > 0, "{layer:?}");
    }
}

#[test]
fn options_that_are_not_known_are_refused() {
    assert!(run(&["--blessed".to_owned()]).is_err());
    assert!(run(&["--bless".to_owned(), "domain".to_owned()]).is_err());
}

#[test]
fn the_total_stands_behind_its_name() {
    assert_eq!(collected("events: Ir\nfn=(1) main\n1 5\ntotals: 1234\n"), Some(1_234));
    assert_eq!(collected("events: Ir\nsummary: 77\n"), Some(77));
    assert_eq!(collected("events: Ir\n"), None);
}

#[test]
fn the_program_is_the_one_that_cargo_names() {
    let other = r#"{"reason":"compiler-artifact","target":{"name":"engine"},"executable":null}"#;
    let ours = r#"{"target":{"name":"instructions"},"executable":"/target/instructions"}"#;
    let messages = format!("not JSON\n{other}\n{ours}\n");
    assert_eq!(built(&messages), Some(PathBuf::from("/target/instructions")));
    assert_eq!(built(other), None);
}
