//! Several servers on one PostgreSQL: real ones, some of them killed, some behind a proxy that
//! loses commits.
//!
//! `site.rs` starts the servers and makes a programme, `client.rs` is a merchant that knows them
//! all and asks until it has an answer, `load.rs` many of them at once. The books of `books.rs`
//! then say what must be in the database.

mod admission;
mod client;
mod commit;
mod crash;
mod failover;
mod load;
mod outage;
mod race;
mod silence;
mod site;
mod start;
