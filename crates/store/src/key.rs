//! The wrapped key's row.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Bytes, Id, Int, Small};
use crate::schema::column;
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use domain::id::KeyId;
use domain::key::WrappedKey;

pub static KEY: TableSpec = TableSpec {
    name: "wrapped_key",
    class: Class::Record,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("purpose", Small),
        column("wrapped", Bytes),
        column("created_at", Int),
    ],
};

impl Noun for WrappedKey {
    const TABLE: &'static TableSpec = &KEY;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.small(self.purpose);
        out.bytes(&self.wrapped);
        out.int(self.created_at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: KeyId::from_bytes(row.id()?),
            purpose: row.coded(Some)?,
            wrapped: row.bytes()?,
            created_at: row.time()?,
        })
    }
}

keyed!(WrappedKey, keys, KeyId, |row| row.id);
