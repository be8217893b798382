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
use gateway::lines::{Answer, Line, LineLimits, Work, answer};
use gateway::server::Stopping;
use http::HeaderMap;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::future::{Ready, ready};
use std::io::Write as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
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
    let (engine, programs) = (app.engine, HashMap::new());
    let transfers = Transfers { engine, programs, latest: None, default };
    let stopping = stopping.map(|Extension(stopping)| stopping);
    Ok(answer(body, LineLimits::default(), stopping, transfers))
}

struct Transfers {
    engine: Arc<Engine>,
    programs: HashMap<String, ProgramId>,
    /// That which was looked up last, which mostly is the only one.
    latest: Option<(String, ProgramId)>,
    default: Option<String>,
}

/// A line, read.
struct Asked<'a> {
    /// The default where it is absent, which is then there.
    program: Option<Cow<'a, str>>,
    command: CreateTransfer,
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
enum Begun<'a> {
    Work(Ready<Work>),
    LookUp(BoxFuture<'a, Work>),
}

impl From<Work> for Begun<'_> {
    fn from(work: Work) -> Self {
        Self::Work(ready(work))
    }
}

impl Future for Begun<'_> {
    type Output = Work;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Work> {
        match &mut *self {
            Self::Work(work) => Pin::new(work).poll(context),
            Self::LookUp(work) => work.as_mut().poll(context),
        }
    }
}

impl Answer for Transfers {
    // No `async fn`: its future would carry the line's command, and be moved with it.
    fn begin(&mut self, number: u64, line: Line) -> impl Future<Output = Work> + Send {
        match &line {
            Line::Text(text) => self.begun(number, text),
            Line::TooLong => {
                let problem = Problem::bad_request("The line is too long.");
                at_once(failed(number, None, &problem)).into()
            }
        }
    }
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
            Err(problem) => return at_once(failed(number, None, &problem)).into(),
        };
        let program = program.as_deref().or(self.default.as_deref());
        let program = program.expect("a line without it was refused");
        if let Some(known) = self.known(program) {
            return self.work(number, known, command).into();
        }
        Begun::LookUp(Box::pin(self.begun_elsewhere(number, program.to_owned(), command)))
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

    fn known(&self, program: &str) -> Option<ProgramId> {
        match &self.latest {
            Some((name, id)) if name == program => Some(*id),
            Some(_) | None => self.programs.get(program).copied(),
        }
    }

    async fn look_up(&mut self, name: String) -> Result<ProgramId, Problem> {
        let found = self.engine.find_program(&name).await?;
        let (program, _) = found.ok_or_else(|| Problem::refused(ProgramRefusal::Missing))?;
        if self.programs.len() >= NAMES_MAX {
            self.programs.clear();
        }
        self.latest = Some((name.clone(), program.id));
        self.programs.insert(name, program.id);
        Ok(program.id)
    }
}

/// Written part by part, since it is most of what a line that is done costs here otherwise: words
/// of ours need no look for what has to be escaped.
fn finished(line: u64, reference: &str, done: Idempotent<Receipt>) -> Vec<u8> {
    let replayed = matches!(done, Idempotent::AlreadyDone(_));
    let receipt = done.into_inner();
    let (outcome, decline) = outcome(receipt.outcome);
    let mut text = Vec::with_capacity(CAPACITY);
    text.extend_from_slice(b"{\"line\":");
    put(&mut text, &line);
    text.extend_from_slice(b",\"reference\":");
    put(&mut text, reference);
    text.extend_from_slice(b",\"instruction\":\"");
    write!(text, "{}", receipt.instruction).expect("a vector takes what it is given");
    for part in ["\",\"outcome\":\"", outcome] {
        text.extend_from_slice(part.as_bytes());
    }
    if let Some(decline) = decline {
        for part in ["\",\"decline\":\"", decline] {
            text.extend_from_slice(part.as_bytes());
        }
    }
    let replayed = if replayed { "true" } else { "false" };
    for part in ["\",\"replayed\":", replayed, "}\n"] {
        text.extend_from_slice(part.as_bytes());
    }
    text
}

fn failed(line: u64, reference: Option<&str>, problem: &Problem) -> Vec<u8> {
    let (code, detail, field) = problem.parts();
    written(&FailedView { line, reference, error: ErrorView { code, detail, field } })
}

/// Most answers fit without growing.
const CAPACITY: usize = 192;

fn written(view: &impl Serialize) -> Vec<u8> {
    let mut text = Vec::with_capacity(CAPACITY);
    put(&mut text, view);
    text.push(b'\n');
    text
}

fn put(text: &mut Vec<u8>, value: &(impl Serialize + ?Sized)) {
    serde_json::to_writer(text, value).expect("texts, numbers and views of them can't fail");
}

#[cfg(test)]
mod tests;
