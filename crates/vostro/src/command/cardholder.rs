//! `vostro cardholder …`

use super::call::Call;
use super::print::{Part, View};
use super::{After, Of, Plan, words};
use clap::{Args, Subcommand};
use domain::cardholder::CardholderStatus;

#[derive(Subcommand, Debug)]
pub enum Cardholder {
    /// Make one, with a wallet in each asset.
    Create(Create),
    /// List them.
    List {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        page: After,
    },
    /// Show one with its wallets.
    Show(One),
    /// Set where the verification of one stands.
    SetStatus(SetStatus),
}

#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The cardholder's number.
    #[arg(long)]
    number: String,
}

#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    of: Of,
    /// Our number of it; drawn where absent.
    #[arg(long)]
    number: Option<String>,
    /// The merchant's own number of it.
    #[arg(long)]
    unique_number: Option<String>,
    /// Pending where absent.
    #[arg(long, value_parser = words(CardholderStatus::ALL, CardholderStatus::word))]
    status: Option<String>,
    /// An asset's code; may be given several times. All of the programme's where absent.
    #[arg(long = "asset", value_name = "CODE", value_delimiter = ',')]
    assets: Vec<String>,
}

#[derive(Args, Debug)]
pub struct SetStatus {
    #[command(flatten)]
    one: One,
    #[arg(long, value_parser = words(CardholderStatus::ALL, CardholderStatus::word))]
    status: String,
}

const ONE: View = View::One {
    first: &["number", "unique_number", "status", "id"],
    parts: &[Part {
        field: "wallets",
        columns: &["asset", "balance", "available", "held", "account"],
    }],
};
const LIST: View =
    View::List { columns: &["number", "unique_number", "status", "created_at"], next: "--after" };

impl Cardholder {
    pub(super) fn plan(self) -> Plan {
        let one = |call| Plan { call, view: ONE };
        match self {
            Self::Create(create) => one(create.call()),
            Self::List { of, page } => {
                let call = Call::get(&["programs", &of.program, "cardholders"]).after(page);
                Plan { call, view: LIST }
            }
            Self::Show(which) => one(Call::get(&which.parts())),
            Self::SetStatus(set) => one(Call::patch(&set.one.parts()).field("status", set.status)),
        }
    }
}

impl Create {
    fn call(self) -> Call {
        let assets = Some(self.assets).filter(|assets| !assets.is_empty());
        Call::post(&["programs", &self.of.program, "cardholders"])
            .optional("number", self.number)
            .optional("unique_number", self.unique_number)
            .optional("status", self.status)
            .optional("assets", assets)
    }
}

impl One {
    fn parts(&self) -> [&str; 4] {
        ["programs", &self.of.program, "cardholders", &self.number]
    }
}
