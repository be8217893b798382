//! Instructions: how one is recorded, found and listed; and the event that goes with every fact.

pub mod list;
pub mod record;

pub use record::Receipt;
pub(crate) use record::event;
