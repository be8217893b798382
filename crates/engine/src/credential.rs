//! Credentials: made by operator call, shown once, kept as a keyed hash and a sealed secret.

pub mod create;
pub mod list;
pub mod update;

pub use create::{CreateCredential, CredentialForm, NewCredential};
pub use update::UpdateCredential;
