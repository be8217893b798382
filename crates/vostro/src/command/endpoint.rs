//! `vostro endpoint …`

use super::call::Call;
use super::print::View;
use super::{CommandError, Of, Plan, words};
use crate::files;
use clap::{Args, Subcommand};
use domain::endpoint::EndpointStatus;
use serde_json::Value;
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub enum Endpoint {
    /// Make one. It is told of what happens from now on. Its secret is printed now and never again.
    Create {
        #[command(flatten)]
        of: Of,
        /// Where events are posted to; in a sandbox programme, `inbox:` for the built-in inbox.
        #[arg(long)]
        url: String,
        /// Whose shape and signature: `operator`, or a door's, such as `uqpay`.
        #[arg(long, value_name = "NAME")]
        format: Option<String>,
        #[command(flatten)]
        events: Events,
        #[command(flatten)]
        secret: OwnSecret,
    },
    /// List them.
    List(Of),
    /// Show one.
    Show(One),
    /// Change one. What is on its way already is delivered under what is set now.
    Update(Update),
    /// Send what it missed, or all events of a time, once more.
    Replay(Replay),
}

#[derive(Args, Debug)]
pub struct One {
    #[command(flatten)]
    of: Of,
    /// The endpoint's id.
    #[arg(long, value_name = "ID")]
    endpoint: String,
}

#[derive(Args, Debug)]
pub struct Events {
    /// A kind of event that it takes, such as instruction.completed; may be given several times or
    /// with commas between. `*` is all.
    #[arg(long, value_name = "KIND", value_delimiter = ',')]
    event: Vec<String>,
}

#[derive(Args, Debug)]
pub struct OwnSecret {
    /// A file with the secret that the receiver has already, readable by its owner only. Without
    /// it a secret is made.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Update {
    #[command(flatten)]
    one: One,
    #[arg(long)]
    url: Option<String>,
    #[command(flatten)]
    events: Events,
    /// `disabled`: it is sent nothing and misses nothing; `enabled`: it goes on where it was.
    #[arg(long, value_parser = words(EndpointStatus::ALL, EndpointStatus::word))]
    status: Option<String>,
    /// Make another secret, which is printed now and never again.
    #[arg(long, conflicts_with = "secret_file")]
    rotate_secret: bool,
    /// A file with the secret that signs from now on, readable by its owner only.
    #[arg(long, value_name = "FILE")]
    secret_file: Option<PathBuf>,
}

#[derive(Args, Debug)]
pub struct Replay {
    #[command(flatten)]
    one: One,
    /// All that did not arrive.
    #[arg(long, conflicts_with_all = ["from", "until"],
        required_unless_present_any = ["from", "until"])]
    missed: bool,
    /// Only events recorded at this time or later, such as 2026-05-22T08:30:00Z.
    #[arg(long, value_name = "TIME")]
    from: Option<String>,
    /// Only events recorded before this time.
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
}

const ONE: View = View::One {
    first: &["id", "secret", "url", "format", "events", "status", "cursor_seq", "version"],
    parts: &[],
};
const LIST: View = View::List {
    columns: &["id", "url", "format", "events", "status", "cursor_seq", "created_at"],
    next: "--after",
};
const COUNT: View = View::One { first: &["replayed", "next_from"], parts: &[] };

impl Endpoint {
    pub(super) fn plan(self) -> Result<Plan, CommandError> {
        let one = |call| Plan { call, view: ONE };
        Ok(match self {
            Self::Create { of, url, format, events, secret } => {
                let call = Call::post(&all(&of)).field("url", url).optional("format", format);
                let call = call.optional("events", events.value());
                one(with_secret(call, secret.secret_file)?)
            }
            Self::List(of) => Plan { call: Call::get(&all(&of)), view: LIST },
            Self::Show(which) => one(Call::get(&which.parts())),
            Self::Update(update) => one(update.call()?),
            Self::Replay(replay) => Plan { call: replay.call(), view: COUNT },
        })
    }
}

fn with_secret(call: Call, file: Option<PathBuf>) -> Result<Call, CommandError> {
    Ok(match file {
        Some(file) => call.secret("secret", files::read_secret(&file)?),
        None => call,
    })
}

fn all(of: &Of) -> [&str; 3] {
    ["programs", &of.program, "endpoints"]
}

impl One {
    fn parts(&self) -> [&str; 4] {
        ["programs", &self.of.program, "endpoints", &self.endpoint]
    }
}

impl Events {
    /// What the API takes, where something was given.
    fn value(self) -> Option<Value> {
        match self.event.iter().map(|kind| kind.trim()).collect::<Vec<_>>()[..] {
            [] => None,
            ["*"] => Some(Value::from("*")),
            ref kinds => Some(Value::from(kinds)),
        }
    }
}

impl Update {
    fn call(self) -> Result<Call, CommandError> {
        let call = Call::patch(&self.one.parts())
            .optional("url", self.url)
            .optional("events", self.events.value())
            .optional("status", self.status)
            .optional("rotate_secret", self.rotate_secret.then_some(true));
        with_secret(call, self.secret_file)
    }
}

impl Replay {
    fn call(self) -> Call {
        let path = [&self.one.parts()[..], &["replay"]].concat();
        Call::post(&path)
            .optional("missed", self.missed.then_some(true))
            .optional("from", self.from)
            .optional("until", self.until)
    }
}
