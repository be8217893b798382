//! Every statement goes by an index, and sorts nothing.

use crate::migrate::{MIGRATIONS, migrate};
use crate::runs::{Kind, block, filter, heads};
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
        (instruction::OF_ENTRY, "(program=? AND seq=?)"),
        (instruction::SEQ_OF_ENTRY, "INTEGER PRIMARY KEY (rowid=?)"),
        (instruction::AT_SEQ, "(program=? AND seq>?)"),
        (instruction::LAST_SEQ, "(program=?)"),
        (key::OF_PROGRAM, "(program=?)"),
        (program::PAGE, "(id>?)"),
        (rate::OF_PROGRAM, "(program=?)"),
        (transfer::OF_UNIT, "(program=? AND seq=?)"),
    ] {
        let plan = plan(&connection, sql);
        assert_eq!(plan.len(), 1, "{sql}: {plan:?}");
        assert!(plan[0].starts_with("SEARCH") && plan[0].ends_with(bounds), "{sql}: {plan:?}");
    }
}

#[test]
fn runs_search() {
    let connection = migrated();
    let by_row = "INTEGER PRIMARY KEY (rowid=?)";
    for (sql, bounds) in [
        (block::AT, by_row),
        (block::WITH, "USING INDEX run_block_first (run=? AND first<?)"),
        (block::LAST, "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (block::DELETE, by_row),
        (filter::OF_RUN, "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (filter::LAST, "INTEGER PRIMARY KEY (rowid>? AND rowid<?)"),
        (filter::DELETE, by_row),
        (Kind::Reference.rows_after(), "INTEGER PRIMARY KEY (rowid>?)"),
        (Kind::Entry.rows_after(), "INTEGER PRIMARY KEY (rowid>?)"),
    ] {
        let plan = plan(&connection, sql);
        assert_eq!(plan.len(), 1, "{sql}: {plan:?}");
        assert!(plan[0].starts_with("SEARCH") && plan[0].ends_with(bounds), "{sql}: {plan:?}");
    }
    let head = plan(&connection, heads::WRITE);
    assert!(head.iter().all(|line| !line.starts_with("SCAN")), "{head:?}");
    for kind in Kind::ALL {
        // The last row of a table, and no other.
        let mut statement = connection.prepare(&format!("explain {}", kind.last_row())).unwrap();
        let mut rows = statement.raw_query();
        let mut steps = Vec::<String>::new();
        while let Some(row) = rows.next().unwrap() {
            steps.push(row.get(1).unwrap());
        }
        assert!(steps.iter().any(|step| step == "Last"), "{steps:?}");
    }
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
        // What runs lead to are facts, which nothing updates.
        let update = Kind::of(table).is_none().then_some(&statements.update);
        let updates = statements.update_changing.iter().chain(update);
        let next = statements.pages.iter().map(|pages| &pages.next);
        for sql in updates.chain([&statements.find]).chain(next) {
            let plan = plan(&connection, sql);
            assert_eq!(plan.len(), 1, "{sql}: {plan:?}");
            assert!(plan[0].starts_with("SEARCH"), "{sql}: {plan:?}");
        }
        // The first page has no bound, and needs no sorting either.
        if let Some(pages) = &statements.pages {
            let first = plan(&connection, &pages.first);
            assert_eq!(first.len(), 1, "{}: {first:?}", pages.first);
        }
        connection.prepare(&statements.insert).unwrap();
        connection.prepare(&statements.count).unwrap();
    }
}
