//! The blind index's row.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Id, Int};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use domain::blind_index::BlindIndex;
use domain::id::{BlindKey, CardholderId};

pub static BLIND_INDEX: TableSpec = TableSpec {
    name: "blind_index",
    class: Class::Record,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("key", Id),
        nullable("cardholder", Id),
        column("version", Int),
    ],
};

impl Noun for BlindIndex {
    const TABLE: &'static TableSpec = &BLIND_INDEX;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.key.bytes());
        out.optional_id(self.cardholder.as_ref().map(|id| id.bytes()));
        out.count(self.version);
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            key: BlindKey::from_bytes(row.id()?),
            cardholder: row.optional_id()?.map(CardholderId::from_bytes),
            version: row.count()?,
        })
    }
}

keyed!(BlindIndex, blind_index, BlindKey, |row| row.key);
