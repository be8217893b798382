//! The way of a value into PostgreSQL's binary format and back.
//!
//! Ids are `uuid` (16 bytes, whatever their bits), hashes and other bytes `bytea`, codes
//! `smallint`, all other numbers `bigint`.

use bytes::{BufMut, BytesMut};
use std::borrow::Cow;
use std::error::Error;
use store::schema::{BadColumn, Column, ColumnKind, TableSpec, Value};
use tokio_postgres::Row;
use tokio_postgres::types::{FromSql, IsNull, ToSql, Type, to_sql_checked};

/// The column type of a kind.
pub const fn type_name(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Id => "uuid",
        ColumnKind::Hash | ColumnKind::Bytes => "bytea",
        ColumnKind::Text => "text",
        ColumnKind::Int => "bigint",
        ColumnKind::Small => "smallint",
    }
}

/// A value as a parameter.
#[derive(Clone, Debug)]
pub struct Cell<'a>(pub Value<'a>);

impl ToSql for Cell<'_> {
    fn to_sql(
        &self,
        ty: &Type,
        out: &mut BytesMut,
    ) -> Result<IsNull, Box<dyn Error + Sync + Send>> {
        match &self.0 {
            Value::Null => return Ok(IsNull::Yes),
            Value::Int(number) if *ty == Type::INT2 => out.put_i16(i16::try_from(*number)?),
            Value::Int(number) => out.put_i64(*number),
            Value::Text(text) => out.put_slice(text.as_bytes()),
            Value::Bytes(bytes) => out.put_slice(bytes),
        }
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        matches!(*ty, Type::UUID | Type::BYTEA | Type::TEXT | Type::INT8 | Type::INT2)
    }

    to_sql_checked!();
}

/// An id as a parameter.
pub const fn id(bytes: &[u8; 16]) -> Cell<'_> {
    Cell(Value::Bytes(Cow::Borrowed(bytes)))
}

pub const fn int(number: i64) -> Cell<'static> {
    Cell(Value::Int(number))
}

/// What comes after this id, or everything.
pub fn after(last: Option<&[u8; 16]>) -> Cell<'_> {
    last.map_or(Cell(Value::Null), id)
}

/// Cells as the driver takes them.
pub fn params<'a>(cells: &'a [Cell<'_>]) -> Vec<&'a (dyn ToSql + Sync)> {
    cells.iter().map(|cell| cell as &(dyn ToSql + Sync)).collect()
}

/// A bound that may lie beyond every count that a row can have.
pub fn at_most(bound: u64) -> Cell<'static> {
    int(i64::try_from(bound).unwrap_or(i64::MAX))
}

/// A column as it came, whatever its type.
struct Raw<'r>(&'r [u8]);

impl<'r> FromSql<'r> for Raw<'r> {
    fn from_sql(_: &Type, raw: &'r [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self(raw))
    }

    fn accepts(ty: &Type) -> bool {
        Cell::accepts(ty)
    }
}

/// A column that holds an id.
pub fn id_of(row: &Row, index: usize) -> Option<[u8; 16]> {
    row.try_get::<_, Raw<'_>>(index).ok()?.0.try_into().ok()
}

/// The values of a row, borrowed from the driver's own memory. Where one is not what its column
/// holds, those before it are given too.
pub fn values<'r>(
    table: &'static TableSpec,
    row: &'r Row,
) -> Result<Vec<Value<'r>>, (Vec<Value<'r>>, BadColumn)> {
    let mut values = Vec::with_capacity(table.columns.len());
    for (index, column) in table.columns.iter().enumerate() {
        match value(row, index, column) {
            Some(value) => values.push(value),
            None => return Err((values, BadColumn(column.name))),
        }
    }
    Ok(values)
}

fn value<'r>(row: &'r Row, index: usize, column: &Column) -> Option<Value<'r>> {
    let Some(Raw(raw)) = row.try_get::<_, Option<Raw<'r>>>(index).ok()? else {
        return Some(Value::Null);
    };
    Some(match column.kind {
        ColumnKind::Id | ColumnKind::Hash | ColumnKind::Bytes => Value::Bytes(Cow::Borrowed(raw)),
        ColumnKind::Text => Value::Text(Cow::Borrowed(std::str::from_utf8(raw).ok()?)),
        ColumnKind::Int => Value::Int(i64::from_be_bytes(raw.try_into().ok()?)),
        ColumnKind::Small => Value::Int(i64::from(i16::from_be_bytes(raw.try_into().ok()?))),
    })
}
