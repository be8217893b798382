//! The integration tests: the real binary, real files, real sockets.
//!
//! `backend.rs` says on which store, `process.rs` runs the binary, `server.rs` starts and stops
//! servers, `harm.rs` treats their stores badly, `merchant.rs` and `operator.rs` are clients on the
//! sockets of `http.rs`. Long tests take their count from `full.rs`.

#![expect(
    clippy::disallowed_methods,
    reason = "the tests are outside of the product: they read the clock and the environment"
)]
#![expect(clippy::unwrap_used, reason = "a test that unwraps says so by failing there")]

mod app;
mod backend;
mod bench;
mod books;
mod canary;
mod command;
mod compare;
mod contract;
mod copy;
mod crash;
mod edges;
mod full;
mod harm;
mod http;
mod import;
mod input;
mod merchant;
mod operator;
mod postgres;
mod process;
mod race;
mod sandbox;
mod serve;
mod server;
mod strace;
mod tamper;
mod uqpay;
mod webhook;
mod wonder;
