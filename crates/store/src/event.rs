//! The event's row: a fact, and the outbox.

use crate::rows::{Noun, logged};
use crate::schema::ColumnKind::{Id, Int, Small};
use crate::schema::column;
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::transfer::{read_place, write_place};
use domain::event::{Event, EventKind};
use domain::id::EventId;

pub static EVENT: TableSpec = TableSpec {
    name: "event",
    class: Class::Fact,
    identity: Identity::Generated,
    key: 3,
    columns: &[
        column("program", Id),
        column("seq", Int),
        column("ordinal", Int),
        column("id", Id),
        column("kind", Small),
        column("subject", Id),
        column("at", Int),
    ],
};

impl Noun for Event {
    const TABLE: &'static TableSpec = &EVENT;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        write_place(self.place, out);
        out.id(self.id.bytes());
        out.small(self.kind.code());
        out.id(&self.subject);
        out.int(self.at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            place: read_place(row)?,
            id: EventId::from_bytes(row.id()?),
            kind: row.coded(EventKind::from_code)?,
            subject: row.id()?,
            at: row.time()?,
        })
    }
}

logged!(Event, events);
