//! The transfer's row and its entries' rows: facts.

use crate::account::{read_sums, write_sums};
use crate::hold::read_money;
use crate::rate::read_rate;
use crate::rows::{Noun, logged};
use crate::schema::ColumnKind::{Hash, Id, Int, Small, Text};
use crate::schema::{BadColumn, Class, Identity, RowReader, RowWriter, TableSpec};
use crate::schema::{column, nullable};
use domain::account::Side;
use domain::id::{AccountId, HoldId, InstructionId, TransferId};
use domain::rate::{Conversion, Rounding};
use domain::time::Time;
use domain::transfer::{Cause, Entry, Place, Transfer, TransferKind};

pub static TRANSFER: TableSpec = TableSpec {
    name: "transfer",
    class: Class::Fact,
    identity: Identity::Generated,
    key: 3,
    columns: &[
        column("program", Id),
        column("seq", Int),
        column("ordinal", Int),
        column("id", Id),
        column("kind", Small),
        column("debit", Id),
        column("credit", Id),
        column("asset", Text),
        column("amount_minor", Int),
        column("held_minor", Int),
        nullable("hold", Id),
        nullable("expires_at", Int),
        nullable("link", Id),
        nullable("instruction", Id),
        nullable("rate_mantissa", Int),
        nullable("rate_scale", Small),
        nullable("rounding", Small),
        nullable("product_numerator", Text),
        nullable("product_scale", Small),
        column("debit_version", Int),
        column("credit_version", Int),
        column("at", Int),
    ],
};

pub static ENTRY: TableSpec = TableSpec {
    name: "entry",
    class: Class::Fact,
    identity: Identity::Generated,
    key: 3,
    columns: &[
        column("program", Id),
        column("account", Id),
        column("version", Int),
        column("transfer", Id),
        column("seq", Int),
        column("ordinal", Int),
        column("side", Small),
        column("posted_minor", Int),
        column("held_minor", Int),
        column("posted_debits", Int),
        column("posted_credits", Int),
        column("held_debits", Int),
        column("held_credits", Int),
        column("hash", Hash),
    ],
};

pub(crate) fn write_place(place: Place, out: &mut RowWriter<'_>) {
    out.count(place.seq);
    out.int(i64::from(place.ordinal));
}

pub(crate) fn read_place(row: &mut RowReader<'_>) -> Result<Place, BadColumn> {
    let seq = row.count()?;
    let bad = row.bad();
    let ordinal = u32::try_from(row.int()?).map_err(|_| bad)?;
    Ok(Place { seq, ordinal })
}

fn write_conversion(conversion: Option<&Conversion>, out: &mut RowWriter<'_>) {
    match conversion {
        None => (0..5).for_each(|_| out.null()),
        Some(conversion) => {
            out.int(conversion.rate.mantissa());
            out.small(conversion.rate.scale());
            out.small(conversion.rounding.code());
            out.owned_text(conversion.product_numerator.to_string());
            out.small(conversion.product_scale);
        }
    }
}

fn read_conversion(row: &mut RowReader<'_>) -> Result<Option<Conversion>, BadColumn> {
    if row.skip_nulls(5)? {
        return Ok(None);
    }
    Ok(Some(Conversion {
        rate: read_rate(row)?,
        rounding: row.coded(Rounding::from_code)?,
        product_numerator: row.parsed(|text| text.parse().ok())?,
        product_scale: row.coded(Some)?,
    }))
}

impl Noun for Transfer {
    const TABLE: &'static TableSpec = &TRANSFER;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        write_place(self.place, out);
        out.id(self.id.bytes());
        out.small(self.kind.code());
        out.id(self.debit.bytes());
        out.id(self.credit.bytes());
        out.text(self.amount.asset.code());
        out.int(self.amount.minor);
        out.int(self.held);
        out.optional_id(self.hold.as_ref().map(|id| id.bytes()));
        out.optional_int(self.expires_at.map(Time::unix_us));
        out.optional_id(self.link.as_ref().map(|id| id.bytes()));
        match &self.cause {
            Cause::Instruction(id) => out.id(id.bytes()),
            Cause::Expiry => out.null(),
        }
        write_conversion(self.conversion.as_ref(), out);
        out.count(self.debit_version);
        out.count(self.credit_version);
        out.int(self.at.unix_us());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            place: read_place(row)?,
            id: TransferId::from_bytes(row.id()?),
            kind: row.coded(TransferKind::from_code)?,
            debit: AccountId::from_bytes(row.id()?),
            credit: AccountId::from_bytes(row.id()?),
            amount: read_money(row)?,
            held: row.int()?,
            hold: row.optional_id()?.map(HoldId::from_bytes),
            expires_at: row.optional_int()?.map(Time::from_unix_us),
            link: row.optional_id()?.map(TransferId::from_bytes),
            cause: row
                .optional_id()?
                .map_or(Cause::Expiry, |id| Cause::Instruction(InstructionId::from_bytes(id))),
            conversion: read_conversion(row)?,
            debit_version: row.count()?,
            credit_version: row.count()?,
            at: row.time()?,
        })
    }
}

impl Noun for Entry {
    const TABLE: &'static TableSpec = &ENTRY;

    fn write<'a>(&'a self, out: &mut RowWriter<'a>) {
        out.id(self.program.bytes());
        out.id(self.account.bytes());
        out.count(self.version);
        out.id(self.transfer.bytes());
        write_place(self.place, out);
        out.small(self.side.code());
        out.int(self.posted);
        out.int(self.held);
        write_sums(&self.after, out);
        out.hash(self.hash.bytes());
    }

    fn read(row: &mut RowReader<'_>) -> Result<Self, BadColumn> {
        Ok(Self {
            program: row.program()?,
            account: AccountId::from_bytes(row.id()?),
            version: row.count()?,
            transfer: TransferId::from_bytes(row.id()?),
            place: read_place(row)?,
            side: row.coded(Side::from_code)?,
            posted: row.int()?,
            held: row.int()?,
            after: read_sums(row)?,
            hash: row.hash()?,
        })
    }
}

logged!(Transfer, transfers);

logged!(Entry, entries);
