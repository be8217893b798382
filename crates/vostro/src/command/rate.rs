//! `vostro rate …`

use super::call::Call;
use super::print::View;
use super::{Of, Plan};
use clap::{Args, Subcommand};

#[derive(Subcommand, Debug)]
pub enum Rate {
    /// Set the rate from one asset to another, from now on.
    Set(Set),
    /// List them.
    List(Of),
}

#[derive(Args, Debug)]
pub struct Set {
    #[command(flatten)]
    of: Of,
    /// The code of the asset that is given.
    #[arg(long, value_name = "CODE")]
    from: String,
    /// The code of the asset that is got.
    #[arg(long, value_name = "CODE")]
    to: String,
    /// Whole units of `to` for one whole unit of `from`, an exact decimal.
    #[arg(long)]
    rate: String,
}

const ONE: View = View::One { first: &["from", "to", "rate"], parts: &[] };
const LIST: View = View::List { columns: &["from", "to", "rate", "version", "at"], next: "" };

impl Rate {
    pub(super) fn plan(self) -> Plan {
        match self {
            Self::Set(set) => {
                let call = Call::post(&["programs", &set.of.program, "rates"])
                    .field("from", set.from)
                    .field("to", set.to)
                    .field("rate", set.rate);
                Plan { call, view: ONE }
            }
            Self::List(of) => {
                Plan { call: Call::get(&["programs", &of.program, "rates"]), view: LIST }
            }
        }
    }
}
