//! Reads: a bounded set of read-only connections, on threads where blocking is allowed.
//!
//! A read sees every commit that returned before the read began, since each statement opens its
//! own snapshot of the log. It never waits for the writer, only for a free connection.

use crate::connection::{Access, connect};
use crate::error::fault;
use crate::open::Parts;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use store::StoreError;
use tokio::sync::Semaphore;

/// Connections that wait for a read, and a permit for each that may exist.
pub struct Readers {
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub fn new(most: usize) -> Self {
        Self { idle: Mutex::default(), permits: Arc::new(Semaphore::new(most.max(1))) }
    }

    fn take(&self) -> Option<Connection> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn give(&self, connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push(connection);
    }
}

/// Runs `query` on a read connection. A caller that stops waiting leaves the query to end by
/// itself; the connection comes back all the same.
pub async fn read<T, Q>(parts: Arc<Parts>, query: Q) -> Result<T, StoreError>
where
    T: Send + 'static,
    Q: FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
{
    let permits = Arc::clone(&parts.readers.permits);
    let permit =
        permits.acquire_owned().await.map_err(|error| StoreError::Unavailable(error.into()))?;
    blocking(move || {
        let connection = match parts.readers.take() {
            Some(connection) => connection,
            None => connect(&parts.path, Access::Read, &parts.options)
                .map_err(|error| fault("(database)", error))?,
        };
        let answer = query(&connection);
        // After a fault a fresh connection is the safer one.
        if answer.is_ok() {
            parts.readers.give(connection);
        }
        drop(permit);
        answer
    })
    .await
}

/// Runs `work` where it may block.
pub async fn blocking<T, W>(work: W) -> Result<T, StoreError>
where
    T: Send + 'static,
    W: FnOnce() -> Result<T, StoreError> + Send + 'static,
{
    match tokio::task::spawn_blocking(work).await {
        Ok(answer) => answer,
        Err(error) => Err(StoreError::Unavailable(error.into())),
    }
}
