//! Many rows as one parameter, in PostgreSQL's binary format.
//!
//! Rows travel as one array of the table's own row type, which the server takes apart in one go: an
//! array for each column costs it a function, and a copy of all values, for each of them. They are
//! written into that format at once, from where they stand, since a transfer has a hundred values.

use bytes::{BufMut, BytesMut};
use std::error::Error;
use store::schema::{Column, ColumnKind, TableSpec, Value};
use tokio_postgres::Statement;
use tokio_postgres::types::{Field, IsNull, Kind, Oid, ToSql, Type, to_sql_checked};

/// What stands before the elements of an array: dimensions, flags, type, length, lower bound.
const HEAD: usize = 20;
/// Where the length stands in it.
const LENGTH: usize = 12;
const NULL: i32 = -1;

/// The table's columns are not those that this program knows.
#[derive(Debug, thiserror::Error)]
#[error("the table {table} has not the columns that this program knows: {column}")]
pub struct OtherColumns {
    table: &'static str,
    column: &'static str,
}

/// A value was no value of its column.
#[derive(Debug, thiserror::Error)]
#[error("a value of {table}.{column} is out of its bounds")]
pub struct BadValue {
    pub table: &'static str,
    pub column: &'static str,
}

/// How the server has a table's rows.
#[derive(Debug)]
pub struct Layout {
    table: &'static TableSpec,
    /// The row type.
    element: Oid,
    /// Columns behind those that we know, which a newer program beside us added.
    unknown: Vec<Oid>,
}

impl Layout {
    /// As a prepared statement's only parameter says it.
    pub fn of(table: &'static TableSpec, statement: &Statement) -> Result<Self, OtherColumns> {
        let other = |column| OtherColumns { table: table.name, column };
        let [parameter] = statement.params() else { return Err(other("(parameters)")) };
        let Kind::Array(row) = parameter.kind() else { return Err(other("(array)")) };
        let Kind::Composite(fields) = row.kind() else { return Err(other("(row)")) };
        for (index, column) in table.columns.iter().enumerate() {
            let same = |field: &Field| {
                field.name() == column.name && *field.type_() == type_of(column.kind)
            };
            if !fields.get(index).is_some_and(same) {
                return Err(other(column.name));
            }
        }
        let unknown = fields[table.columns.len()..].iter().map(|field| field.type_().oid());
        Ok(Self { table, element: row.oid(), unknown: unknown.collect() })
    }
}

fn type_of(kind: ColumnKind) -> Type {
    match kind {
        ColumnKind::Id => Type::UUID,
        ColumnKind::Hash | ColumnKind::Bytes => Type::BYTEA,
        ColumnKind::Text => Type::TEXT,
        ColumnKind::Int => Type::INT8,
        ColumnKind::Small => Type::INT2,
    }
}

/// An array, complete but for its length.
#[derive(Debug)]
struct Array {
    bytes: BytesMut,
    length: i32,
}

impl Array {
    fn of(element: Oid) -> Self {
        let mut bytes = BytesMut::with_capacity(HEAD);
        bytes.put_i32(1);
        bytes.put_i32(0);
        bytes.put_u32(element);
        bytes.put_i32(0);
        bytes.put_i32(1);
        Self { bytes, length: 0 }
    }

    fn write(&self, out: &mut BytesMut) {
        let at = out.len() + LENGTH;
        out.put_slice(&self.bytes);
        out[at..at + 4].copy_from_slice(&self.length.to_be_bytes());
    }
}

/// Rows of one table, as the parameter of its statements.
#[derive(Debug)]
pub struct RowArray<'l> {
    layout: &'l Layout,
    array: Array,
}

impl<'l> RowArray<'l> {
    pub fn new(layout: &'l Layout) -> Self {
        Self { layout, array: Array::of(layout.element) }
    }

    pub fn push(&mut self, values: &[Value<'_>]) -> Result<(), BadValue> {
        let Layout { table, unknown, .. } = self.layout;
        assert_eq!(values.len(), table.columns.len(), "a row of {} has all columns", table.name);
        let bytes = &mut self.array.bytes;
        let start = bytes.len();
        bytes.put_i32(0);
        bytes.put_i32(length(values.len() + unknown.len()));
        for (column, value) in table.columns.iter().zip(values) {
            if !column.admits(value) {
                return Err(BadValue { table: table.name, column: column.name });
            }
            put(bytes, column, value);
        }
        for oid in unknown {
            bytes.put_u32(*oid);
            bytes.put_i32(NULL);
        }
        let taken = length(bytes.len() - start - 4);
        bytes[start..start + 4].copy_from_slice(&taken.to_be_bytes());
        self.array.length += 1;
        Ok(())
    }
}

fn put(bytes: &mut BytesMut, column: &Column, value: &Value<'_>) {
    bytes.put_u32(type_of(column.kind).oid());
    match value {
        Value::Null => bytes.put_i32(NULL),
        Value::Int(number) => match (column.kind, i16::try_from(*number)) {
            (ColumnKind::Small, Ok(code)) => {
                bytes.put_i32(2);
                bytes.put_i16(code);
            }
            _ => {
                bytes.put_i32(8);
                bytes.put_i64(*number);
            }
        },
        Value::Text(text) => put_bytes(bytes, text.as_bytes()),
        Value::Bytes(value) => put_bytes(bytes, value),
    }
}

fn put_bytes(bytes: &mut BytesMut, value: &[u8]) {
    bytes.put_i32(length(value.len()));
    bytes.put_slice(value);
}

fn length(bytes: usize) -> i32 {
    i32::try_from(bytes).expect("a message of more than 2 GiB can't be sent anyway")
}

/// Ids, as one array.
#[derive(Debug)]
pub struct IdArray(Array);

impl Default for IdArray {
    fn default() -> Self {
        Self(Array::of(Type::UUID.oid()))
    }
}

impl IdArray {
    pub fn push(&mut self, id: &[u8; 16]) {
        put_bytes(&mut self.0.bytes, id);
        self.0.length += 1;
    }
}

type Written = Result<IsNull, Box<dyn Error + Sync + Send>>;

impl ToSql for RowArray<'_> {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Written {
        self.array.write(out);
        Ok(IsNull::No)
    }

    /// The layout was made from the statement that it is for.
    fn accepts(ty: &Type) -> bool {
        matches!(ty.kind(), Kind::Array(_))
    }

    to_sql_checked!();
}

impl ToSql for IdArray {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Written {
        self.0.write(out);
        Ok(IsNull::No)
    }

    fn accepts(ty: &Type) -> bool {
        *ty == Type::UUID_ARRAY
    }

    to_sql_checked!();
}
