//! `vostro sub-account …`

use super::call::Call;
use super::print::{Part, RECEIPT, View};
use super::{After, Money, Note, Of, Plan, words};
use clap::{Args, Subcommand};
use domain::sub_account::{SubAccountKind, SubAccountStatus};

#[derive(Subcommand, Debug)]
pub enum SubAccount {
    /// Make one, with its accounts in each asset.
    Create(Create),
    /// List them.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        page: After,
    },
    /// Show one with its accounts.
    Show(One),
    /// Set its status. One that is closed stays closed.
    Set(Set),
    /// Bring money from outside to its account at the bank.
    Deposit(Move),
    /// Move money from its account at the bank to an account at issuing.
    Allocate(Allocate),
    /// Bring money from outside straight to its account at issuing.
    Fund(Move),
}

#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The sub-account's id.
    #[arg(long)]
    id: String,
}

#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    of: Of,
    /// The programme itself, which has accounts at issuing and at the bank; or one that has them
    /// at issuing or at the bank only.
    #[arg(long, value_parser = words(SubAccountKind::ALL, SubAccountKind::word))]
    kind: String,
    /// For people, 1 to 512 bytes.
    #[arg(long)]
    name: String,
    /// An asset's code; may be given several times or with commas between.
    #[arg(long = "asset", value_name = "CODE", required = true, value_delimiter = ',')]
    assets: Vec<String>,
    /// The id that callers name it by, a UUID; drawn where absent.
    #[arg(long)]
    id: Option<String>,
    /// Names the call, so that typing it again does not make another one. Drawn where absent.
    #[arg(long, value_name = "KEY")]
    reference: Option<String>,
}

#[derive(Args, Debug)]
pub struct Set {
    #[command(flatten)]
    one: One,
    #[arg(long, value_parser = words(SubAccountStatus::ALL, SubAccountStatus::word))]
    status: String,
}

#[derive(Args, Debug)]
pub struct Move {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    money: Money,
    #[command(flatten)]
    note: Note,
}

#[derive(Args, Debug)]
pub struct Allocate {
    #[command(flatten)]
    what: Move,
    /// The id of the one that gets it; the same where absent.
    #[arg(long, value_name = "ID")]
    to: Option<String>,
}

const ONE: View = View::One {
    first: &["id", "number", "kind", "name", "status"],
    parts: &[Part {
        field: "accounts",
        columns: &["kind", "asset", "balance", "available", "held", "account"],
    }],
};
const LIST: View = View::List {
    columns: &["id", "number", "kind", "name", "status", "created_at"],
    next: "--after",
};

impl SubAccount {
    pub(super) fn plan(self) -> Plan {
        let one = |call| Plan { call, view: ONE };
        let receipt = |call| Plan { call, view: RECEIPT };
        match self {
            Self::Create(create) => one(create.call()),
            Self::List { of, page } => {
                let call = Call::get(&["programs", &of.program, "sub-accounts"]).after(page);
                Plan { call, view: LIST }
            }
            Self::Show(which) => one(Call::get(&which.parts())),
            Self::Set(set) => one(Call::patch(&set.one.parts()).field("status", set.status)),
            Self::Deposit(what) => receipt(what.call("deposit")),
            Self::Allocate(Allocate { what, to }) => {
                receipt(what.call("allocate").optional("to", to))
            }
            Self::Fund(what) => receipt(what.call("fund")),
        }
    }
}

impl Create {
    fn call(self) -> Call {
        Call::post(&["programs", &self.of.program, "sub-accounts"])
            .field("kind", self.kind)
            .field("name", self.name)
            .field("assets", self.assets)
            .optional("id", self.id)
            .once(self.reference)
    }
}

impl Move {
    fn call(self, verb: &str) -> Call {
        let path = [&self.one.parts()[..], &[verb]].concat();
        Call::post(&path).money(self.money).noted(self.note)
    }
}

impl One {
    fn parts(&self) -> [&str; 4] {
        ["programs", &self.of.program, "sub-accounts", &self.id]
    }
}
