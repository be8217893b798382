//! The endpoint's row.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Bytes, Id, Int, Small, Text};
use crate::schema::column;
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use domain::endpoint::{Endpoint, EndpointStatus, Kinds};
use domain::id::EndpointId;

pub static ENDPOINT: TableSpec = TableSpec {
    name: "endpoint",
    class: Class::Record,
    identity: Identity::Generated,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("url", Text),
        column("sealed_secret", Bytes),
        column("renderer", Text),
        column("kinds", Text),
        column("status", Small),
        column("cursor", Int),
        column("version", Int),
        column("created_at", Int),
    ],
};

impl Noun for Endpoint {
    const TABLE: &'static TableSpec = &ENDPOINT;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.text(&self.url);
        out.bytes(&self.sealed_secret);
        out.text(&self.renderer);
        out.owned_text(self.kinds.text());
        out.small(self.status.code());
        out.count(self.cursor);
        out.count(self.version);
        out.int(self.created_at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: EndpointId::from_bytes(row.id()?),
            url: row.text()?.to_owned(),
            sealed_secret: row.bytes()?,
            renderer: row.text()?.to_owned(),
            kinds: row.parsed(Kinds::from_text)?,
            status: row.coded(EndpointStatus::from_code)?,
            cursor: row.count()?,
            version: row.count()?,
            created_at: row.time()?,
        })
    }
}

keyed!(Endpoint, endpoints, EndpointId, |row| row.id);
