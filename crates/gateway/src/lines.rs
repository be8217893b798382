//! Lines in, answers out in their order, while both sides still talk: what is under way is bounded,
//! so a body of any length takes the same memory.
//!
//! A line is begun as soon as there is room, whatever became of the lines before it; its answer
//! waits for theirs. A client that does not take its answers is not read from any more, so it has
//! to read while it sends. If it breaks off, what was begun is still done, and nobody is told: a
//! line needs a reference by which it is asked again. Where the server stops, what was begun is
//! answered, and then the connection breaks off, also one that waits for lines.

use crate::server::{Stopping, Streaming};
use axum::body::Body;
use axum::response::Response;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use http::header::{CONNECTION, CONTENT_TYPE};
use http::{HeaderValue, Response as Builder};
use hyper::body::Body as _;
use std::collections::VecDeque;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll};

/// The media type of both sides: one JSON value per line.
pub const MEDIA: &str = "application/x-ndjson";

/// Answers are handed on at the latest when they are so many bytes.
const CHUNK: usize = 64 * 1024;
/// Lines that are begun in one go, so that other connections have their turn.
const TURN: usize = 128;

/// What one stream may cost.
#[derive(Debug, Clone, Copy)]
pub struct LineLimits {
    /// Of one line, without its end.
    pub line_bytes: usize,
    /// Lines that are begun and not answered.
    pub under_way: usize,
}

impl Default for LineLimits {
    fn default() -> Self {
        Self { line_bytes: 4 * 1024, under_way: 1024 }
    }
}

/// One line as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    Text(Bytes),
    /// It was not kept.
    TooLong,
}

/// The answer to one line, with the end of its own line.
pub type Work = Pin<Box<dyn Future<Output = Vec<u8>> + Send>>;

/// Who answers lines.
pub trait Answer: Send + 'static {
    /// Makes work of a line; the next line is not looked at before. The number counts every line
    /// from 1, empty ones too, which are not answered.
    fn begin(&mut self, number: u64, line: Line) -> impl Future<Output = Work> + Send;
}

/// The answer to a request whose body is lines.
pub fn answer(
    body: Body,
    limits: LineLimits,
    stopping: Option<Stopping>,
    answer: impl Answer,
) -> Response {
    let stream = Stream {
        body: Some(body),
        lines: Lines::new(limits.line_bytes),
        answer,
        under_way: VecDeque::new(),
        most: limits.under_way,
        out: BytesMut::new(),
        stop: stopping.map(|stopping| Box::pin(stopping.asked()) as Stop),
        broken_off: false,
    };
    let chunks = futures_util::stream::unfold(stream, async |mut stream| {
        let chunk = stream.next().await;
        // Lines are left without an answer: it must not look like a good end.
        let stopped = || std::mem::take(&mut stream.broken_off).then_some(Err(Stopped));
        Some((chunk.map(Ok).or_else(stopped)?, stream))
    });
    let mut response = Builder::new(Body::from_stream(chunks.fuse()));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response.extensions_mut().insert(Streaming);
    response
}

/// The server stops.
#[derive(Debug, thiserror::Error)]
#[error("the server stops, and has not looked at all lines")]
struct Stopped;

enum UnderWay {
    Work(Work),
    Done(Vec<u8>),
}

impl UnderWay {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Vec<u8>> {
        match self {
            Self::Work(work) => work.as_mut().poll(context),
            Self::Done(bytes) => Poll::Ready(std::mem::take(bytes)),
        }
    }
}

/// Ends once the server is asked to stop.
type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

struct Stream<A> {
    /// Until its end, or until it broke off.
    body: Option<Body>,
    lines: Lines,
    answer: A,
    under_way: VecDeque<UnderWay>,
    most: usize,
    out: BytesMut,
    /// Until it has told.
    stop: Option<Stop>,
    /// There were lines that are not looked at any more.
    broken_off: bool,
}

/// What was waited for.
enum Came {
    Answers,
    Data(Bytes),
    End,
    /// There are lines that can be begun.
    Lines,
    /// The server is asked to stop.
    Stop,
}

impl<A: Answer> Stream<A> {
    /// The next answers, or `None` after the last.
    async fn next(&mut self) -> Option<Bytes> {
        loop {
            let more = self.begin().await;
            if self.body.is_none() && self.under_way.is_empty() && !more {
                return None;
            }
            match poll_fn(|context| self.poll(context, more)).await {
                Came::Answers => return Some(self.out.split().freeze()),
                Came::Data(data) => self.lines.push(&data),
                Came::End => {
                    self.body = None;
                    self.lines.end();
                }
                Came::Lines => tokio::task::yield_now().await,
                Came::Stop => {
                    (self.stop, self.body, self.broken_off) = (None, None, true);
                    self.lines = Lines::new(0);
                }
            }
        }
    }

