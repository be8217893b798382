//! Accounts: opened, found, and their history.

pub mod find;
pub mod open;
