//! `vostro transfer …`

use super::call::Call;
use super::print::RECEIPT;
use super::{Money, Note, Of, Plan};
use clap::{Args, Subcommand};

#[derive(Subcommand, Debug)]
pub enum Transfer {
    /// Move money between two accounts of one asset.
    Create(Create),
    /// Move money between two accounts of different assets, at the programme's rate.
    Convert(Convert),
}

#[derive(Args, Debug)]
pub struct Create {
    #[command(flatten)]
    of: Of,
    /// The id of the account that pays.
    #[arg(long, value_name = "ID")]
    debit: String,
    /// The id of the account that receives.
    #[arg(long, value_name = "ID")]
    credit: String,
    #[command(flatten)]
    money: Money,
    /// Whether too little money leaves nothing behind, or a declined instruction.
    #[arg(long, value_parser = ["refuse", "decline"])]
    on_insufficient: Option<String>,
    #[command(flatten)]
    note: Note,
}

#[derive(Args, Debug)]
pub struct Convert {
    #[command(flatten)]
    of: Of,
    /// The id of the account that pays.
    #[arg(long, value_name = "ID")]
    debit: String,
    /// The id of the account that receives.
    #[arg(long, value_name = "ID")]
    credit: String,
    #[command(flatten)]
    money: Money,
    /// The code of the asset that is received.
    #[arg(long, value_name = "CODE")]
    to: String,
    #[command(flatten)]
    note: Note,
}

impl Transfer {
    pub(super) fn plan(self) -> Plan {
        match self {
            Self::Create(create) => create.plan(),
            Self::Convert(convert) => convert.plan(),
        }
    }
}

impl Convert {
    fn plan(self) -> Plan {
        let call = Call::post(&["programs", &self.of.program, "conversions"])
            .field("debit", self.debit)
            .field("credit", self.credit)
            .money(self.money)
            .field("to", self.to)
            .noted(self.note);
        Plan { call, view: RECEIPT }
    }
}

impl Create {
    fn plan(self) -> Plan {
        let call = Call::post(&["programs", &self.of.program, "transfers"])
            .field("debit", self.debit)
            .field("credit", self.credit)
            .money(self.money)
            .optional("on_insufficient", self.on_insufficient)
            .noted(self.note);
        Plan { call, view: RECEIPT }
    }
}
