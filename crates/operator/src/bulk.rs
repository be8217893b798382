//! Many transfers on one connection: a line each, answered by a line each, in their order, while
//! the caller still sends. Each line is a call by itself, with a reference of its own; none is part
//! of another. The same reference as `Idempotency-Key` of a single transfer is the same call.
//!
//! If either side stops, the lines that were answered are done, and of the others nobody knows: the
//! caller sends them again, and what was done is answered as it was.

use crate::App;
use crate::error::Problem;
use crate::instruction::outcome;
use crate::query::Query;
use crate::request::{Fields, WORD_LEN_MAX, is_key, refuse_key};
use crate::transfer;
use axum::Router;
use axum::body::Body;
use axum::extract::{Extension, State};
use axum::response::Response;
use axum::routing::post;
use bytes::Bytes;
use domain::id::ProgramId;
use domain::program::ProgramRefusal;
use domain::reference;
use engine::admitted::By;
use engine::instruction::Receipt;
use engine::transfer::CreateTransfer;
use engine::{BoxFuture, Engine, Error, Idempotent, ReferenceName, Repeats};
use foldhash::fast::RandomState;
use futures_util::future::Either;
use gateway::lines::{Answer, Line, LineLimits, Work, answer};
use gateway::server::Stopping;
use http::HeaderMap;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::future::{Ready, ready};
use std::sync::Arc;
use std::time::Duration;

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/v1/bulk/transfers", post(transfers))
}

/// Programmes of one request that are remembered by the names that its lines have.
const NAMES_MAX: usize = 4_096;

/// A line that finds the queue full waits so long between its tries, and so often.
const BUSY_PAUSE: Duration = Duration::from_millis(20);
const BUSY_TRIES: u32 = 500;

/// `program` (query) is that of lines which name none. A line has `program`, `reference`, and the
/// fields of a single transfer. Each line has its own reference, so there is no key for all.
async fn transfers(
    State(app): State<App>,
    stopping: Option<Extension<Stopping>>,
    headers: HeaderMap,
    query: Query,
    body: Body,
) -> Result<Response, Problem> {
    refuse_key(&headers)?;
    let default = query.text("program")?.map(str::to_owned);
    query.finish()?;
    let transfers = Transfers { engine: app.engine, programs: HashMap::default(), default };
    let stopping = stopping.map(|Extension(stopping)| stopping);
    Ok(answer(body, LineLimits::default(), stopping, transfers))
}

struct Transfers {
    engine: Arc<Engine>,
    programs: HashMap<String, ProgramId, RandomState>,
    default: Option<String>,
}

/// A line, read.
struct Asked<'a> {
    /// The default where it is absent, which is then there.
    program: Option<Cow<'a, str>>,
    command: CreateTransfer,
}

#[derive(Serialize)]
struct DoneView<'a> {
    line: u64,
    reference: &'a str,
    instruction: String,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    decline: Option<&'static str>,
    replayed: bool,
}

#[derive(Serialize)]
struct FailedView<'a> {
    line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reference: Option<&'a str>,
    error: ErrorView<'a>,
}

#[derive(Serialize)]
struct ErrorView<'a> {
    code: &'static str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'a str>,
}

/// The work of a line, or the way to it where its programme has to be looked up.
type Begun<'a> = Either<Ready<Work>, BoxFuture<'a, Work>>;

impl Answer for Transfers {
    // No `async fn`: its future would carry the line's command, and be moved with it.
    fn begin(&mut self, number: u64, line: Line) -> impl Future<Output = Work> + Send {
        match &line {
            Line::Text(text) => self.begun(number, text),
            Line::TooLong => {
                let problem = Problem::bad_request("The line is too long.");
                begun(at_once(failed(number, None, &problem)))
            }
        }
    }
}

fn begun<'a>(work: Work) -> Begun<'a> {
    Either::Left(ready(work))
}

fn at_once(answer: Vec<u8>) -> Work {
    Box::pin(ready(answer))
}

