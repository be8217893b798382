//! `vostro inbox …`

use super::call::Call;
use super::print::View;
use super::{Before, Of, Plan};
use clap::{Args, Subcommand};

#[derive(Subcommand, Debug)]
pub enum Inbox {
    /// List what endpoints with the url `inbox:` were told, newest event first.
    List(List),
}

#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    page: Before,
}

const LIST: View =
    View::List { columns: &["received_at", "id", "body", "headers"], next: "--before" };

impl Inbox {
    pub(super) fn plan(self) -> Plan {
        match self {
            Self::List(List { of, page }) => {
                let call = Call::get(&["programs", &of.program, "inbox"]).before(page);
                Plan { call, view: LIST }
            }
        }
    }
}
