//! The real tables against the port's description of them, and against the rule on keys.

use super::{database, open, wait};
use crate::cell::type_name;
use pgfixture::shared;
use store::schema::{Class, TABLES, TableSpec};

/// A migrated database's name.
fn migrated() -> String {
    let url = database();
    wait(open(&url)).unwrap();
    url.rsplit('/').next().unwrap().to_owned()
}

fn lines(database: &str, sql: &str) -> Vec<String> {
    shared().sql(database, sql).lines().map(str::to_owned).collect()
}

fn described(table: &TableSpec) -> Vec<String> {
    let column = |column: &store::schema::Column| {
        let nullable = if column.nullable { "YES" } else { "NO" };
        format!("{}|{}|{nullable}|", column.name, type_name(column.kind))
    };
    table.columns.iter().map(column).collect()
}

#[test]
fn every_table_is_as_described() {
    let database = migrated();
    for table in TABLES {
        let sql = format!(
            "select column_name, data_type, is_nullable, column_default \
             from information_schema.columns where table_name = '{}' order by ordinal_position",
            table.name
        );
        assert_eq!(lines(&database, &sql), described(table), "{}", table.name);
    }
}

#[test]
fn there_is_nothing_else() {
    let database = migrated();
    let sql = "select relname from pg_class \
               where relnamespace = 'public'::regnamespace and relkind <> 'i' order by relname";
    let mut known: Vec<_> = TABLES.iter().map(|table| table.name).collect();
    known.push("schema_version");
    known.sort_unstable();
    // No sequence, view or trigger among them.
    assert_eq!(lines(&database, sql), known);
    for sql in [
        "select tgname from pg_trigger",
        "select proname from pg_proc where pronamespace = 'public'::regnamespace",
        "select rulename from pg_rewrite r join pg_class c on c.oid = r.ev_class \
         where c.relnamespace = 'public'::regnamespace",
    ] {
        assert_eq!(lines(&database, sql), Vec::<String>::new(), "{sql}");
    }
}

/// Primary, unique and foreign keys, with their columns in order.
const KEYS: &str = "select c.relname, i.indisprimary, \
     (select string_agg(a.attname, ',' order by k.place) \
      from unnest(i.indkey) with ordinality k(number, place) \
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number) \
     from pg_index i join pg_class c on c.oid = i.indrelid \
     where c.relnamespace = 'public'::regnamespace and i.indisunique";

#[test]
fn every_key_of_a_programmes_table_contains_the_programme() {
    let database = migrated();
    let mut primary = 0;
    for line in lines(&database, KEYS) {
        let parts: Vec<_> = line.split('|').collect();
        let [table, is_primary, columns] = parts[..] else { panic!("{line}") };
        let Some(spec) = TABLES.iter().find(|spec| spec.name == table) else {
            assert_eq!(table, "schema_version");
            continue;
        };
        let columns: Vec<_> = columns.split(',').collect();
        if is_primary == "t" {
            primary += 1;
            let key: Vec<_> = spec.key_columns().iter().map(|column| column.name).collect();
            assert_eq!(columns, key, "{table}");
        }
        if spec.class != Class::Control {
            assert_eq!(columns[0], "program", "{line}");
        }
    }
    assert_eq!(primary, TABLES.len());
    let foreign = "select conname from pg_constraint where contype = 'f'";
    assert_eq!(lines(&database, foreign), Vec::<String>::new());
    let control: Vec<_> = TABLES
        .iter()
        .filter(|table| table.class == Class::Control)
        .map(|table| table.name)
        .collect();
    assert_eq!(control, ["program", "directory"]);
}
