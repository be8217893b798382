//! Events.

use crate::statement::list;
use domain::event::Event;
use domain::id::ProgramId;
use domain::transfer::Place;
use rusqlite::{Connection, params};
use store::StoreError;
use store::seq::place;

pub const PAGE: &str = "select * from event where program = ?1 and (seq, ordinal) > (?2, ?3) \
     order by seq, ordinal limit ?4";

pub fn events(
    connection: &Connection,
    program: ProgramId,
    after: Option<Place>,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    // No row has the place (0, 0): seq counts from 1.
    let (seq, ordinal) = after.map_or((0, 0), place);
    list(connection, PAGE, params![program.bytes(), seq, ordinal, limit])
}
