//! The wrapped key's row.

use crate::rows::{Keyed, Noun, Rows, Table};
use crate::schema::ColumnKind::{Bytes, Id, Int, Small};
use crate::schema::column;
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use domain::id::{KeyId, ProgramId};
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

impl Keyed for WrappedKey {
    type Id = KeyId;
    fn program(&self) -> ProgramId {
        self.program
    }
    fn id(&self) -> KeyId {
        self.id
    }
    fn id_bytes(id: KeyId) -> [u8; 16] {
        *id.bytes()
    }
    fn table(rows: &Rows) -> &Table<Self> {
        &rows.keys
    }
    fn table_mut(rows: &mut Rows) -> &mut Table<Self> {
        &mut rows.keys
    }
}
