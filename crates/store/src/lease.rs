//! The lease's row: which server does a piece of background work.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Id, Int, Text};
use crate::schema::column;
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use domain::id::{LeaseId, ServerId};
use domain::lease::Lease;

pub static LEASE: TableSpec = TableSpec {
    name: "lease",
    class: Class::Record,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("name", Text),
        column("holder", Id),
        column("version", Int),
        column("until", Int),
    ],
};

impl Noun for Lease {
    const TABLE: &'static TableSpec = &LEASE;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.text(&self.name);
        out.id(self.holder.bytes());
        out.count(self.version);
        out.int(self.until.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: LeaseId::from_bytes(row.id()?),
            name: row.text()?.to_owned(),
            holder: ServerId::from_bytes(row.id()?),
            version: row.count()?,
            until: row.time()?,
        })
    }
}

keyed!(Lease, leases, LeaseId, |row| row.id);
