//! Nouns and rules of Vostro, pure: no input or output, no clock, no randomness, no serialization.
//!
//! Begin with [`money`], then [`account`] (the four sums and the floor), [`transfer`] (the five
//! kinds and their two entries) and [`chain`] (the canonical bytes that entries are hashed over).
//! What a caller asked for is an [`instruction`]; a "no" that leaves nothing is a `Refusal`, a
//! "no" that is a fact is a `Decline`.
//!
//! It must never know a store, a door or a vendor's word. To add a noun: one file here, one row
//! type in `store`, one file in each backend, verbs in `engine`.

pub mod account;
pub mod address;
pub mod asset;
pub mod blind_index;
pub mod cardholder;
pub mod chain;
mod coded;
pub mod credential;
pub mod delivery;
pub mod endpoint;
pub mod event;
pub mod hold;
pub mod id;
pub mod instruction;
pub mod key;
pub mod lease;
pub mod money;
pub mod program;
pub mod rate;
pub mod reference;
pub mod refusal;
pub mod secret;
pub mod signature_key;
pub mod stamp;
pub mod sub_account;
pub mod time;
pub mod transfer;
