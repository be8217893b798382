//! The cardholder's row.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Id, Int, Small, Text};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use domain::cardholder::{Cardholder, CardholderStatus};
use domain::id::CardholderId;

pub static CARDHOLDER: TableSpec = TableSpec {
    name: "cardholder",
    class: Class::Record,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("number", Text),
        nullable("unique_number", Text),
        column("status", Small),
        column("version", Int),
        column("created_at", Int),
    ],
};

impl Noun for Cardholder {
    const TABLE: &'static TableSpec = &CARDHOLDER;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.text(&self.number);
        out.optional_text(self.unique_number.as_deref());
        out.small(self.status.code());
        out.count(self.version);
        out.int(self.created_at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: CardholderId::from_bytes(row.id()?),
            number: row.text()?.to_owned(),
            unique_number: row.optional_text()?.map(str::to_owned),
            status: row.coded(CardholderStatus::from_code)?,
            version: row.count()?,
            created_at: row.time()?,
        })
    }
}

keyed!(Cardholder, cardholders, CardholderId, |row| row.id);
