//! `vostro program …`

use super::call::Call;
use super::print::View;
use super::{After, Of, Plan, words};
use clap::{ArgGroup, Args, Subcommand};
use domain::program::{DuplicatePolicy, Mode};

#[derive(Subcommand, Debug)]
pub enum Program {
    /// Make one, with its own accounts in each asset.
    Create(Create),
    /// List them.
    List(After),
    /// Show one with its assets.
    Show(Of),
    /// Refuse its merchants' calls from now on. The operator's go on.
    Suspend(Of),
    /// Serve its merchants again.
    Resume(Of),
    /// Change its settings.
    Set(Set),
    /// Open its own accounts in one more asset.
    AddAsset(AddAsset),
}

#[derive(Args, Debug)]
pub struct Create {
    /// 1 to 64 lower-case letters, digits and dashes; unique.
    #[arg(long)]
    name: String,
    /// An asset's code, such as TUSDT; may be given several times or with commas between.
    #[arg(long = "asset", value_name = "CODE", required = true, value_delimiter = ',')]
    assets: Vec<String>,
    /// Make it one that simulators may touch, for ever.
    #[arg(long)]
    sandbox: bool,
    /// Who decides card authorizations.
    #[arg(long, value_parser = words(Mode::ALL, Mode::word))]
    mode: Option<String>,
    /// What a repeated reference with the same content gets.
    #[arg(long, value_parser = words(DuplicatePolicy::ALL, DuplicatePolicy::word))]
    duplicate: Option<String>,
}

#[derive(Args, Debug)]
#[command(group = ArgGroup::new("change").required(true).multiple(true))]
pub struct Set {
    #[command(flatten)]
    of: Of,
    /// Who decides card authorizations.
    #[arg(long, group = "change", value_parser = words(Mode::ALL, Mode::word))]
    mode: Option<String>,
    /// What a repeated reference with the same content gets.
    #[arg(long, group = "change",
        value_parser = words(DuplicatePolicy::ALL, DuplicatePolicy::word))]
    duplicate: Option<String>,
}

#[derive(Args, Debug)]
pub struct AddAsset {
    #[command(flatten)]
    of: Of,
    /// The asset's code.
    #[arg(long)]
    asset: String,
}

const ONE: View = View::One {
    first: &["id", "name", "status", "environment", "mode", "duplicate", "assets"],
    parts: &[],
};
const LIST: View = View::List {
    columns: &["id", "name", "status", "environment", "mode", "duplicate", "created_at"],
    next: "--after",
};

impl Program {
    pub(super) fn plan(self) -> Plan {
        let one = |call| Plan { call, view: ONE };
        match self {
            Self::Create(create) => one(create.call()),
            Self::List(page) => Plan { call: Call::get(&["programs"]).after(page), view: LIST },
            Self::Show(of) => one(Call::get(&["programs", &of.program])),
            Self::Suspend(of) => one(status(&of, "suspended")),
            Self::Resume(of) => one(status(&of, "active")),
            Self::Set(set) => one(Call::patch(&["programs", &set.of.program])
                .optional("mode", set.mode)
                .optional("duplicate", set.duplicate)),
            Self::AddAsset(add) => {
                one(Call::post(&["programs", &add.of.program, "assets"]).field("asset", add.asset))
            }
        }
    }
}

impl Create {
    fn call(self) -> Call {
        let environment = if self.sandbox { "sandbox" } else { "live" };
        Call::post(&["programs"])
            .field("name", self.name)
            .field("assets", self.assets)
            .field("environment", environment)
            .optional("mode", self.mode)
            .optional("duplicate", self.duplicate)
    }
}

fn status(of: &Of, status: &str) -> Call {
    Call::patch(&["programs", &of.program]).field("status", status)
}
