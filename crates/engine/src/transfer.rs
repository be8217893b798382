//! Transfers: posted, converted, undone. Begin with `post.rs`, the verb under most calls.

pub(crate) mod book;
pub mod convert;
pub mod create;
pub mod family;
pub mod fund;
pub mod linked;
pub mod load;
pub mod peer;
pub(crate) mod post;
pub mod reverse;
pub(crate) mod seal;

pub use convert::Convert;
pub use create::CreateTransfer;
pub use family::{FamilyTransfer, Place};
pub use fund::Fund;
pub use linked::{Leg, LinkedTransfers};
pub use load::{Direction, Load};
pub use peer::{Party, PeerTransfer};
pub use post::OnInsufficient;
pub use reverse::Reverse;

use domain::instruction::{InstructionRefusal, REMARK_LEN_MAX};

/// A remark is one line of text for people.
pub(crate) fn check_remark(remark: &str) -> Result<(), InstructionRefusal> {
    let bounded = remark.len() <= REMARK_LEN_MAX;
    if bounded && !remark.chars().any(char::is_control) {
        Ok(())
    } else {
        Err(InstructionRefusal::RemarkTooLong)
    }
}
