//! The production store: one PostgreSQL database, any number of servers on it.
//!
//! [`PostgresStore::open`] checks that the database keeps what it acknowledges, brings the schema
//! up to date under a lock that other servers wait for, and hands out the port of `store`. Nothing
//! here is remembered between two batches: what another server committed is seen at once.
//!
//! Begin with `writer.rs`, the money path, then `statement.rs`, which makes every table's
//! statements from the port's description of it, and `outcome.rs`, which finds out what became of a
//! commit whose answer was lost. To add a noun: a migration, a file here if it has queries
//! of its own, and a line in the `Store` implementation.
//!
//! It must never know a rule, a default or a clock: what stands in a row was decided above.

mod account;
mod batch;
mod cardholder;
mod cell;
mod connect;
mod credential;
mod delivery;
mod distribute;
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
mod open;
mod outcome;
mod persist;
mod pool;
mod prepared;
mod program;
mod queries;
mod rate;
mod reference;
mod role;
mod scratch;
mod signature_key;
mod snapshot;
mod statement;
mod sub_account;
mod transfer;
mod writer;

#[cfg(test)]
mod tests;

pub use connect::Unfit;
pub use distribute::{DistributeError, distribute, distribution};
pub use open::{OpenError, Options, PostgresStore};
pub use role::{BadRoleName, role_script};
pub use scratch::{create_scratch, drop_scratch};