    /// Begins lines while there is room, and says whether there are more to begin at once.
    async fn begin(&mut self) -> bool {
        for _ in 0..TURN {
            if self.under_way.len() >= self.most {
                return false;
            }
            let Some((number, line)) = self.lines.next() else {
                return false;
            };
            let mut work = self.answer.begin(number, line).await;
            // Lines are queued in their order: each gets as far as its queue before the next.
            let polled = poll_fn(|context| Poll::Ready(work.as_mut().poll(context))).await;
            self.under_way.push_back(match polled {
                Poll::Ready(bytes) => UnderWay::Done(bytes),
                Poll::Pending => UnderWay::Work(work),
            });
        }
        true
    }

    fn poll(&mut self, context: &mut Context<'_>, more: bool) -> Poll<Came> {
        if self.body.is_some()
            && let Some(stop) = &mut self.stop
            && stop.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Came::Stop);
        }
        while let Some(first) = self.under_way.front_mut()
            && self.out.len() < CHUNK
            && let Poll::Ready(bytes) = first.poll(context)
        {
            self.out.extend_from_slice(&bytes);
            self.under_way.pop_front();
        }
        if !self.out.is_empty() {
            return Poll::Ready(Came::Answers);
        }
        if more {
            return Poll::Ready(Came::Lines);
        }
        let Some(body) = self.body.as_mut().filter(|_| self.under_way.len() < self.most) else {
            return Poll::Pending;
        };
        loop {
            match std::task::ready!(Pin::new(&mut *body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Came::Data(data));
                    }
                }
                // Who breaks off reads no answer either; what came whole is still done.
                Some(Err(_)) => {
                    self.lines.break_off();
                    return Poll::Ready(Came::End);
                }
                None => return Poll::Ready(Came::End),
            }
        }
    }
}

/// Bytes on their way to be lines.
struct Lines {
    buffer: BytesMut,
    /// How much of the buffer is known to have no end of a line.
    searched: usize,
    most: usize,
    number: u64,
    /// The rest of a line that was too long is not kept.
    skipping: bool,
    ended: bool,
}

impl Lines {
    fn new(most: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            searched: 0,
            most,
            number: 0,
            skipping: false,
            ended: false,
        }
    }

    fn push(&mut self, data: &[u8]) {
        self.buffer.extend_from_slice(data);
    }

    /// What is left is the last line.
    fn end(&mut self) {
        self.ended = true;
    }

    /// What is left is part of a line that nobody knows.
    fn break_off(&mut self) {
        let whole = self.buffer.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.buffer.truncate(whole);
        self.searched = 0;
    }

    /// The next line that is not empty, with its number.
    fn next(&mut self) -> Option<(u64, Line)> {
        loop {
            let line = self.next_of_any_length()?;
            self.number += 1;
            let text = match line {
                Line::TooLong => return Some((self.number, Line::TooLong)),
                Line::Text(text) => text,
            };
            let blank = text.iter().all(u8::is_ascii_whitespace);
            if !blank {
                return Some((self.number, Line::Text(text)));
            }
        }
    }

    fn next_of_any_length(&mut self) -> Option<Line> {
        let found = memchr::memchr(b'\n', &self.buffer[self.searched..]);
        let Some(found) = found else {
            return self.without_end();
        };
        let length = self.searched + found;
        self.searched = 0;
        let mut line = self.buffer.split_to(length + 1);
        line.truncate(length);
        let too_long = std::mem::take(&mut self.skipping) || length > self.most;
        Some(if too_long { Line::TooLong } else { Line::Text(line.freeze()) })
    }

    /// Of a buffer that has no end of a line.
    fn without_end(&mut self) -> Option<Line> {
        self.searched = self.buffer.len();
        if self.buffer.len() > self.most {
            self.skipping = true;
            self.buffer.clear();
            self.searched = 0;
        }
        if !self.ended || (self.buffer.is_empty() && !self.skipping) {
            return None;
        }
        self.searched = 0;
        let line = self.buffer.split().freeze();
        let too_long = std::mem::take(&mut self.skipping);
        Some(if too_long { Line::TooLong } else { Line::Text(line) })
    }
}

#[cfg(test)]
mod tests;
