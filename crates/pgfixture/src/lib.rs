//! Real PostgreSQL servers for tests, and a proxy that loses connections at the worst moment.
//!
//! A [`Cluster`] is a server of its own, with its own data directory and port, that a test may
//! kill, restart, replicate and promote. A test that only needs a database takes one from
//! [`shared`]. A [`Proxy`] stands before a server and drops the answer to a commit, the commit
//! itself, or everything.
//!
//! Nothing is left behind, whichever way the test process ends: `home.rs` says how.
//!
//! It must know nothing about the product, is used by tests alone, and blocks: a test with an
//! asynchronous runtime calls it outside of its tasks, or accepts that a task blocks.
//!
//! Begin with `cluster.rs`. What fails here panics, with the words of the program that failed.

mod binaries;
mod cluster;
mod home;
mod log;
mod port;
mod proxy;
mod psql;
mod server;
mod session;
mod user;

use std::sync::OnceLock;

pub use cluster::Cluster;
pub use proxy::Proxy;
pub use session::Session;

/// One server for all tests of a process that only need databases, started on first use. A static
/// is never dropped; the warden in `home.rs` stops the server when the process has ended.
pub fn shared() -> &'static Cluster {
    static SHARED: OnceLock<Cluster> = OnceLock::new();
    SHARED.get_or_init(Cluster::start)
}
