//! The embedded store: one SQLite file, one writer, readers that never wait for it.
//!
//! [`SqliteStore::open`] takes the file for one server by a lock on a file beside it, brings the
//! schema up to date and hands out the port of `store`. [`SqliteStore::open_read_only`] looks at
//! the same file from beside, with or without a server running.
//!
//! Begin with `writer.rs`, the money path, then `runs.rs`, which finds what is only appended, and
//! `statement.rs`, which makes every table's statements from the port's description of it. To add a
//! noun: a migration, a file here if it has queries of its own, and a line in the `Store`
//! implementation.
//!
//! It must never know a rule, a default or a clock: what stands in a row was decided above.

mod account;
mod cache;
mod cardholder;
mod checkpoint;
mod connection;
mod credential;
mod delivery;
mod endpoint;
mod error;
mod event;
#[cfg(any(test, feature = "faults"))]
mod faults;
mod hold;
mod import;
mod instruction;
mod key;
mod load;
mod migrate;
mod numbers;
mod open;
mod persist;
mod posting;
mod program;
mod queries;
mod rate;
mod readers;
mod reference;
mod runs;
mod signature_key;
mod snapshot;
mod statement;
mod sub_account;
mod transfer;
mod writer;

#[cfg(test)]
mod tests;

#[cfg(any(test, feature = "faults"))]
pub use faults::Fault;
pub use open::{OpenError, Options, SqliteStore};
pub use runs::RunOptions;
