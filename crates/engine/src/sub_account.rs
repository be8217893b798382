//! Sub-accounts: made, found, and let in or kept out.

pub mod create;
pub mod find;
pub mod update;

pub use create::CreateSubAccount;

#[cfg(test)]
mod tests;
