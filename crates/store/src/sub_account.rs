//! The sub-account's row.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Bytes, Id, Int, Small, Text};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use domain::id::{ReferenceKey, SubAccountId};
use domain::sub_account::{SubAccount, SubAccountKind, SubAccountStatus};

pub static SUB_ACCOUNT: TableSpec = TableSpec {
    name: "sub_account",
    class: Class::Record,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("number", Text),
        column("kind", Small),
        column("name", Text),
        column("status", Small),
        nullable("sealed_profile", Bytes),
        nullable("reference", Id),
        column("version", Int),
        column("created_at", Int),
    ],
};

impl Noun for SubAccount {
    const TABLE: &'static TableSpec = &SUB_ACCOUNT;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.text(&self.number);
        out.small(self.kind.code());
        out.text(&self.name);
        out.small(self.status.code());
        out.optional_bytes(self.sealed_profile.as_deref());
        out.optional_id(self.reference.as_ref().map(|key| key.bytes()));
        out.count(self.version);
        out.int(self.created_at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: SubAccountId::from_bytes(row.id()?),
            number: row.text()?.to_owned(),
            kind: row.coded(SubAccountKind::from_code)?,
            name: row.text()?.to_owned(),
            status: row.coded(SubAccountStatus::from_code)?,
            sealed_profile: row.optional_bytes()?,
            reference: row.optional_id()?.map(ReferenceKey::from_bytes),
            version: row.count()?,
            created_at: row.time()?,
        })
    }
}

keyed!(SubAccount, sub_accounts, SubAccountId, |row| row.id);
