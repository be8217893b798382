//! The instruction's row: a fact.

use crate::hold::read_amount;
use crate::rows::{Noun, logged};
use crate::schema::ColumnKind::{Id, Int, Small, Text};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use crate::transfer::{read_place, write_place};
use domain::id::{AccountId, CardholderId, InstructionId, ReferenceKey};
use domain::instruction::{Instruction, InstructionKind, Outcome};

pub static INSTRUCTION: TableSpec = TableSpec {
    name: "instruction",
    class: Class::Fact,
    identity: Identity::Generated,
    key: 3,
    columns: &[
        column("program", Id),
        column("seq", Int),
        column("ordinal", Int),
        column("id", Id),
        column("kind", Small),
        column("outcome", Small),
        column("asset", Text),
        column("amount_minor", Int),
        column("account", Id),
        nullable("counterparty", Id),
        nullable("cardholder", Id),
        column("before_minor", Int),
        column("after_minor", Int),
        nullable("reference", Id),
        nullable("undoes", Id),
        column("remark", Text),
        column("transfers", Int),
        column("at", Int),
        nullable("end_to_end_id", Text),
    ],
};

impl Noun for Instruction {
    const TABLE: &'static TableSpec = &INSTRUCTION;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        write_place(self.place, out);
        out.id(self.id.bytes());
        out.small(self.kind.code());
        out.small(self.outcome.code());
        out.text(self.amount.asset().code());
        out.int(self.amount.minor());
        out.id(self.account.bytes());
        out.optional_id(self.counterparty.as_ref().map(|id| id.bytes()));
        out.optional_id(self.cardholder.as_ref().map(|id| id.bytes()));
        out.int(self.before_minor);
        out.int(self.after_minor);
        out.optional_id(self.reference.as_ref().map(|key| key.bytes()));
        out.optional_id(self.undoes.as_ref().map(|id| id.bytes()));
        out.text(&self.remark);
        out.int(i64::from(self.transfers));
        out.int(self.at.unix_us());
        out.optional_text(self.end_to_end_id.as_deref());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            place: read_place(row)?,
            id: InstructionId::from_bytes(row.id()?),
            kind: row.coded(InstructionKind::from_code)?,
            outcome: row.coded(Outcome::from_code)?,
            amount: read_amount(row)?,
            account: AccountId::from_bytes(row.id()?),
            counterparty: row.optional_id()?.map(AccountId::from_bytes),
            cardholder: row.optional_id()?.map(CardholderId::from_bytes),
            before_minor: row.int()?,
            after_minor: row.int()?,
            reference: row.optional_id()?.map(ReferenceKey::from_bytes),
            undoes: row.optional_id()?.map(InstructionId::from_bytes),
            remark: row.text()?.to_owned(),
            transfers: {
                let bad = row.bad();
                u16::try_from(row.int()?).map_err(|_| bad)?
            },
            at: row.time()?,
            end_to_end_id: row.optional_text()?.map(str::to_owned),
        })
    }
}

logged!(Instruction, instructions);
