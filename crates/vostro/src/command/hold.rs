//! `vostro hold …`

use super::call::Call;
use super::print::{RECEIPT, View};
use super::{Money, Note, Of, Plan, words};
use clap::{Args, Subcommand};
use domain::hold::Completion;

#[derive(Subcommand, Debug)]
pub enum Hold {
    /// Reserve an amount of one account for another.
    Place(Place),
    /// Move a part of what is reserved, or all of it.
    Capture(Capture),
    /// Let all that remains go.
    Void {
        #[command(flatten)]
        one: One,
        #[command(flatten)]
        note: Note,
    },
    /// Show one.
    Show(One),
}

#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The hold's id.
    #[arg(long, value_name = "ID")]
    hold: String,
}

#[derive(Args, Debug)]
pub struct Place {
    #[command(flatten)]
    of: Of,
    /// The id of the account that pays.
    #[arg(long, value_name = "ID")]
    debit: String,
    /// The id of the account that it is reserved for.
    #[arg(long, value_name = "ID")]
    credit: String,
    #[command(flatten)]
    money: Money,
    /// Seconds until it expires: seven days where absent, 31 at most.
    #[arg(long, value_name = "SECONDS")]
    life_s: Option<u64>,
    #[command(flatten)]
    note: Note,
}

#[derive(Args, Debug)]
pub struct Capture {
    #[command(flatten)]
    one: One,
    #[command(flatten)]
    money: Money,
    /// Whether the rest stays reserved; final where absent.
    #[arg(long, value_parser = words(Completion::ALL, Completion::word))]
    completion: Option<String>,
    #[command(flatten)]
    note: Note,
}

const ONE: View = View::One {
    first: &["id", "state", "amount", "captured", "remaining", "asset", "debit", "credit"],
    parts: &[],
};

impl Hold {
    pub(super) fn plan(self) -> Plan {
        let moves = |call| Plan { call, view: RECEIPT };
        match self {
            Self::Place(place) => moves(place.call()),
            Self::Capture(capture) => moves(
                Call::post(&capture.one.verb("capture"))
                    .money(capture.money)
                    .optional("completion", capture.completion)
                    .noted(capture.note),
            ),
            Self::Void { one, note } => moves(Call::post(&one.verb("void")).noted(note)),
            Self::Show(one) => Plan { call: Call::get(&one.parts()), view: ONE },
        }
    }
}

impl Place {
    fn call(self) -> Call {
        Call::post(&["programs", &self.of.program, "holds"])
            .field("debit", self.debit)
            .field("credit", self.credit)
            .money(self.money)
            .optional("life_s", self.life_s)
            .noted(self.note)
    }
}

impl One {
    fn parts(&self) -> [&str; 4] {
        ["programs", &self.of.program, "holds", &self.hold]
    }

    /// The path of what is done with it.
    fn verb<'a>(&'a self, verb: &'a str) -> Vec<&'a str> {
        [&self.parts()[..], &[verb]].concat()
    }
}
