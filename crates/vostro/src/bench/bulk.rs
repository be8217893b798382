//! Bulk transfers over HTTP: one request whose lines are made while its answers are read.

use super::draw::Draw;
use super::figures::Tally;
use super::inside::program_name;
use super::serve::Operator;
use crate::clock;
use axum::body::Body;
use bytes::Bytes;
use futures_util::stream;
use gateway::client::{Client, ClientError, ClientLimits};
use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderValue};
use http_body_util::BodyExt;
use std::convert::Infallible;
use std::fmt::Write;

/// Lines that are made and sent together.
const CHUNK: u64 = 256;
const SEED: u64 = 0x6275_6c6b;
/// What the answer to a line that was refused has, and no other.
const REFUSED: &[u8] = b"\"error\":";

#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    #[error("the bulk request was not taken")]
    Client(#[from] ClientError),
    #[error("the bulk request was answered with {0}")]
    Status(http::StatusCode),
    #[error("the answers broke off")]
    BrokenOff(#[from] axum::Error),
    #[error("the operator's token can't be sent")]
    Token,
}

/// So many lines. `stage` is part of their references.
pub async fn run(
    operator: &Operator,
    stage: u32,
    lines: u64,
    draw: &Draw,
) -> Result<Tally, BulkError> {
    let mut headers = HeaderMap::new();
    let bearer = HeaderValue::try_from(format!("Bearer {}", operator.token.expose()));
    headers.insert(AUTHORIZATION, bearer.map_err(|_| BulkError::Token)?);
    let client = Client::new(ClientLimits::default());
    let path = format!("/v1/bulk/transfers?program={}", program_name(0));
    let body = body(operator, stage, lines, draw.clone());
    let answer = client.open(&operator.url, &path, headers, body).await?;
    if !answer.status().is_success() {
        return Err(BulkError::Status(answer.status()));
    }
    let (mut tally, mut body) = (Tally::of(lines, clock::monotonic()), answer.into_body());
    let mut line = Vec::new();
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame?.into_data() else { continue };
        let mut rest = &data[..];
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            line.extend_from_slice(&rest[..end]);
            rest = &rest[end + 1..];
            if line.windows(REFUSED.len()).any(|part| part == REFUSED) {
                tally.failed(String::from_utf8_lossy(&line).into_owned());
            } else {
                tally.succeeded_untimed(1);
            }
            line.clear();
        }
        line.extend_from_slice(rest);
    }
    Ok(tally)
}

fn body(operator: &Operator, stage: u32, lines: u64, draw: Draw) -> Body {
    let (reserve, wallets) = (operator.reserve.clone(), operator.wallets.clone());
    let mut rng = fastrand::Rng::with_seed(SEED);
    let chunk = move |chunk: u64| {
        let mut text = String::with_capacity(50_000);
        for line in chunk * CHUNK..lines.min((chunk + 1) * CHUNK) {
            let wallet = &wallets[draw.next(&mut rng) as usize % wallets.len()];
            let written = writeln!(
                text,
                "{{\"reference\":\"bulk-{stage}-{line}\",\"debit\":\"{reserve}\",\
                 \"credit\":\"{wallet}\",\"amount\":\"0.01\",\"asset\":\"TUSDT\"}}"
            );
            written.expect("a text takes any text");
        }
        Ok::<_, Infallible>(Bytes::from(text))
    };
    Body::from_stream(stream::iter((0..lines.div_ceil(CHUNK)).map(chunk)))
}
