//! What the server was really asked, against the rule that a unit of work, and every query but the
//! named ones, stays inside of one programme.

use super::{Base, wait};
use crate::instruction::{AT_SEQ, BY_ID, LAST_SEQ, PAGE, PAGE_OF_ACCOUNT};
use crate::statement::statements;
use crate::{
    account, cardholder, credential, delivery, endpoint, event, hold, key, outcome, program, rate,
    transfer,
};
use pgfixture::Cluster;
use std::collections::BTreeSet;
use store::schema::{Class, TABLES};
use store::suite::{self, Memory};

/// As the server keeps it: without constants and numbers of parameters.
fn shape(sql: &str) -> String {
    let mut shape = String::new();
    let mut characters = sql.split_whitespace().collect::<Vec<_>>().join(" ").into_bytes();
    characters.push(b' ');
    let mut characters = characters.into_iter().peekable();
    while let Some(character) = characters.next() {
        let in_a_word = shape.ends_with(|last: char| last.is_ascii_alphanumeric() || last == '_');
        let number = character == b'$' || character.is_ascii_digit() && !in_a_word;
        if number {
            while characters.next_if(u8::is_ascii_digit).is_some() {}
            shape.push('?');
        } else {
            shape.push(char::from(character));
        }
    }
    shape.trim_end().to_owned()
}

/// Looks at all programmes: snapshots for verifying and copying, and the question what is due.
fn over_all() -> BTreeSet<String> {
    let scans = TABLES.iter().map(|table| statements(table));
    let scans = scans.flat_map(|made| [&made.first, &made.next, &made.count]);
    scans.map(|sql| shape(sql)).chain([hold::DUE, endpoint::AT_WORK].map(shape)).collect()
}

/// Everything else that reads or writes rows.
fn inside() -> BTreeSet<String> {
    let made = TABLES.iter().map(|table| statements(table)).flat_map(|made| {
        [
            &made.find,
            &made.load_fixed,
            &made.load_shared,
            &made.load_exclusive,
            &made.insert,
            &made.update,
        ]
    });
    let own = [
        BY_ID,
        PAGE,
        PAGE_OF_ACCOUNT,
        AT_SEQ,
        LAST_SEQ,
        outcome::EVIDENCE,
        program::PAGE,
        key::OF_PROGRAM,
        credential::PAGE,
        rate::OF_PROGRAM,
        cardholder::PAGE,
        account::PAGE,
        account::PAGE_OF_OWNER,
        transfer::OF_UNIT,
        transfer::ENTRIES,
        event::PAGE,
        endpoint::OF_PROGRAM,
        delivery::DUE,
        delivery::PAGE,
        delivery::PAGE_OF_ENDPOINT,
    ];
    made.map(String::as_str).chain(own).map(shape).collect()
}

/// Whether a statement names a table, and is bound to one programme if that is a programme's.
fn is_bound(sql: &str) -> bool {
    let names = |table: &str| {
        [" from ", " join ", "insert into ", "update "]
            .iter()
            .any(|before| format!("{sql} ").contains(&format!("{before}{table} ")))
    };
    let programmes = TABLES.iter().filter(|table| table.class != Class::Control);
    let named = programmes.filter(|table| names(table.name)).count();
    let bound = [
        "program = ?",
        "(program) = (?",
        "(program, ",
        "program = w.program",
        "program = v.program",
        "(program)",
    ];
    named == 0 || bound.iter().any(|bound| sql.contains(bound))
}

#[test]
fn every_statement_is_known_and_stays_in_its_programme() {
    for sql in inside() {
        assert!(is_bound(&sql), "{sql}");
    }
    let preload = ("shared_preload_libraries", "pg_stat_statements");
    let cluster = Cluster::start_with(&[preload, ("pg_stat_statements.max", "10000")]);
    cluster.sql("postgres", "create extension pg_stat_statements");
    let named = |name: &str| suite::CASES.iter().find(|case| case.name == name).unwrap();
    let base = || Base::at(cluster.url(&cluster.create_database()));
    wait(async {
        for name in ["query::lists_page_by_key", "instruction::every_condition_must_hold"] {
            suite::run(named(name), base()).await;
        }
        suite::random::twins(1, 200, Box::new(Memory::default()), base()).await;
    });
    let sql = "select replace(query, E'\\n', ' ') from pg_stat_statements s \
               join pg_database d on d.oid = s.dbid where d.datname like 'test%'";
    let asked: BTreeSet<String> = cluster.sql("postgres", sql).lines().map(shape).collect();
    let rows = ["select", "insert", "update", "delete", "with", "copy", "truncate", "merge"];
    let (inside, over_all) = (inside(), over_all());
    let mut known = 0;
    for sql in asked {
        let word = sql.split(' ').next().unwrap_or_default().to_ascii_lowercase();
        let table = TABLES.iter().any(|table| sql.contains(&format!(" {} ", table.name)));
        if !rows.contains(&word.as_str()) || !table {
            continue;
        }
        assert!(inside.contains(&sql) || over_all.contains(&sql), "nobody knows: {sql}");
        known += 1;
    }
    assert!(known > 20, "only {known} statements were recorded");
}
