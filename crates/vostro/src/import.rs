//! `vostro import transfers FILE`: the lines of a file over the operator's bulk call, as fast as
//! they are answered.
//!
//! The file is read by a thread of its own, a few blocks ahead of what is sent; what is sent is a
//! bounded number of lines ahead of what is answered. Every line has its own reference, so whatever
//! stops it, the same command again does what is left.

mod read;
mod tally;

use crate::cli::{Failure, Place};
use crate::command::{CommandError, Transport, escape};
use crate::reach;
use axum::body::Body;
use bytes::BytesMut;
use clap::{Args, Subcommand};
use futures_util::stream::poll_fn;
use http_body_util::BodyExt;
use indicatif::{ProgressBar, ProgressStyle};
use read::{Blocks, Form, Reading};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;
use tally::Tally;

#[derive(Subcommand, Debug)]
pub enum Import {
    /// Do the transfers of a file, each once; the same file again does what is left.
    Transfers(Transfers),
}

#[derive(Args, Debug)]
pub struct Transfers {
    /// CSV with a header line, or JSON objects, one in each line: reference, debit and credit (ids
    /// of accounts), amount, asset; and program, remark, on_insufficient, which may be absent.
    file: PathBuf,
    /// The programme of lines that name none, by name or id.
    #[arg(long, value_name = "NAME|ID")]
    program: Option<String>,
    /// What the file is, where its name does not end with .csv, .ndjson or .jsonl.
    #[arg(long)]
    form: Option<Form>,
}

/// Longer than a server without its store takes to say so.
const PATIENCE: Duration = Duration::from_secs(90);

/// The answers ended before the lines.
#[derive(Debug, thiserror::Error)]
#[error("the server broke off after {answered} answers; the same command again does what is left")]
pub struct BrokenOff {
    answered: u64,
    #[source]
    source: Option<axum::Error>,
}

#[derive(Debug, thiserror::Error)]
#[error("no answer for {0:?}; the same command again does what is left")]
pub struct Silent(Duration);

/// The request as a whole was not taken.
#[derive(Debug, thiserror::Error)]
#[error("the server answered {status}: {text}")]
pub struct NotTaken {
    status: http::StatusCode,
    text: String,
}

/// Some lines were refused. They were printed.
#[derive(Debug, thiserror::Error)]
#[error("{0} lines were refused")]
pub struct SomeRefused(u64);

pub fn run(place: &Place, import: Import, json: bool) -> Result<ExitCode, Failure> {
    let Import::Transfers(args) = import;
    let reading = Reading::open(&args.file, args.form)?;
    reach::with(place, async |transport| {
        transfers(transport, reading, args.program.as_deref(), json).await
    })
}

async fn transfers(
    transport: &Transport,
    reading: Reading,
    program: Option<&str>,
    json: bool,
) -> Result<(), Failure> {
    let bar = bar(reading.bytes(), json);
    let Blocks { mut receiver, thread } = reading.start(bar.clone());
    let body = Body::from_stream(poll_fn(move |context| receiver.poll_recv(context)));
    let mut path = "/v1/bulk/transfers".to_owned();
    if let Some(program) = program {
        path.push_str("?program=");
        escape(program, &mut path);
    }
    let answer = transport.open(&path, body).await?;
    let (parts, body) = answer.into_parts();
    if !parts.status.is_success() {
        let text = http_body_util::Limited::new(body, 64 * 1024).collect().await;
        let text = text.map(|text| text.to_bytes()).unwrap_or_default();
        let text = String::from_utf8_lossy(&text).into_owned();
        return Err(NotTaken { status: parts.status, text }.into());
    }
    let mut tally = Tally::new(json);
    let answered = answers(body, &mut tally, &bar).await;
    bar.finish_and_clear();
    tally.print()?;
    answered?;
    // All that was read is answered.
    thread.join().map_err(|_| "the file's reader panicked")??;
    match tally.refused {
        0 => Ok(()),
        refused => Err(SomeRefused(refused).into()),
    }
}

/// Counts answers to the last.
async fn answers(mut body: Body, tally: &mut Tally, bar: &ProgressBar) -> Result<(), Failure> {
    let mut buffer = BytesMut::new();
    loop {
        let frame = tokio::time::timeout(PATIENCE, body.frame()).await;
        let frame = match frame.map_err(|_| Silent(PATIENCE))? {
            None if buffer.is_empty() => return Ok(()),
            None => return Err(BrokenOff { answered: tally.lines, source: None }.into()),
            Some(Err(error)) => {
                let source = Some(error);
                return Err(BrokenOff { answered: tally.lines, source }.into());
            }
            Some(Ok(frame)) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        buffer.extend_from_slice(&data);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line = buffer.split_to(end + 1);
            tally.add(&line[..end]).map_err(|_| CommandError::NotUnderstood)?;
        }
        bar.set_message(tally.short());
    }
}

/// Of bytes read, on standard error, and only if that is a terminal.
fn bar(bytes: u64, json: bool) -> ProgressBar {
    if json {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(bytes);
    match ProgressStyle::with_template("{wide_bar} {bytes}/{total_bytes} {msg} {eta}") {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

#[cfg(test)]
mod tests;
