use super::*;
use clap::Parser;

#[derive(Parser)]
struct Line {
    #[command(flatten)]
    args: BenchArgs,
}

fn arguments_of(line: &str) -> String {
    let words = ["bench"].into_iter().chain(line.split_whitespace());
    let Line { args } = Line::try_parse_from(words).unwrap();
    let config = Some(PathBuf::from("a.toml"));
    let place = Place { config, data: Some(PathBuf::from("kept")), ..Place::default() };
    let all = arguments(&place, &args, &Made { home: "new".into(), database: None });
    all.iter().map(|word| word.to_str().unwrap()).collect::<Vec<_>>().join(" ")
}

#[test]
fn each_run_is_called_with_what_was_given_and_a_store_of_its_own() {
    assert_eq!(
        arguments_of("--against x --runs 9 --append file --connections 2"),
        "--json --data new --config a.toml bench --runs 1 --connections 2 --programs 1 \
         --cardholders 1000 --seconds 5 --fill 0 --skew uniform --duplicates 0 --reads 0 \
         --warm 10000"
    );
    let given = "--connections 1,64 --programs 2 --cardholders 3 --seconds 4 --fill 5 --skew zipf \
                 --duplicates 6 --reads 7 --warm 8 --batch-max 9 --engine 10,11 --bulk 12 \
                 --http-workers 13 --workers 14 --no-baseline";
    let expected = format!("--json --data new --config a.toml bench --runs 1 {given}");
    assert_eq!(arguments_of(&format!("{given} --against x")), expected);
}

#[test]
fn a_database_on_a_server_is_that_of_the_run() {
    let Line { args } = Line::try_parse_from(["bench"]).unwrap();
    let database = Some("postgres://h/given".to_owned());
    let place = Place { database, allow_unsafe_database: true, ..Place::default() };
    let database = Some("postgres://h/made".to_owned());
    let all = arguments(&place, &args, &Made { home: "new".into(), database });
    let expected = ["--json", "--data", "new", "--database", "postgres://h/made"];
    assert_eq!(all[..5], expected.map(OsString::from));
    assert_eq!(all[5..7], ["--allow-unsafe-database", "bench"].map(OsString::from));
}

#[test]
fn the_other_program_is_there_runs_and_says_who_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other");
    assert!(matches!(find(&path), Err(AgainstError::Missing { .. })));
    std::fs::write(&path, "no program").unwrap();
    assert!(matches!(find(&path), Err(AgainstError::Start { .. })));
    let found = find(Path::new("/bin/true"));
    assert!(matches!(found, Err(AgainstError::NotVostro(_))), "{found:?}");
}
