//! `vostro delivery …`

use super::call::Call;
use super::print::View;
use super::{Before, Of, Plan, words};
use clap::{Args, Subcommand};
use domain::delivery::DeliveryStatus;

#[derive(Subcommand, Debug)]
pub enum Delivery {
    /// List them, newest event first.
    List(List),
    /// Show one, with what was sent.
    Show(One),
    /// Send one once more, whatever became of it.
    Replay(One),
}

#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The delivery's id.
    #[arg(long, value_name = "ID")]
    delivery: String,
}

#[derive(Args, Debug)]
pub struct List {
    #[command(flatten)]
    of: Of,
    /// Only those to this endpoint.
    #[arg(long, value_name = "ID")]
    endpoint: Option<String>,
    /// Only those of this status; may be given several times or with commas between.
    #[arg(long, value_delimiter = ',',
        value_parser = words(DeliveryStatus::ALL, DeliveryStatus::word))]
    status: Vec<String>,
    /// Only those of events recorded at this time or later, such as 2026-05-22T08:30:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only those of events recorded before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    #[command(flatten)]
    page: Before,
}

const ONE: View = View::One {
    first: &[
        "id",
        "endpoint",
        "status",
        "event",
        "attempts",
        "replays",
        "last_status",
        "last_error",
        "last_ms",
        "first_attempt_at",
        "last_attempt_at",
        "next_attempt_at",
        "request",
    ],
    parts: &[],
};
const LIST: View = View::List {
    columns: &["id", "status", "attempts", "last_status", "last_error", "next_attempt_at", "event"],
    next: "--before",
};

impl Delivery {
    pub(super) fn plan(self) -> Plan {
        match self {
            Self::List(list) => Plan { call: list.call(), view: LIST },
            Self::Show(one) => Plan { call: Call::get(&one.parts()), view: ONE },
            Self::Replay(one) => {
                let path = [&one.parts()[..], &["replay"]].concat();
                Plan { call: Call::post(&path), view: ONE }
            }
        }
    }
}

impl One {
    fn parts(&self) -> [&str; 4] {
        ["programs", &self.of.program, "deliveries", &self.delivery]
    }
}

impl List {
    fn call(self) -> Call {
        let statuses = Some(self.status.join(",")).filter(|statuses| !statuses.is_empty());
        Call::get(&["programs", &self.of.program, "deliveries"])
            .query("endpoint", self.endpoint)
            .query("status", statuses)
            .query("from", self.from)
            .query("until", self.until)
            .before(self.page)
    }
}
