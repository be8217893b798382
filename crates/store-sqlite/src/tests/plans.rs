//! Every statement goes by an index, and sorts nothing.

use crate::migrate::{MIGRATIONS, migrate};
use crate::runs::{Kind, LAST_ROW, block, filter, heads};
use crate::statement::{is_posted, statements};
use crate::{
    account, cardholder, credential, delivery, endpoint, event, hold, instruction, key, numbers,
    posting, program, rate, reference, transfer,
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

fn is_search(line: &str, bounds: &str) -> bool {
    line.starts_with("SEARCH") && line.ends_with(bounds)
}

/// One line, which looks for rows within `bounds`.
fn assert_one_search(connection: &Connection, sql: &str, bounds: &str) {
    let plan = plan(connection, sql);
    assert_eq!(plan.len(), 1, "{sql}: {plan:?}");
    assert!(is_search(&plan[0], bounds), "{sql}: {plan:?}");
}

#[test]
fn queries_search() {
    let connection = migrated();
    for (sql, bounds) in [
        (account::PAGE, "(program=? AND id>?)"),
        (account::PAGE_OF_OWNER, "(program=? AND owner_kind=? AND owner=? AND id>?)"),
        (cardholder::PAGE, "(program=? AND id>?)"),
        (credential::PAGE, "(program=? AND id>?)"),
        (delivery::PAGE, "(program=? AND (seq,ordinal,endpoint)<(?,?,?))"),
        (delivery::PAGE_OF_ENDPOINT, "(program=? AND endpoint=? AND (seq,ordinal)<(?,?))"),
        (endpoint::OF_PROGRAM, "(program=?)"),
        (hold::DUE, "USING COVERING INDEX hold_due (state=? AND expires_at<?)"),
        (instruction::BY_ID, "(program=? AND id=?)"),
        (instruction::POSTED_BY_ID, "posting_place (program=? AND seq>? AND seq<?)"),
        (posting::SINGLES_FROM, "(program=? AND seq>?)"),
        (numbers::PROGRAM, "program_number_program (program=?)"),
        (numbers::ACCOUNT, "account_number_id (program=? AND id=?)"),
        (numbers::SCOPE, "scope_number_scope (scope=?)"),
        (key::OF_PROGRAM, "(program=?)"),
        (program::PAGE, "(id>?)"),
        (rate::OF_PROGRAM, "(program=?)"),
    ] {
        assert_one_search(&connection, sql, bounds);
    }
}

/// What asks for the postings of a programme looks for its number first.
#[test]
fn postings_search() {
    let connection = migrated();
    for (sql, bounds) in [
        (posting::POSTINGS_FROM, "posting_place (program=? AND seq>?)"),
        (posting::NEWEST, "posting_place (program=?)"),
    ] {
        let plan = plan(&connection, sql);
        let [own, "SCALAR SUBQUERY 1", number] =
            &plan.iter().map(String::as_str).collect::<Vec<_>>()[..]
        else {
            panic!("{sql}: {plan:?}");
        };
        assert!(is_search(own, bounds), "{sql}: {plan:?}");
        assert!(number.ends_with("program_number_program (program=?)"), "{sql}: {plan:?}");
    }
}

/// The lines of a query that is merged from single rows and postings, each part by its index.
fn merged(connection: &Connection, sql: &str) -> Vec<String> {
    let plan = plan(connection, sql);
    let parts = ["SEARCH ", "MERGE (UNION ALL)", "LEFT", "RIGHT", "COMPOUND QUERY", "UNION ALL"];
    let known = |line: &String| {
        parts.iter().any(|part| line.starts_with(part)) || line.contains("SUBQUERY")
    };
    assert!(plan.iter().all(known), "{sql}: {plan:#?}");
    plan
}

#[test]
fn views_search() {
    let connection = migrated();
    let place = "(program=? AND (seq,ordinal)>(?,?))";
    let bounds = "(program=? AND seq>? AND (seq,ordinal)<(?,?))";
    let of_account = "(program=? AND account=? AND seq>? AND (seq,ordinal)<(?,?))";
    let aside = "posting_aside (program=? AND account=? AND seq>? AND seq<?)";
    let by_row = "INTEGER PRIMARY KEY (rowid=?)";
    let after_row = "INTEGER PRIMARY KEY (rowid>?)";
    for (sql, single, posted) in [
        (event::PAGE, place, "posting_place (program=? AND seq>?)"),
        (instruction::PAGE, bounds, "posting_place (program=? AND seq>? AND seq<?)"),
        (instruction::ASIDE, of_account, aside),
        (instruction::OF_ENTRY, "(program=? AND seq=?)", "posting_place (program=? AND seq=?)"),
        (
            instruction::AT,
            "(program=? AND seq=? AND ordinal=?)",
            "posting_place (program=? AND seq=?)",
        ),
        (instruction::SEQ_OF_ENTRY, by_row, by_row),
        (instruction::AT_SEQ, "(program=? AND seq>?)", "posting_place (program=? AND seq>?)"),
        (instruction::LAST_SEQ, "(program=?)", "posting_place (program=?)"),
        (transfer::OF_UNIT, "(program=? AND seq=?)", "posting_place (program=? AND seq=?)"),
        (reference::AT_ROW, by_row, by_row),
        (Kind::Reference.rows_after(), after_row, after_row),
        (Kind::Entry.rows_after(), after_row, after_row),
    ] {
        let plan = merged(&connection, sql);
        let first = plan.iter().position(|line| line.ends_with(single));
        let first = first.unwrap_or_else(|| panic!("{sql}: {plan:#?}"));
        let rest = plan[first + 1..].iter().any(|line| line.ends_with(posted));
        assert!(rest, "{sql}: {plan:#?}");
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
    ] {
        assert_one_search(&connection, sql, bounds);
    }
    let head = plan(&connection, heads::WRITE);
    assert!(head.iter().all(|line| !line.starts_with("SCAN")), "{head:?}");
    // The last row of each table, and no other.
    let mut statement = connection.prepare(&format!("explain {LAST_ROW}")).unwrap();
    let mut rows = statement.raw_query();
    let mut last = 0;
    while let Some(row) = rows.next().unwrap() {
        last += i32::from(row.get::<_, String>(1).unwrap() == "Last");
    }
    assert_eq!(last, 3);
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
        let update = (!is_posted(table)).then_some(&statements.update);
        let updates = statements.update_changing.iter().chain(update);
        let next = statements.pages.iter().map(|pages| &pages.next);
        let places = statements.places.iter();
        let views = places.flat_map(|places| [&places.page, &places.next_program]);
        for sql in views.chain(is_posted(table).then_some(&statements.find)) {
            let plan = plan(&connection, sql);
            let slow = |line: &String| line.starts_with("SCAN") || line.contains("B-TREE");
            assert!(!plan.iter().any(slow), "{sql}: {plan:#?}");
        }
        let find = (!is_posted(table)).then_some(&statements.find);
        for sql in updates.chain(find).chain(next) {
            assert_one_search(&connection, sql, "");
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
