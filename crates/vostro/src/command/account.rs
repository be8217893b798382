//! `vostro account …`

use super::call::Call;
use super::print::View;
use super::{After, Before, Of, Plan, words};
use clap::{Args, Subcommand};
use domain::account::AccountKind;

#[derive(Subcommand, Debug)]
pub enum Account {
    /// List them with their balances.
    List(List),
    /// Show one with its sums.
    Show(One),
    /// List the entries of one, newest first.
    History {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        page: Before,
    },
}

#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The account's id.
    #[arg(long, value_name = "ID")]
    account: String,
}

#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: Of,
    /// Only the programme's own.
    #[arg(long, conflicts_with = "cardholder")]
    own: bool,
    /// Only those of the cardholder with this number.
    #[arg(long, value_name = "NUMBER")]
    cardholder: Option<String>,
    /// Only those of this kind.
    #[arg(long, value_parser = words(AccountKind::ALL, AccountKind::word))]
    kind: Option<String>,
    #[command(flatten)]
    page: After,
}

const ONE: View = View::One {
    first: &[
        "id",
        "kind",
        "owner",
        "owner_id",
        "cardholder",
        "asset",
        "balance",
        "available",
        "floor",
        "posted_debits",
        "posted_credits",
        "held_debits",
        "held_credits",
    ],
    parts: &[],
};
const LIST: View = View::List {
    columns: &["id", "kind", "owner", "cardholder", "asset", "balance", "available"],
    next: "--after",
};
const HISTORY: View = View::List {
    columns: &["version", "seq", "side", "posted", "held", "balance", "available", "transfer"],
    next: "--before",
};

impl Account {
    pub(super) fn plan(self) -> Plan {
        match self {
            Self::List(list) => Plan { call: list.call(), view: LIST },
            Self::Show(One { of, account }) => {
                let call = Call::get(&["programs", &of.program, "accounts", &account]);
                Plan { call, view: ONE }
            }
            Self::History { one: One { of, account }, page } => {
                let path = ["programs", &of.program, "accounts", &account, "entries"];
                Plan { call: Call::get(&path).before(page), view: HISTORY }
            }
        }
    }
}

impl List {
    fn call(self) -> Call {
        Call::get(&["programs", &self.of.program, "accounts"])
            .query("owner", self.own.then_some("program"))
            .query("cardholder", self.cardholder)
            .query("kind", self.kind)
            .after(self.page)
    }
}
