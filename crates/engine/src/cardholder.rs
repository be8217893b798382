//! Cardholders: number, unique number, status, who they are, and the wallets made with them.

pub mod create;
pub mod edit;
pub mod find;
pub(crate) mod identity;
pub mod update;

pub use create::{CreateCardholder, RegisterCardholder};
