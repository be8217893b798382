//! How a call gets to the operator's API: over HTTP to a server that runs, or straight into the
//! same router where none does.
//!
//! A call with a key is sent up to three times where its outcome was not known or the server was
//! busy: the key makes a repeat answer what the first one did. Others are sent once.

use super::call::{Call, Repeat};
use super::error::{CommandError, Problem};
use axum::body::Body;
use bytes::Bytes;
use domain::secret::Secret;
use gateway::body::Limits;
use gateway::client::{Client, ClientError, ClientLimits};
use gateway::edge::Edge;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Request, StatusCode};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;
use vault::random::Random;

const SENDS_MAX: u32 = 3;
/// Before the second send; twice as long before the third.
const PAUSE: Duration = Duration::from_millis(300);
/// Longer than the server takes to say that it does not know.
const DEADLINE: Duration = Duration::from_secs(30);
/// A page of 500 rows has less than a tenth of it.
const ANSWER_BYTES: usize = 16 << 20;

/// The way to the operator's API.
pub enum Transport {
    Server { url: String, token: Secret<String> },
    Local { edge: Arc<Edge>, token: Secret<String> },
}

/// An answer, whole.
#[derive(Debug)]
pub(super) struct Answer {
    pub text: String,
    /// It is the first answer again; nothing was done now.
    pub replayed: bool,
}

/// What came back, or why nothing did.
type Sent = Result<(StatusCode, HeaderMap, Bytes), ClientError>;

impl Transport {
    /// The answer to a call, sent again where that is safe.
    pub(super) async fn ask(
        &self,
        call: Call,
        random: &dyn Random,
    ) -> Result<Answer, CommandError> {
        self.ask_patiently(call, random, PAUSE).await
    }

    async fn ask_patiently(
        &self,
        call: Call,
        random: &dyn Random,
        pause: Duration,
    ) -> Result<Answer, CommandError> {
        let key = match &call.repeat {
            Repeat::Never => None,
            Repeat::Drawn => Some(draw(random)?),
            Repeat::Named(key) => Some(key.clone()),
        };
        let headers = self.headers(key.as_deref())?;
        let mut sent = 0;
        loop {
            sent += 1;
            let last = sent == SENDS_MAX || key.is_none();
            match read(self.send(&call, headers.clone()).await)? {
                Read::Answer(answer) => return Ok(answer),
                Read::Again(problem) if last => return Err(CommandError::Refused(problem)),
                Read::Unknown(source) if last => return Err(unknown(&call, key, source)),
                Read::Again(_) | Read::Unknown(_) => tokio::time::sleep(pause * sent).await,
            }
        }
    }

    /// Sends a body of any length, and hands the answer on while both are under way.
    pub(crate) async fn open(
        &self,
        path: &str,
        body: Body,
    ) -> Result<http::Response<Body>, CommandError> {
        let headers = self.headers(None)?;
        match self {
            Self::Server { url, .. } => {
                let client = Client::new(ClientLimits { deadline: DEADLINE, ..<_>::default() });
                let opened = client.open(url, path, headers, body).await;
                opened.map_err(CommandError::Unreached)
            }
            Self::Local { edge, .. } => {
                let mut request = Request::new(body);
                *request.method_mut() = http::Method::POST;
                let uri = path.parse();
                *request.uri_mut() =
                    uri.map_err(|_| CommandError::Unreached(ClientError::BadPath))?;
                *request.headers_mut() = headers;
                let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                Ok(edge.answer(peer, request).await)
            }
        }
    }

    fn headers(&self, key: Option<&str>) -> Result<HeaderMap, CommandError> {
        let (Self::Server { token, .. } | Self::Local { token, .. }) = self;
        let bearer = format!("Bearer {}", token.expose());
        let bearer = HeaderValue::try_from(bearer);
        let mut bearer = bearer.map_err(|_| CommandError::NotAHeader("operator's token"))?;
        bearer.set_sensitive(true);
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, bearer);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(key) = key {
            let key = HeaderValue::from_str(key);
            let key = key.map_err(|_| CommandError::NotAHeader("reference"))?;
            headers.insert("idempotency-key", key);
        }
        Ok(headers)
    }

    async fn send(&self, call: &Call, headers: HeaderMap) -> Sent {
        let (method, body) = (call.method.clone(), Bytes::from(call.body()));
        match self {
            Self::Server { url, .. } => {
                let limits = ClientLimits {
                    deadline: DEADLINE,
                    body_bytes: ANSWER_BYTES,
                    ..ClientLimits::default()
                };
                Client::new(limits).request(url, method, &call.path, headers, body).await
            }
            Self::Local { edge, .. } => {
                let mut request = Request::new(Body::from(body));
                *request.method_mut() = method;
                *request.uri_mut() = call.path.parse().map_err(|_| ClientError::BadPath)?;
                *request.headers_mut() = headers;
                let peer = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
                let (parts, body) = edge.answer(peer, request).await.into_parts();
                let limits = Limits { body_bytes: ANSWER_BYTES, body_deadline: DEADLINE };
                let body = gateway::body::read(body, limits).await;
                Ok((parts.status, parts.headers, body.map_err(ClientError::BrokenBody)?))
            }
        }
    }
}

/// What became of one send.
enum Read {
    Answer(Answer),
    /// Nothing was done, and the server asks to come again.
    Again(Problem),
    Unknown(Option<ClientError>),
}

fn read(sent: Sent) -> Result<Read, CommandError> {
    let (status, headers, body) = match sent {
        Ok(answer) => answer,
        Err(error) if error.is_before_sending() => return Err(CommandError::Unreached(error)),
        Err(error) => return Ok(Read::Unknown(Some(error))),
    };
    let text = String::from_utf8(body.to_vec()).map_err(|_| CommandError::NotUnderstood)?;
    if status.is_success() {
        let replayed = headers.contains_key("idempotent-replayed");
        return Ok(Read::Answer(Answer { text, replayed }));
    }
    let problem: Problem = serde_json::from_str(&text).map_err(|_| CommandError::NotUnderstood)?;
    match problem.code.as_str() {
        "outcome_unknown" => Ok(Read::Unknown(None)),
        "busy" => Ok(Read::Again(problem)),
        _ => Err(CommandError::Refused(problem)),
    }
}

fn unknown(call: &Call, key: Option<String>, source: Option<ClientError>) -> CommandError {
    match key {
        Some(key) => CommandError::UnknownOnce { key, source },
        None if call.method == http::Method::GET => match source {
            Some(source) => CommandError::Unread(source),
            None => CommandError::NotUnderstood,
        },
        None => CommandError::Unknown(source),
    }
}

/// A key that no other call has: 128 random bits.
fn draw(random: &dyn Random) -> Result<String, CommandError> {
    let mut bytes = [0u8; 16];
    random.fill(&mut bytes).map_err(CommandError::Random)?;
    Ok(format!("cli-{}", data_encoding::HEXLOWER.encode(&bytes)))
}

#[cfg(test)]
mod tests;
