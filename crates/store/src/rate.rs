//! The rate's row.

use crate::rows::{Noun, keyed};
use crate::schema::ColumnKind::{Id, Int, Small, Text};
use crate::schema::column;
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use domain::asset::Asset;
use domain::id::RateId;
use domain::rate::{ProgramRate, Rate};

pub static RATE: TableSpec = TableSpec {
    name: "rate",
    class: Class::Record,
    identity: Identity::Natural,
    key: 2,
    columns: &[
        column("program", Id),
        column("id", Id),
        column("from_asset", Text),
        column("to_asset", Text),
        column("mantissa", Int),
        column("scale", Small),
        column("version", Int),
        column("set_at", Int),
    ],
};

/// Mantissa and scale, in this order in every table.
pub(crate) fn read_rate(row: &mut RowReader<'_>) -> Result<Rate, BadColumn> {
    let bad = row.bad();
    let mantissa = row.int()?;
    Rate::new(mantissa, row.coded(Some)?).map_err(|_| bad)
}

impl Noun for ProgramRate {
    const TABLE: &'static TableSpec = &RATE;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.owned_id(*RateId::of(self.from, self.to).bytes());
        out.text(self.from.code());
        out.text(self.to.code());
        out.int(self.rate.mantissa());
        out.small(self.rate.scale());
        out.count(self.version);
        out.int(self.at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        let program = row.program()?;
        row.id()?;
        Ok(Self {
            program,
            from: row.parsed(Asset::find)?,
            to: row.parsed(Asset::find)?,
            rate: read_rate(row)?,
            version: row.count()?,
            at: row.time()?,
        })
    }
}

keyed!(ProgramRate, rates, RateId, |row| RateId::of(row.from, row.to));
