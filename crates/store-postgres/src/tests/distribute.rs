//! What is said to Citus. The extension itself is not here: a few functions stand in for it, and
//! write down what they are asked.

use super::{database, open, wait};
use crate::{DistributeError, OpenError, Options, distribute, distribution};
use pgfixture::shared;
use store::schema::{Class, ColumnKind, TABLES};

/// Looks installed to whoever asks, and fails once, at a table, if told so.
const STAND_IN: &str = "
    insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)
    values (99999, 'citus', 10, 'pg_catalog'::regnamespace, false, '0');
    create schema stand_in;
    create table stand_in.pg_dist_partition (logicalrelid regclass, how text);
    create table stand_in.fails (name text);
    create function stand_in.create_reference_table(name text) returns void language sql as
        $$ insert into stand_in.pg_dist_partition values (name::regclass, 'everywhere') $$;
    create function stand_in.create_distributed_table(name text, by text, colocate_with text)
        returns void language plpgsql as $$ begin
            if exists (select from stand_in.fails f where f.name = $1) then
                raise exception 'a machine is gone';
            end if;
            insert into stand_in.pg_dist_partition
            values (name::regclass, by || ' beside ' || colocate_with);
        end $$";

fn distributed(url: &str) -> Result<Vec<String>, DistributeError> {
    wait(distribute(url, Options::default()))
}

#[test]
fn every_table_has_its_statement() {
    let statements = distribution();
    assert_eq!(statements.len(), TABLES.len());
    for (table, statement) in TABLES.iter().zip(&statements) {
        let name = table.name;
        if table.class == Class::Control {
            assert_eq!(*statement, format!("select create_reference_table('{name}')"));
            continue;
        }
        // The key begins with the column that it is distributed by, as Citus asks of unique keys.
        let first = table.columns[0];
        assert_eq!((first.name, first.kind, first.nullable), ("program", ColumnKind::Id, false));
        let beside = if name == "wrapped_key" { "none" } else { "wrapped_key" };
        assert_eq!(
            *statement,
            format!(
                "select create_distributed_table('{name}', 'program', colocate_with => '{beside}')"
            )
        );
    }
    let everywhere = statements.iter().filter(|sql| sql.contains("reference_table"));
    let everywhere: Vec<_> = everywhere.map(String::as_str).collect();
    let control =
        ["select create_reference_table('program')", "select create_reference_table('directory')"];
    assert_eq!(everywhere, control);
}

#[test]
fn without_the_extension_nothing_is_done() {
    let url = database();
    let refused = distributed(&url);
    assert!(matches!(refused, Err(DistributeError::Open(OpenError::Foreign))), "{refused:?}");
    wait(open(&url)).unwrap();
    let refused = distributed(&url).unwrap_err();
    assert!(matches!(refused, DistributeError::NoCitus));
    assert!(refused.to_string().contains("no extension citus"), "{refused}");
}

#[test]
fn each_table_once_in_order() {
    let url = database();
    wait(open(&url)).unwrap();
    let name = url.rsplit('/').next().unwrap();
    shared().sql(name, STAND_IN);
    shared().sql(name, "insert into stand_in.fails values ('hold')");
    let url = format!("{url}?options=-c%20search_path%3Dpublic,stand_in");
    let refused = distributed(&url);
    assert!(matches!(refused, Err(DistributeError::Refused(_))), "{refused:?}");
    shared().sql(name, "delete from stand_in.fails");
    let done = distributed(&url).unwrap();
    let all = distribution();
    let hold = all.iter().position(|sql| sql.contains("'hold'")).unwrap();
    assert_eq!(done, all[hold..], "what was done before is left out");
    assert_eq!(distributed(&url).unwrap(), Vec::<String>::new());
    let told = shared().sql(name, "select logicalrelid, how from stand_in.pg_dist_partition");
    let expected: Vec<String> = TABLES
        .iter()
        .map(|table| match (table.class, table.name) {
            (Class::Control, name) => format!("{name}|everywhere"),
            (_, "wrapped_key") => "wrapped_key|program beside none".to_owned(),
            (_, name) => format!("{name}|program beside wrapped_key"),
        })
        .collect();
    assert_eq!(told.lines().collect::<Vec<_>>(), expected);
}
