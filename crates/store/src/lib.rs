//! The storage port: units of work in batches, the rows they touch, and queries by noun.
//!
//! A [`Unit`] names its programme, what it reads, and a pure decision. A backend's [`Writer`] takes
//! a batch, loads what the batch reads in one global order, lets [`Rows::decide`] run the units in
//! memory, and persists all changes in one durable commit. Nothing reaches the backend's database
//! before the whole batch is decided, so a refusal needs no savepoint.
//!
//! Nouns come in three classes, see [`schema::Class`]: facts are appended, projections can be
//! restored from facts, records are updated in place. Each noun describes its columns once, in
//! `<noun>.rs` here; backends make their statements from that, and the twins cannot drift.
//!
//! The port must never know a rule, a clock, a door or SQL. Begin with `unit.rs` and `rows.rs`. To
//! add a noun: its file here with [`Noun`], a field in [`Rows`], a line in `Rows::visit`, a
//! migration in each backend, a case in [`suite`].

pub mod account;
pub mod blind_index;
pub mod cardholder;
pub mod credential;
pub mod delivery;
pub mod endpoint;
pub mod error;
pub mod event;
pub mod hold;
pub mod import;
pub mod instruction;
pub mod key;
pub mod lease;
pub mod model;
pub mod program;
pub mod query;
pub mod rate;
pub mod reference;
pub mod rows;
pub mod schema;
pub mod seq;
pub mod signature_key;
pub mod sub_account;
pub mod suite;
pub mod transfer;
pub mod unit;

pub use error::{Constraint, Failed, StoreError};
pub use import::{Import, NoImport};
pub use query::{AtWork, BoxFuture, DeliveryFilter, InstructionFilter, Snapshot, Store};
pub use rows::{Keyed, Log, Logged, Logs, Noun, Rows, Table};
pub use unit::{Lock, Scope, Unit, Verdict, Wants, Writer};
