//! Every statement goes by an index, and sorts nothing.

use crate::migrate::{MIGRATIONS, migrate};
use crate::statement::statements;
use crate::{
    account, cardholder, credential, delivery, endpoint, event, hold, instruction, key, program,
    rate, transfer,
};
use rusqlite::Connection;
use store::schema::TABLES;

fn migrated() -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    migrate(&mut connection, MIGRATIONS).unwrap();
    connection
}

fn plan(connection: &Connection, sql: &str) -> Vec<String> {
    let mut statement = connection.prepare(&format!("explain query plan {sql}")).unwrap();
    let mut rows = statement.raw_query();
    let mut lines = Vec::new();
    while let Some(row) = rows.next().unwrap() {
        lines.push(row.get(3).unwrap());
    }
    lines
}

#[test]
fn queries_search() {
    let connection = migrated();
    let bounds = "(program=? AND seq>? AND (seq,ordinal)<(?,?))";
    let of_account = "(program=? AND account=? AND seq>? AND (seq,ordinal)<(?,?))";
    for (sql, bounds) in [
        (account::PAGE, "(program=? AND id>?)"),
        (account::PAGE_OF_OWNER, "(program=? AND owner_kind=? AND owner=? AND id>?)"),
        (cardholder::PAGE, "(program=? AND id>?)"),
        (credential::PAGE, "(program=? AND id>?)"),
        (delivery::PAGE, "(program=? AND (seq,ordinal,endpoint)<(?,?,?))"),
        (delivery::PAGE_OF_ENDPOINT, "(program=? AND endpoint=? AND (seq,ordinal)<(?,?))"),
        (endpoint::OF_PROGRAM, "(program=?)"),
        (event::PAGE, "(program=? AND (seq,ordinal)>(?,?))"),
        (hold::DUE, "USING COVERING INDEX hold_due (state=? AND expires_at<?)"),
        (instruction::BY_ID, "(program=? AND id=?)"),
        (instruction::PAGE, bounds),
        (instruction::ASIDE, of_account),
        (instruction::NEWEST_VERSION, "(program=? AND account=?)"),
        (instruction::SEQ_OF_VERSION, "(program=? AND account=? AND version=?)"),
        (instruction::AT_SEQ, "(program=? AND seq>?)"),
        (instruction::LAST_SEQ, "(program=?)"),
        (key::OF_PROGRAM, "(program=?)"),
        (program::PAGE, "(id>?)"),
        (rate::OF_PROGRAM, "(program=?)"),
        (transfer::ENTRIES, "(program=? AND account=? AND version<?)"),
        (transfer::OF_UNIT, "(program=? AND seq=?)"),
    ] {
        let plan = plan(&connection, sql);
        assert_eq!(plan.len(), 1, "{sql}: {plan:?}");
        assert!(plan[0].starts_with("SEARCH") && plan[0].ends_with(bounds), "{sql}: {plan:?}");
    }
}

#[test]
fn history_goes_by_entries_and_sorts_nothing() {
    let plan = plan(&migrated(), instruction::OF_ENTRIES);
    assert!(plan[0].contains("entry USING INDEX"), "{plan:?}");
    assert!(plan[0].ends_with("(program=? AND account=? AND version>? AND version<?)"), "{plan:?}");
    assert!(
        plan[1..].iter().any(|line| line.contains("instruction USING PRIMARY KEY")),
        "{plan:?}"
    );
    assert!(
        !plan.iter().any(|line| line.starts_with("SCAN") || line.contains("B-TREE")),
        "{plan:?}"
    );
}

#[test]
fn what_is_to_do_goes_by_indexes() {
    let connection = migrated();
    let at_work = plan(&connection, endpoint::AT_WORK);
    assert!(at_work[0].starts_with("SEARCH e USING PRIMARY KEY"), "{at_work:?}");
    assert!(
        at_work.iter().any(|line| {
            line.starts_with("SEARCH d USING COVERING INDEX delivery_due (program=?")
                && line.ends_with("next_attempt_at<?)")
        }),
        "{at_work:?}"
    );
    let due = plan(&connection, delivery::DUE);
    assert!(due[0].ends_with("(program=? AND endpoint=? AND next_attempt_at<?)"), "{due:?}");
    assert!(
        due.iter().any(|line| {
            line.contains(
                "INDEX delivery_subject (program=? AND endpoint=? AND subject=? AND seq<?)",
            )
        }),
        "{due:?}"
    );
    for plan in [at_work, due] {
        assert!(!plan.iter().any(|line| line.contains("B-TREE") || line.starts_with("SCAN")));
    }
}

#[test]
fn made_statements_search() {
    let connection = migrated();
    for table in TABLES {
        let statements = statements(table);
        let updates = statements.update_changing.iter().chain([&statements.update]);
        for sql in updates.chain([&statements.find, &statements.next]) {
            let plan = plan(&connection, sql);
            assert_eq!(plan.len(), 1, "{sql}: {plan:?}");
            assert!(plan[0].starts_with("SEARCH"), "{sql}: {plan:?}");
        }
        // The first page has no bound, and needs no sorting either.
        let first = plan(&connection, &statements.first);
        assert_eq!(first.len(), 1, "{}: {first:?}", statements.first);
        connection.prepare(&statements.insert).unwrap();
        connection.prepare(&statements.count).unwrap();
    }
}
