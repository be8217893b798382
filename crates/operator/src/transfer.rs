//! Calls that move money at once: from outside and back, and between any two accounts of a
//! programme. Each is one verb of the engine, which runs it exactly once where a key was sent.

use crate::App;
use crate::cardholder::find_number;
use crate::error::Problem;
use crate::instruction::receipt;
use crate::request::{Fields, Keyed, OfProgram, scope};
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::post;
use domain::account::{AccountKey, AccountKind};
use domain::cardholder::NUMBER_LEN_MAX;
use domain::id::ProgramId;
use domain::money::Amount;
use domain::rate::Rounding;
use engine::admitted::By;
use engine::transfer::{Convert, CreateTransfer, Fund, OnInsufficient};
use engine::{ReferenceName, Repeats};

pub(crate) fn routes() -> Router<App> {
    Router::new()
        .route("/v1/programs/{program}/fund", post(fund))
        .route("/v1/programs/{program}/payout", post(pay_out))
        .route("/v1/programs/{program}/transfers", post(create))
        .route("/v1/programs/{program}/conversions", post(convert))
}

/// Money from outside: `amount`, `asset`, and `cardholder` (the reserve), `remark`.
async fn fund(
    State(app): State<App>,
    program: OfProgram,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let asked = Asked::read(&keyed.fields()?, &[AccountKind::Reserve])?;
    let asset = asked.amount.asset();
    let command = asked.command(&app, program.id, keyed.name(scope!("fund"))).await?;
    let done = app.engine.fund(program.id, command).await?;
    Ok(receipt(done, asset))
}

/// The programme's accounts that money may leave from, the default first.
const PAYERS: &[AccountKind] = &[AccountKind::Reserve, AccountKind::Fees, AccountKind::Settlement];

/// Money to the outside: as `fund`, and `kind` of the programme's account (reserve).
async fn pay_out(
    State(app): State<App>,
    program: OfProgram,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let asked = Asked::read(&keyed.fields()?, PAYERS)?;
    let asset = asked.amount.asset();
    let command = asked.command(&app, program.id, keyed.name(scope!("payout"))).await?;
    let done = app.engine.pay_out(program.id, command).await?;
    Ok(receipt(done, asset))
}

/// What both calls were asked for.
struct Asked {
    amount: Amount,
    inside: Inside,
    remark: String,
}

/// The account inside.
enum Inside {
    Own(AccountKind),
    /// The wallet of the cardholder with this number.
    Wallet(String),
}

impl Asked {
    /// `kinds` are the programme's accounts to choose from, the default first.
    fn read(fields: &Fields<'_>, kinds: &[AccountKind]) -> Result<Self, Problem> {
        let amount = fields.amount()?;
        let number = fields.optional_text("cardholder", NUMBER_LEN_MAX)?;
        let kind = match kinds {
            [_only] => None,
            _ => fields.word::<AccountKind>("kind")?,
        };
        let remark = fields.remark()?;
        fields.finish()?;
        let inside = match (number, kind) {
            (Some(_), Some(_)) => return Err(Problem::bad_field("kind", "excludes `cardholder`")),
            (Some(number), None) => Inside::Wallet(number.into_owned()),
            (None, None) => Inside::Own(kinds[0]),
            (None, Some(kind)) if kinds.contains(&kind) => Inside::Own(kind),
            (None, Some(_)) => {
                let words: Vec<_> = kinds.iter().map(|kind| kind.word()).collect();
                let why = format!("must be one of {}", words.join(", "));
                return Err(Problem::bad_field("kind", why));
            }
        };
        Ok(Self { amount, inside, remark })
    }

    async fn command(
        self,
        app: &App,
        program: ProgramId,
        reference: Option<ReferenceName>,
    ) -> Result<Fund, Problem> {
        let asset = self.amount.asset();
        let account = match self.inside {
            Inside::Own(kind) => AccountKey::own(program, kind, asset),
            Inside::Wallet(number) => {
                let cardholder = find_number(app, program, &number).await?;
                AccountKey::wallet(program, cardholder.id, asset)
            }
        };
        Ok(Fund { account, amount: self.amount, remark: self.remark, reference })
    }
}

/// What references of transfers belong to, single ones and those of bulk calls.
pub(crate) const SCOPE: &str = scope!("transfer");

/// All fields that are left are a transfer's.
pub(crate) fn command(
    fields: &Fields<'_>,
    reference: Option<(ReferenceName, Repeats)>,
) -> Result<CreateTransfer, Problem> {
    let command = CreateTransfer {
        debit: fields.account("debit")?,
        credit: fields.account("credit")?,
        amount: fields.amount()?,
        on_insufficient: fields.word("on_insufficient")?.unwrap_or(OnInsufficient::Refuse),
        remark: fields.remark()?,
        reference,
    };
    fields.finish()?;
    Ok(command)
}

/// `debit` and `credit` (ids of accounts), `amount`, `asset`, and `on_insufficient` (refuse),
/// `remark`.
async fn create(
    State(app): State<App>,
    program: OfProgram,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let command = command(&keyed.fields()?, keyed.reference(SCOPE))?;
    let asset = command.amount.asset();
    let done = app.engine.create_transfer(program.id, By::Operator, command).await?;
    Ok(receipt(done, asset))
}

/// `debit` and `credit` (ids of accounts), `amount`, `asset` (what is given), `to` (what is got),
/// `remark`. At the programme's rate, to the nearest minor unit, halves to even.
async fn convert(
    State(app): State<App>,
    program: OfProgram,
    keyed: Keyed,
) -> Result<Response, Problem> {
    let fields = keyed.fields()?;
    let command = Convert {
        debit: fields.account("debit")?,
        credit: fields.account("credit")?,
        amount: fields.amount()?,
        to: fields.asset("to")?,
        rounding: Rounding::HalfEven,
        remark: fields.remark()?,
        reference: keyed.reference(scope!("conversion")),
    };
    fields.finish()?;
    let asset = command.amount.asset();
    let done = app.engine.convert(program.id, By::Operator, command).await?;
    Ok(receipt(done, asset))
}

#[cfg(test)]
mod tests;
