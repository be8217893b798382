//! `vostro fund` and `vostro payout`

use super::call::Call;
use super::print::RECEIPT;
use super::{Money, Note, Of, Plan, words};
use clap::Args;
use domain::account::AccountKind;

#[derive(Args, Debug)]
pub struct Fund {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    money: Money,
    /// To the wallet of the cardholder with this number instead of the reserve.
    #[arg(long, value_name = "NUMBER")]
    cardholder: Option<String>,
    #[command(flatten)]
    note: Note,
}

/// The programme's accounts that money leaves from.
const PAYERS: &[AccountKind] = &[AccountKind::Reserve, AccountKind::Fees, AccountKind::Settlement];

#[derive(Args, Debug)]
pub struct Payout {
    #[command(flatten)]
    of: Of,
    #[command(flatten)]
    money: Money,
    /// From the wallet of the cardholder with this number instead of the reserve.
    #[arg(long, value_name = "NUMBER", conflicts_with = "kind")]
    cardholder: Option<String>,
    /// From this account of the programme instead of the reserve.
    #[arg(long, value_parser = words(PAYERS, AccountKind::word))]
    kind: Option<String>,
    #[command(flatten)]
    note: Note,
}

impl Fund {
    pub(super) fn plan(self) -> Plan {
        let call = Call::post(&["programs", &self.of.program, "fund"])
            .money(self.money)
            .optional("cardholder", self.cardholder)
            .noted(self.note);
        Plan { call, view: RECEIPT }
    }
}

impl Payout {
    pub(super) fn plan(self) -> Plan {
        let call = Call::post(&["programs", &self.of.program, "payout"])
            .money(self.money)
            .optional("cardholder", self.cardholder)
            .optional("kind", self.kind)
            .noted(self.note);
        Plan { call, view: RECEIPT }
    }
}
