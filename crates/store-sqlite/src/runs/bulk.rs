//! Many rows at once: the tail of an opening, of an import, of a file from before there were runs.

use super::tail::Tail;
use super::{Item, Kind, last_row};
use crate::error::fault;
use rusqlite::{Connection, params};
use store::StoreError;

/// Keys that are handed over to the tail together.
const PORTION: usize = 4_096;

/// The keys of the rows behind `after`, so many at most, and whether these are all; with room for
/// those that a tail grows by. A row without a proper key can be found by nothing, as if it were
/// not there: whoever misses it says so.
pub fn read(
    connection: &Connection,
    kind: Kind,
    after: i64,
    (room, most): (usize, usize),
) -> Result<(Tail, bool), StoreError> {
    let fault = |error| fault(kind.table().name, error);
    let tail = Tail::new(after, room);
    let mut statement = connection.prepare_cached(kind.rows_after()).map_err(fault)?;
    let mut rows = statement.query(params![after]).map_err(fault)?;
    let (mut portion, mut last) = (Vec::<Item>::with_capacity(PORTION), after);
    while let Some(row) = rows.next().map_err(fault)? {
        let number = row.get(0).map_err(fault)?;
        // Both entries of a posting are in one tail.
        if portion.len() >= PORTION && number != last {
            tail.add(portion.drain(..), last);
            if tail.len() >= most {
                return Ok((tail, false));
            }
        }
        last = number;
        portion.extend(super::item(kind, row));
    }
    tail.add(portion, last_row(connection)?.max(last));
    Ok((tail, true))
}
