//! `vostro instruction …`

use super::call::Call;
use super::print::{Part, RECEIPT, View};
use super::{Before, Note, Of, Plan, words};
use clap::{Args, Subcommand};
use domain::instruction::InstructionKind;

#[derive(Subcommand, Debug)]
pub enum Instruction {
    /// List them, newest first.
    List(List),
    /// Show one with its transfers.
    Show(One),
    /// Undo one by new transfers the other way round, once.
    Reverse {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        note: Note,
    },
}

#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The instruction's id.
    #[arg(long, value_name = "ID")]
    instruction: String,
}

#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: Of,
    /// Only those on this account.
    #[arg(long, value_name = "ID")]
    account: Option<String>,
    /// Only those of this kind; may be given several times or with commas between.
    #[arg(long, value_delimiter = ',',
        value_parser = words(InstructionKind::ALL, InstructionKind::word))]
    kind: Vec<String>,
    /// Only those recorded at this time or later, such as 2026-05-22T08:30:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only those recorded before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    page: Before,
}

const ONE: View = View::One {
    first: &[
        "id",
        "kind",
        "outcome",
        "decline",
        "amount",
        "asset",
        "account",
        "counterparty",
        "cardholder",
        "available_before",
        "available_after",
        "reference",
        "undoes",
        "remark",
        "end_to_end_id",
        "seq",
        "at",
    ],
    parts: &[Part {
        field: "transfers",
        columns: &["id", "kind", "debit", "credit", "amount", "asset", "held", "hold"],
    }],
};
const LIST: View = View::List {
    columns: &["at", "id", "kind", "outcome", "amount", "asset", "cardholder", "available_after"],
    next: "--before",
};

impl Instruction {
    pub(super) fn plan(self) -> Plan {
        match self {
            Self::List(list) => Plan { call: list.call(), view: LIST },
            Self::Show(one) => Plan { call: Call::get(&one.parts()), view: ONE },
            Self::Reverse { one, note } => {
                let path = [&one.parts()[..], &["reverse"]].concat();
                Plan { call: Call::post(&path).noted(note), view: RECEIPT }
            }
        }
    }
}

impl One {
    fn parts(&self) -> [&str; 4] {
        ["programs", &self.of.program, "instructions", &self.instruction]
    }
}

impl List {
    fn call(self) -> Call {
        let kinds = Some(self.kind.join(",")).filter(|kinds| !kinds.is_empty());
        Call::get(&["programs", &self.of.program, "instructions"])
            .query("account", self.account)
            .query("kind", kinds)
            .query("from", self.from)
            .query("until", self.until)
            .before(self.page)
    }
}
