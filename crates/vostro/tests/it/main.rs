//! The integration tests: the real binary, real files, real sockets.
//!
//! `server.rs` starts and stops the binary, `merchant.rs` is a merchant's client. Long tests take
//! their count from `full.rs`.

mod full;
mod merchant;
mod server;
