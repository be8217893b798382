//! Events.

use crate::statement::{list, number};
use domain::event::Event;
use domain::id::ProgramId;
use domain::transfer::Place;
use rusqlite::{Connection, params};
use store::StoreError;

const PAGE: &str = "select * from event where program = ?1 and (seq, ordinal) > (?2, ?3) \
     order by seq, ordinal limit ?4";

pub fn events(
    connection: &Connection,
    program: ProgramId,
    after: Option<Place>,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    // No row has the place (0, 0): seq counts from 1.
    let after = after.unwrap_or(Place { seq: 0, ordinal: 0 });
    let page = params![program.bytes(), number(after.seq), after.ordinal, limit];
    list(connection, PAGE, page)
}