fn name(command: &CreateTransfer) -> Option<&str> {
    command.reference.as_ref().map(|(name, _)| name.text.as_str())
}

/// A full queue is no reason to refuse: here nobody waits who could come again.
async fn patiently(
    engine: &Engine,
    program: ProgramId,
    command: &CreateTransfer,
) -> Result<Idempotent<Receipt>, Error> {
    let mut tries = 0;
    loop {
        let done = engine.create_transfer(program, By::Operator, command.clone()).await;
        tries += 1;
        match done {
            Err(Error::Busy) if tries < BUSY_TRIES => tokio::time::sleep(BUSY_PAUSE).await,
            done => return done,
        }
    }
}

impl Transfers {
    fn begun(&mut self, number: u64, line: &Bytes) -> Begun<'_> {
        let Asked { program, command } = match self.read(line) {
            Ok(asked) => asked,
            Err(problem) => return begun(at_once(failed(number, None, &problem))),
        };
        let program = program.as_deref().or(self.default.as_deref());
        let program = program.expect("a line without it was refused");
        if let Some(known) = self.programs.get(program).copied() {
            return begun(self.work(number, known, command));
        }
        Either::Right(Box::pin(self.begun_elsewhere(number, program.to_owned(), command)))
    }

    /// Of a programme that is not known yet.
    async fn begun_elsewhere(
        &mut self,
        number: u64,
        program: String,
        command: CreateTransfer,
    ) -> Work {
        match self.look_up(program).await {
            Ok(program) => self.work(number, program, command),
            Err(problem) => at_once(failed(number, name(&command), &problem)),
        }
    }

    fn read<'a>(&self, line: &'a Bytes) -> Result<Asked<'a>, Problem> {
        let fields = Fields::parse(line)?;
        let program = fields.optional_text("program", WORD_LEN_MAX)?;
        if program.is_none() && self.default.is_none() {
            return Err(Problem::bad_field("program", "is required"));
        }
        let reference = fields.text("reference", reference::TEXT_LEN_MAX)?;
        if !is_key(&reference) {
            return Err(Problem::bad_field("reference", "must be visible ASCII characters"));
        }
        let name = ReferenceName { scope: transfer::SCOPE.into(), text: reference.into_owned() };
        let command = transfer::command(&fields, Some((name, Repeats::Replay)))?;
        Ok(Asked { program, command })
    }

    fn work(&self, number: u64, program: ProgramId, command: CreateTransfer) -> Work {
        let engine = Arc::clone(&self.engine);
        Box::pin(async move {
            let done = patiently(&engine, program, &command).await;
            match done {
                Ok(done) => finished(number, name(&command).unwrap_or_default(), done),
                Err(error) => failed(number, name(&command), &error.into()),
            }
        })
    }

    async fn look_up(&mut self, name: String) -> Result<ProgramId, Problem> {
        let found = self.engine.find_program(&name).await?;
        let (program, _) = found.ok_or_else(|| Problem::refused(ProgramRefusal::Missing))?;
        if self.programs.len() >= NAMES_MAX {
            self.programs.clear();
        }
        self.programs.insert(name, program.id);
        Ok(program.id)
    }
}

fn finished(line: u64, reference: &str, done: Idempotent<Receipt>) -> Vec<u8> {
    let replayed = matches!(done, Idempotent::AlreadyDone(_));
    let receipt = done.into_inner();
    let instruction = receipt.instruction.to_string();
    let (outcome, decline) = outcome(receipt.outcome);
    written(&DoneView { line, reference, instruction, outcome, decline, replayed })
}

fn failed(line: u64, reference: Option<&str>, problem: &Problem) -> Vec<u8> {
    let (code, detail, field) = problem.parts();
    written(&FailedView { line, reference, error: ErrorView { code, detail, field } })
}

fn written(view: &impl Serialize) -> Vec<u8> {
    let mut text = serde_json::to_vec(view).expect("views have text keys and no fallible values");
    text.push(b'\n');
    text
}

#[cfg(test)]
mod tests;
