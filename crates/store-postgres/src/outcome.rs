//! What became of a commit whose answer did not come.
//!
//! The transaction's id was learnt before its first change, so the server can be asked for its
//! fate on another connection. That answer alone is not believed when it says "committed": after a
//! crash or a fail-over an id of which nothing had reached the disk is given out again, and then it
//! speaks of somebody else. So a row that only this batch can have written is looked for as well.
//!
//! "Aborted" is believed: an id in that state never becomes anything else, and the batch can be run
//! again. "In progress" is asked again until the time is over. Anything else stays unknown, and its
//! callers settle it by asking again under the same reference.

use crate::cell::{id, int};
use crate::connect::{Connector, Role};
use domain::event::Event;
use std::time::Duration;
use store::StoreError;
use store::error::Source;
use tokio::time::{interval, timeout};

const STATUS: &str = "select pg_xact_status($1::text::xid8)";

pub const EVIDENCE: &str = "select 1 from event \
     where program = $1::uuid and seq = $2 and ordinal = $3 and id = $4::uuid";

/// Between two questions.
const PAUSE: Duration = Duration::from_millis(100);

/// How a batch can be recognised later.
pub struct Trace {
    /// The transaction's id, as the server writes it.
    pub transaction: String,
    /// Its first event.
    pub event: Option<Event>,
}

/// What is known by now.
enum Fate {
    Committed,
    Aborted,
    NotYet,
    Unknown,
}

/// `Ok` where the batch was committed, [`StoreError::Contention`] where it certainly was not.
pub async fn settle(connector: &Connector, trace: &Trace, lost: Source) -> Result<(), StoreError> {
    let asking = async {
        let mut pause = interval(PAUSE);
        loop {
            pause.tick().await;
            match fate(connector, trace).await {
                Ok(Fate::NotYet) => {}
                Ok(fate) => return fate,
                Err(error) => tracing::debug!(%error, "a commit's fate can't be asked for yet"),
            }
        }
    };
    match timeout(connector.options.settle, asking).await {
        Ok(Fate::Committed) => {
            tracing::info!("a commit whose answer was lost turned out to be done");
            Ok(())
        }
        Ok(Fate::Aborted) => {
            tracing::info!("a commit whose answer was lost turned out not to be done");
            Err(StoreError::Contention)
        }
        Ok(Fate::Unknown | Fate::NotYet) | Err(_) => Err(StoreError::Unknown(lost)),
    }
}

async fn fate(connector: &Connector, trace: &Trace) -> Result<Fate, StoreError> {
    let unavailable = |error: tokio_postgres::Error| StoreError::Unavailable(error.into());
    let session = connector.connect(Role::Write).await?;
    let asked = session.client.query_one(STATUS, &[&trace.transaction]).await;
    let status: Option<String> = match asked {
        Ok(row) => row.try_get(0).map_err(unavailable)?,
        // The server does not know such an id: it never came to this one.
        Err(error) if error.as_db_error().is_some() => return Ok(Fate::Unknown),
        Err(error) => return Err(unavailable(error)),
    };
    match status.as_deref() {
        Some("in progress") => Ok(Fate::NotYet),
        Some("aborted") => Ok(Fate::Aborted),
        Some("committed") => {
            let Some(event) = &trace.event else { return Ok(Fate::Unknown) };
            let (Ok(seq), ordinal) =
                (i64::try_from(event.place.seq), i64::from(event.place.ordinal))
            else {
                return Ok(Fate::Unknown);
            };
            let key = [&id(event.program.bytes()), &int(seq), &int(ordinal), &id(event.id.bytes())];
            let key = key.map(|cell| cell as &(dyn tokio_postgres::types::ToSql + Sync));
            let found = session.client.query_opt(EVIDENCE, &key).await.map_err(unavailable)?;
            Ok(if found.is_some() { Fate::Committed } else { Fate::Unknown })
        }
        _ => Ok(Fate::Unknown),
    }
}
