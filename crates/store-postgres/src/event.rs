//! Events.

use crate::cell::{id, int, params};
use crate::pool::Readers;
use domain::event::Event;
use domain::id::ProgramId;
use domain::transfer::Place;
use store::StoreError;
use store::seq::place;

pub const PAGE: &str = "select * from event \
     where program = $1::uuid and (seq, ordinal) > ($2::bigint, $3::bigint) \
     order by seq, ordinal limit $4";

pub async fn events(
    readers: &Readers,
    program: ProgramId,
    after: Option<Place>,
    limit: u32,
) -> Result<Vec<Event>, StoreError> {
    // No row has the place (0, 0): seq counts from 1.
    let (seq, ordinal) = after.map_or((0, 0), place);
    let cells = [id(program.bytes()), int(seq), int(ordinal), int(i64::from(limit))];
    readers.list(PAGE, &params(&cells)).await
}
