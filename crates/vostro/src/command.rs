//! What an operator types. Each command is one request to the operator's API, so that everything
//! it does can be done by HTTP as well, and nothing it does depends on whether a server runs.
//!
//! A command's road: its noun's file makes a [`Plan`] of the arguments, [`transport`] sends the
//! plan's call, and [`print`] shows the answer. To add one: a variant and its arm in the noun's
//! file, and a line in the tests' table.

mod account;
mod call;
mod cardholder;
mod credential;
mod delivery;
mod endpoint;
mod error;
mod fund;
mod hold;
mod inbox;
mod instruction;
mod print;
mod program;
mod rate;
mod signature_key;
mod sub_account;
mod transfer;
mod transport;

pub use call::escape;
pub use error::CommandError;
pub use transport::Transport;

use call::Call;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use print::View;
use std::io::Write;
use vault::random::Random;

/// The commands beside serving.
#[derive(Subcommand, Debug)]
pub enum Command {
    /// Programmes, the tenants: made, listed, suspended, resumed, set.
    #[command(subcommand)]
    Program(program::Program),
    /// What merchants prove themselves with.
    #[command(subcommand)]
    Credential(credential::Credential),
    /// The keys that prove the requests of callers who sign, and those that we sign with.
    #[command(subcommand)]
    SignatureKey(signature_key::SignatureKey),
    /// Who holds a wallet.
    #[command(subcommand)]
    Cardholder(cardholder::Cardholder),
    /// The members of a programme's family, and the money that reaches them.
    #[command(subcommand)]
    SubAccount(sub_account::SubAccount),
    /// Bring money from outside to a programme's reserve, or to a cardholder's wallet.
    Fund(fund::Fund),
    /// Take money out of a programme, or out of a cardholder's wallet.
    Payout(fund::Payout),
    /// Balances and their history.
    #[command(subcommand)]
    Account(account::Account),
    /// Movements between two accounts of a programme.
    #[command(subcommand)]
    Transfer(transfer::Transfer),
    /// What was asked for, and what became of it.
    #[command(subcommand)]
    Instruction(instruction::Instruction),
    /// Rates between two assets.
    #[command(subcommand)]
    Rate(rate::Rate),
    /// Amounts reserved.
    #[command(subcommand)]
    Hold(hold::Hold),
    /// Where a programme's events are sent to.
    #[command(subcommand)]
    Endpoint(endpoint::Endpoint),
    /// Events on their way to endpoints.
    #[command(subcommand)]
    Delivery(delivery::Delivery),
    /// What the built-in inbox of a sandbox programme was told.
    #[command(subcommand)]
    Inbox(inbox::Inbox),
}

/// What a command asks for, and how its answer is shown to people.
#[derive(Debug)]
struct Plan {
    call: Call,
    view: View,
}

impl Command {
    /// Fails where a file that it names is not taken.
    fn plan(self) -> Result<Plan, CommandError> {
        Ok(match self {
            Self::Program(command) => command.plan(),
            Self::Credential(command) => command.plan(),
            Self::SignatureKey(command) => command.plan()?,
            Self::Cardholder(command) => command.plan(),
            Self::SubAccount(command) => command.plan(),
            Self::Fund(command) => command.plan(),
            Self::Payout(command) => command.plan(),
            Self::Account(command) => command.plan(),
            Self::Transfer(command) => command.plan(),
            Self::Instruction(command) => command.plan(),
            Self::Rate(command) => command.plan(),
            Self::Hold(command) => command.plan(),
            Self::Endpoint(command) => command.plan()?,
            Self::Delivery(command) => command.plan(),
            Self::Inbox(command) => command.plan(),
        })
    }
}

/// Asks, and prints the answer to standard output: as the API gave it, or for people.
pub async fn run(command: Command, transport: &Transport, json: bool) -> Result<(), CommandError> {
    let random = crate::random::random();
    let text = answer(command, transport, random.as_ref(), json).await?;
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CommandError::Output)
}

async fn answer(
    command: Command,
    transport: &Transport,
    random: &dyn Random,
    json: bool,
) -> Result<String, CommandError> {
    let Plan { call, view } = command.plan()?;
    let answer = transport.ask(call, random).await?;
    if json { Ok(format!("{}\n", answer.text)) } else { Ok(print::text(&view, &answer)) }
}

/// Whose rows are meant.
#[derive(Args, Debug)]
pub struct Of {
    /// The programme, by name or id.
    #[arg(long, value_name = "NAME|ID")]
    program: String,
}

/// A page of a list in the order of its keys.
#[derive(Args, Debug)]
pub struct After {
    /// Rows to print, 1 to 500.
    #[arg(long, value_name = "ROWS")]
    limit: Option<u32>,
    /// Go on behind the page before.
    #[arg(long, value_name = "CURSOR")]
    after: Option<String>,
}

/// A page of a list with the newest first.
#[derive(Args, Debug)]
pub struct Before {
    /// Rows to print, 1 to 500.
    #[arg(long, value_name = "ROWS")]
    limit: Option<u32>,
    /// Go on behind the page before.
    #[arg(long, value_name = "CURSOR")]
    before: Option<String>,
}

/// How much.
#[derive(Args, Debug)]
pub struct Money {
    /// An exact decimal, such as 100.00.
    #[arg(long)]
    amount: String,
    /// The asset's code, such as TUSDT.
    #[arg(long)]
    asset: String,
}

/// What goes with every call that moves money.
#[derive(Args, Debug)]
pub struct Note {
    /// A line for people, kept with the instruction.
    #[arg(long)]
    remark: Option<String>,
    /// Names the call, so that typing it again does not do it again. Drawn where absent: then each
    /// command is a new call, repeated by itself where the outcome was not known.
    #[arg(long, value_name = "KEY")]
    reference: Option<String>,
}

impl Call {
    fn after(self, page: After) -> Self {
        self.query("limit", page.limit).query("after", page.after)
    }

    fn before(self, page: Before) -> Self {
        self.query("limit", page.limit).query("before", page.before)
    }

    fn money(self, money: Money) -> Self {
        self.field("amount", money.amount).field("asset", money.asset)
    }

    fn noted(self, note: Note) -> Self {
        self.optional("remark", note.remark).once(note.reference)
    }
}

/// The words of one of the domain's closed sets.
fn words<T: Copy>(all: &[T], word: impl Fn(T) -> &'static str) -> PossibleValuesParser {
    PossibleValuesParser::new(all.iter().map(|one| word(*one)))
}

#[cfg(test)]
mod tests;
