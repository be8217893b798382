//! Cardholders: number, unique number, status, and the wallets made with them.

pub mod create;
pub mod find;
pub mod update;

pub use create::CreateCardholder;
