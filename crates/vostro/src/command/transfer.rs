//! `vostro transfer …`

use super::call::Call;
use super::print::RECEIPT;
use super::{Money, Note, Of, Plan};
use clap::{Args, Subcommand};

#[derive(Subcommand, Debug)]
pub enum Transfer {
    /// Move money between two accounts of one asset.
    Create(Create),
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

impl Transfer {
    pub(super) fn plan(self) -> Plan {
        let Self::Create(create) = self;
        let call = Call::post(&["programs", &create.of.program, "transfers"])
            .field("debit", create.debit)
            .field("credit", create.credit)
            .money(create.money)
            .optional("on_insufficient", create.on_insufficient)
            .noted(create.note);
        Plan { call, view: RECEIPT }
    }
}
