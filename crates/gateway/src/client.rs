//! The only HTTP client: HTTP/1.1 over TCP or TLS, one request per connection, no redirects.
//!
//! Everything is bounded: one deadline from the look-up of the name to the last byte of the
//! answer, and a number of bytes. The address that was vetted is the one connected to, so a name
//! that answers differently the second time does not get past the vetting.

use std::future::{Future, poll_fn};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, HOST, TRANSFER_ENCODING};
use http::uri::{Authority, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Uri};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::time::timeout;

use crate::body::{self, BodyFault, Limits};

pub mod tls;

/// What one request may cost.
#[derive(Debug, Clone, Copy)]
pub struct ClientLimits {
    /// From the look-up of the name to the last byte of the answer.
    pub deadline: Duration,
    /// Of the answer's body.
    pub body_bytes: usize,
    /// Of the answer's head; at least 8192.
    pub header_bytes: usize,
}

impl Default for ClientLimits {
    fn default() -> Self {
        Self { deadline: Duration::from_secs(10), body_bytes: 1024 * 1024, header_bytes: 32 * 1024 }
    }
}

/// Why there is no answer. Only [`ClientError::is_before_sending`] tells whether the other side
/// may have acted on the request.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("not an address of a host that can be called")]
    BadUrl,
    #[error("not a path that begins with a slash")]
    BadPath,
    #[error("the header {0} can't be written")]
    BadHeader(&'static str),
    #[error("the host's name has no address")]
    Unresolved(#[source] io::Error),
    #[error("the host's address is not one that may be called")]
    NotAllowed,
    #[error("no connection")]
    Unconnected(#[source] io::Error),
    #[error("no encrypted connection to who the address names")]
    Unencrypted(#[source] io::Error),
    #[error("no answer in time")]
    Timeout,
    #[error("the answer is larger than allowed")]
    TooLarge,
    #[error("the connection broke off")]
    Broken(#[source] hyper::Error),
    #[error("the answer broke off")]
    BrokenBody(#[source] BodyFault),
}

impl ClientError {
    /// Nothing was sent, so nothing can have happened on the other side.
    pub const fn is_before_sending(&self) -> bool {
        use ClientError::{
            BadHeader, BadPath, BadUrl, NotAllowed, Unconnected, Unencrypted, Unresolved,
        };
        matches!(
            self,
            BadUrl
                | BadPath
                | BadHeader(_)
                | Unresolved(_)
                | NotAllowed
                | Unconnected(_)
                | Unencrypted(_)
        )
    }
}

/// Where a request goes: one address, under the name that it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    address: SocketAddr,
    scheme: Scheme,
    authority: Authority,
    /// What the URL has before each path, without a slash at its end.
    prefix: String,
}

impl Target {
    /// The first address of the URL's host that `vet` allows. The URL is a base of paths.
    pub async fn resolve(url: &str, vet: impl Fn(IpAddr) -> bool) -> Result<Self, ClientError> {
        let url: Uri = url.parse().map_err(|_| ClientError::BadUrl)?;
        if url.query().is_some() || url.scheme() != Some(&Scheme::HTTP) {
            return Err(ClientError::BadUrl);
        }
        Self::look_up(&url, url.path().trim_end_matches('/').to_owned(), vet).await
    }

    /// As [`Self::resolve`], of a URL that is asked for as it is, with its path and query; it may
    /// be encrypted.
    pub async fn resolve_whole(
        url: &str,
        vet: impl Fn(IpAddr) -> bool,
    ) -> Result<Self, ClientError> {
        let url: Uri = url.parse().map_err(|_| ClientError::BadUrl)?;
        let whole = url.path_and_query().map_or("/", |whole| whole.as_str());
        // A query may follow the host at once.
        let slash = if whole.starts_with('/') { "" } else { "/" };
        Self::look_up(&url, format!("{slash}{whole}"), vet).await
    }

    async fn look_up(
        url: &Uri,
        prefix: String,
        vet: impl Fn(IpAddr) -> bool,
    ) -> Result<Self, ClientError> {
        let (Some(scheme), Some(authority)) = (url.scheme(), url.authority()) else {
            return Err(ClientError::BadUrl);
        };
        let port = match scheme.as_str() {
            "http" => 80,
            "https" => 443,
            _ => return Err(ClientError::BadUrl),
        };
        // A name or password in a URL would end up in the Host header.
        if authority.as_str().contains('@') {
            return Err(ClientError::BadUrl);
        }
        let host = authority.host().trim_start_matches('[').trim_end_matches(']');
        let port = authority.port_u16().unwrap_or(port);
        let found = lookup_host((host, port)).await.map_err(ClientError::Unresolved)?;
        let address = found.into_iter().find(|address| vet(address.ip().to_canonical()));
        let address = address.ok_or(ClientError::NotAllowed)?;
        let (scheme, authority) = (scheme.clone(), authority.clone());
        Ok(Self { address, scheme, authority, prefix })
    }

    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    async fn connect(&self) -> Result<TcpStream, ClientError> {
        let stream = TcpStream::connect(self.address).await;
        let stream = stream.map_err(ClientError::Unconnected)?;
        stream.set_nodelay(true).map_err(ClientError::Unconnected)?;
        Ok(stream)
    }
}

/// An HTTP client without state.
#[derive(Debug, Clone, Default)]
pub struct Client {
    limits: ClientLimits,
    /// Whom an encrypted address is believed to be; without it none is called.
    trust: Option<Arc<ClientConfig>>,
}

impl Client {
    pub const fn new(limits: ClientLimits) -> Self {
        Self { limits, trust: None }
    }

    /// As [`Self::new`], for encrypted addresses too.
    pub const fn trusting(limits: ClientLimits, trust: Arc<ClientConfig>) -> Self {
        Self { limits, trust: Some(trust) }
    }

    /// Looks `base_url` up, any address allowed, and asks it for `path` (which begins with `/` and
    /// may have a query).
    pub async fn request(
        &self,
        base_url: &str,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
        let whole = async {
            let target = Target::resolve(base_url, |_any| true).await?;
            self.exchange(&target, method, path, headers, body).await
        };
        timeout(self.limits.deadline, whole).await.unwrap_or(Err(ClientError::Timeout))
    }

    /// As [`Self::request`], to an address that has been vetted.
    pub async fn send(
        &self,
        target: &Target,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
        let whole = self.exchange(target, method, path, headers, body);
        timeout(self.limits.deadline, whole).await.unwrap_or(Err(ClientError::Timeout))
    }

    /// Posts a body to an address that was resolved whole and vetted, and answers the status alone:
    /// nothing of the answer's body is read.
    pub async fn post(
        &self,
        target: &Target,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<StatusCode, ClientError> {
        let whole = async {
            let body = Full::new(body);
            let request = build(target, Method::POST, &target.prefix, headers, body)?;
            self.talk(target, request, async |answer| Ok(answer.status())).await
        };
        timeout(self.limits.deadline, whole).await.unwrap_or(Err(ClientError::Timeout))
    }

    /// Posts a body of any length to an address that is looked up, any allowed, and answers as
    /// soon as the answer's head is there; both bodies go on from then, without a deadline. It runs
    /// on beside the caller until one of them is dropped.
    pub async fn open(
        &self,
        base_url: &str,
        path: &str,
        headers: HeaderMap,
        body: axum::body::Body,
    ) -> Result<Response<axum::body::Body>, ClientError> {
        let opened = async {
            let target = Target::resolve(base_url, |_any| true).await?;
            let path = format!("{}{path}", target.prefix);
            let request = build(&target, Method::POST, &path, headers, body)?;
            let stream = target.connect().await?;
            let handshake = http1::handshake(TokioIo::new(stream)).await;
            let (mut sender, connection) = handshake.map_err(ClientError::Broken)?;
            // Its end is seen by who reads the answer.
            tokio::spawn(connection);
            sender.send_request(request).await.map_err(ClientError::Broken)
        };
        let opened = timeout(self.limits.deadline, opened).await;
        let answer = opened.unwrap_or(Err(ClientError::Timeout))?;
        Ok(answer.map(axum::body::Body::new))
    }

    async fn exchange(
        &self,
        target: &Target,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
        if !path.starts_with('/') {
            return Err(ClientError::BadPath);
        }
        let path = format!("{}{path}", target.prefix);
        let request = build(target, method, &path, headers, Full::new(body))?;
        self.talk(target, request, async |answer| self.whole(answer).await).await
    }

    /// Connects, sends, and hands the answer on once its head is there.
    async fn talk<T>(
        &self,
        target: &Target,
        request: Request<Full<Bytes>>,
        read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let stream = target.connect().await?;
        if target.scheme == Scheme::HTTP {
            return self.over(stream, request, read).await;
        }
        let trust = self.trust.as_ref().ok_or(ClientError::BadUrl)?;
        let stream = tls::connect(trust, target.authority.host(), stream).await?;
        self.over(stream, request, read).await
    }

    async fn over<T>(
        &self,
        stream: impl AsyncRead + AsyncWrite + Unpin,
        request: Request<Full<Bytes>>,
        read: impl AsyncFnOnce(Response<Incoming>) -> Result<T, ClientError>,
    ) -> Result<T, ClientError> {
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(self.limits.header_bytes.max(8192))
            .handshake(TokioIo::new(stream))
            .await
            .map_err(ClientError::Broken)?;
        let exchange = async {
            let answer = sender.send_request(request).await.map_err(ClientError::Broken)?;
            read(answer).await
        };
        beside(connection, exchange).await
    }

    async fn whole(
        &self,
        answer: Response<Incoming>,
    ) -> Result<(StatusCode, HeaderMap, Bytes), ClientError> {
        let (parts, body) = answer.into_parts();
        let limits =
            Limits { body_bytes: self.limits.body_bytes, body_deadline: self.limits.deadline };
        match body::read(body, limits).await {
            Ok(body) => Ok((parts.status, parts.headers, body)),
            Err(BodyFault::TooLarge) => Err(ClientError::TooLarge),
            Err(BodyFault::Timeout) => Err(ClientError::Timeout),
            Err(broken @ BodyFault::Broken(_)) => Err(ClientError::BrokenBody(broken)),
        }
    }
}

fn build<B>(
    target: &Target,
    method: Method,
    path: &str,
    mut headers: HeaderMap,
    body: B,
) -> Result<Request<B>, ClientError> {
    // The framing and the host are ours to say: a caller's would contradict what is sent.
    for name in [HOST, CONTENT_LENGTH, TRANSFER_ENCODING] {
        headers.remove(name);
    }
    let host = HeaderValue::from_str(target.authority.as_str()).map_err(|_| ClientError::BadUrl)?;
    headers.insert(HOST, host);
    let uri: Uri = path.parse().map_err(|_| ClientError::BadPath)?;
    let mut request = Request::new(body);
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    Ok(request)
}

/// The exchange's outcome, with the connection driven beside it. The connection may end first,
/// when the other side closes after its answer; the answer is then still to be read.
async fn beside<T>(connection: impl Future, exchange: impl Future<Output = T>) -> T {
    let (mut connection, mut exchange) = (pin!(connection), pin!(exchange));
    let mut open = true;
    poll_fn(|cx| {
        if open && connection.as_mut().poll(cx).is_ready() {
            open = false;
        }
        exchange.as_mut().poll(cx)
    })
    .await
}

#[cfg(test)]
mod tests;
