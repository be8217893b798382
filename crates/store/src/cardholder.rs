//! The cardholder's row.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Bytes, Id, Int, Small, Text};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use domain::cardholder::{Cardholder, CardholderStatus, Identity as Known};
use domain::id::{BlindKey, CardholderId};

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
        nullable("sealed_identity", Bytes),
        nullable("phone_key", Id),
        nullable("document_key", Id),
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
        let known = self.identity.as_ref();
        out.optional_bytes(known.map(|known| known.sealed.as_slice()));
        out.optional_id(known.map(|known| known.phone.bytes()));
        out.optional_id(known.map(|known| known.document.bytes()));
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        let holder = Self {
            program: row.program()?,
            id: CardholderId::from_bytes(row.id()?),
            number: row.text()?.to_owned(),
            unique_number: row.optional_text()?.map(str::to_owned),
            status: row.coded(CardholderStatus::from_code)?,
            version: row.count()?,
            created_at: row.time()?,
            identity: None,
        };
        let bad = row.bad();
        let sealed = row.optional_bytes()?;
        let phone = row.optional_id()?.map(BlindKey::from_bytes);
        let document = row.optional_id()?.map(BlindKey::from_bytes);
        let identity = match (sealed, phone, document) {
            (None, None, None) => None,
            (Some(sealed), Some(phone), Some(document)) => Some(Known { sealed, phone, document }),
            // All or nothing is written.
            _ => return Err(bad),
        };
        Ok(Self { identity, ..holder })
    }
}

keyed!(Cardholder, cardholders, CardholderId, |row| row.id);
