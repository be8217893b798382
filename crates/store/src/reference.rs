//! The reference's row: a fact whose unique key is the second wall of exactly-once.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Bytes, Hash, Id, Int, Text};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use crate::transfer::{read_place, write_place};
use domain::id::{InstructionId, ReferenceKey};
use domain::reference::Reference;

pub static REFERENCE: TableSpec = TableSpec {
    name: "reference",
    class: Class::Fact,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("key", Id),
        column("seq", Int),
        column("ordinal", Int),
        column("scope", Text),
        column("text", Text),
        column("fingerprint", Hash),
        nullable("instruction", Id),
        column("answer", Bytes),
        column("at", Int),
    ],
};

impl Noun for Reference {
    const TABLE: &'static TableSpec = &REFERENCE;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.key.bytes());
        write_place(self.place, out);
        out.text(&self.scope);
        out.text(&self.text);
        out.hash(&self.fingerprint);
        out.optional_id(self.instruction.as_ref().map(|id| id.bytes()));
        out.bytes(&self.answer);
        out.int(self.at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            key: ReferenceKey::from_bytes(row.id()?),
            place: read_place(row)?,
            scope: row.text()?.to_owned(),
            text: row.text()?.to_owned(),
            fingerprint: row.hash_bytes()?,
            instruction: row.optional_id()?.map(InstructionId::from_bytes),
            answer: row.bytes()?,
            at: row.time()?,
        })
    }
}

keyed!(Reference, references, ReferenceKey, |row| row.key);
