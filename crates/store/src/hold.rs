//! The hold's row: a projection that decides races between endings.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Id, Int, Small, Text};
use crate::schema::column;
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use domain::asset::Asset;
use domain::hold::{Hold, HoldState};
use domain::id::{AccountId, HoldId};
use domain::money::{Amount, Money};

pub static HOLD: TableSpec = TableSpec {
    name: "hold",
    class: Class::Projection,
    identity: Identity::Generated,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("debit", Id),
        column("credit", Id),
        column("asset", Text),
        column("amount_minor", Int),
        column("captured_minor", Int),
        column("remaining_minor", Int),
        column("state", Small),
        column("expires_at", Int),
        column("version", Int),
    ],
};

impl Noun for Hold {
    const TABLE: &'static TableSpec = &HOLD;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.id.bytes());
        out.id(self.debit.bytes());
        out.id(self.credit.bytes());
        out.text(self.amount.asset().code());
        out.int(self.amount.minor());
        out.int(self.captured);
        out.int(self.remaining);
        out.small(self.state.code());
        out.int(self.expires_at.unix_us());
        out.count(self.version);
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            id: HoldId::from_bytes(row.id()?),
            debit: AccountId::from_bytes(row.id()?),
            credit: AccountId::from_bytes(row.id()?),
            amount: read_amount(row)?,
            captured: row.int()?,
            remaining: row.int()?,
            state: row.coded(HoldState::from_code)?,
            expires_at: row.time()?,
            version: row.count()?,
        })
    }
}

/// Asset and minor units, in this order in every table.
pub(crate) fn read_money(row: &mut RowReader<'_>) -> Result<Money, BadColumn> {
    let asset = row.parsed(Asset::find)?;
    Ok(Money::new(row.int()?, asset))
}

/// As [`read_money`], more than zero.
pub(crate) fn read_amount(row: &mut RowReader<'_>) -> Result<Amount, BadColumn> {
    let bad = row.bad();
    Amount::new(read_money(row)?).map_err(|_| bad)
}

keyed!(Hold, holds, HoldId, |row| row.id);
