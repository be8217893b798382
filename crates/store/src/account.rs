//! The account's row: a projection, restorable from its newest entry.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Hash, Id, Int, Small, Text};
use crate::schema::{BadColumn, Class, Column, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use domain::account::{Account, AccountKind, Owner, Sums};
use domain::asset::Asset;
use domain::id::AccountId;

pub static ACCOUNT: TableSpec = TableSpec {
    name: "account",
    class: Class::Projection,
    identity: Identity::Natural,
    key: 2,
    columns: COLUMNS,
};

const COLUMNS: &[Column] = &[
    column("program", Id),
    column("id", Id),
    column("kind", Small),
    column("owner_kind", Small),
    column("owner", Id),
    column("asset", Text),
    nullable("floor_minor", Int),
    column("version", Int),
    column("posted_debits", Int),
    column("posted_credits", Int),
    column("held_debits", Int),
    column("held_credits", Int),
    column("head", Hash),
    column("opened_at", Int),
];

/// Writes the four sums, in the order that both `account` and `entry` keep them.
pub(crate) fn write_sums(sums: &Sums, out: &mut RowWriter<'_>) {
    out.int(sums.posted_debits);
    out.int(sums.posted_credits);
    out.int(sums.held_debits);
    out.int(sums.held_credits);
}

pub(crate) fn read_sums(row: &mut RowReader<'_>) -> Result<Sums, BadColumn> {
    Ok(Sums {
        posted_debits: row.int()?,
        posted_credits: row.int()?,
        held_debits: row.int()?,
        held_credits: row.int()?,
    })
}

impl Noun for Account {
    const TABLE: &'static TableSpec = &ACCOUNT;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.small(self.kind.code());
        out.small(self.owner.code());
        out.owned_id(self.owner.id_bytes());
        out.text(self.asset.code());
        out.optional_int(self.floor);
        out.count(self.version);
        write_sums(&self.sums, out);
        out.hash(self.head.bytes());
        out.int(self.opened_at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: AccountId::from_bytes(row.id()?),
            kind: row.coded(AccountKind::from_code)?,
            owner: {
                let bad = row.bad();
                let code = row.coded(Some)?;
                Owner::from_parts(code, row.id()?).ok_or(bad)?
            },
            asset: row.parsed(Asset::find)?,
            floor: row.optional_int()?,
            version: row.count()?,
            sums: read_sums(row)?,
            head: row.hash()?,
            opened_at: row.time()?,
        })
    }
}

keyed!(Account, accounts, AccountId, |row| row.id);
