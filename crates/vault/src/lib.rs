//! Keys and what is done with them: wrapping, sealing, fingerprints, look-up hashes, tokens.
//!
//! One [`master::MasterKey`] per installation never leaves memory; every other key is random,
//! used for one [`master::Purpose`] only, and stored wrapped by the master. Begin with
//! [`master`], then [`data`] (values stored encrypted). [`fingerprint`] tells a replay from other
//! content, [`lookup`] finds a row by a value that is not stored in clear, [`token`] makes access
//! tokens that need no row, [`signature`] verifies what callers sign, [`webhook`] signs what
//! receivers verify, [`api`] makes what merchants are given.
//!
//! It must never know a store, a door, a clock or a source of randomness: whoever calls passes a
//! [`random::Random`] in. Nothing here prints key material, and errors never repeat what they
//! were given.
//!
//! To add a use of keys: a [`master::Purpose`] with the next free code, and one file here that
//! takes its 32 bytes and offers the one operation. Every stored form starts with a version byte,
//! so that a later form can be told from this one. Tests begin with published vectors.

pub mod api;
pub mod compare;
pub mod data;
pub mod error;
pub mod fingerprint;
pub mod lookup;
pub mod master;
pub mod random;
pub mod signature;
pub mod token;
pub mod webhook;

mod cipher;

pub use error::KeyError;
