//! The HTTP kit that doors are built from: everything about the wire that is no vendor's.
//!
//! A request's road: [`server`] accepts the connection and reads the head within bounds, [`edge`]
//! gives the request its id, logs it and catches a handler's panic, the door's router picks the
//! handler, which reads the body with [`body`], its fields with [`json`], the caller's address
//! with [`address`] and lists with [`paging`]. How often somebody may call is [`throttle`]'s. What
//! goes wrong before a door could know better is a [`fault::Fault`], rendered by the door in its
//! own shape. [`client`] is the only HTTP client, and [`webhook`] posts with it to receivers that
//! nobody trusts.
//!
//! Begin with [`edge`], then [`server`].
//!
//! It must never know a vendor's word, a store, or what a field means; clocks and randomness are
//! passed in. Work done for every request is counted: no shared lock, no timer that is not needed,
//! and as few allocations as the libraries below allow.
//!
//! To add a transport fault: a variant of [`fault::Fault`]; each door then fails to compile until
//! it says how it looks. To add a bound: a field of [`server::ServerLimits`] or [`body::Limits`],
//! with its default and a test over a raw socket.

pub mod access_log;
pub mod address;
pub mod answer;
pub mod body;
pub mod client;
pub mod edge;
pub mod fault;
pub mod header;
pub mod json;
pub mod lines;
pub mod method;
pub mod paging;
pub mod query;
pub mod request_id;
pub mod server;
pub mod throttle;
pub mod time;
pub mod webhook;
