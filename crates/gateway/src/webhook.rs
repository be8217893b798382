//! Posts to receivers of webhooks, who are strangers: any merchant may name any address.
//!
//! The address that a name has is vetted and then connected to, so a name that answers differently
//! the second time gains nothing. Only public addresses are called, unless the installation says
//! otherwise: what stands beside the server (a database, a metadata service, the operator's own
//! listener) must not be reached through it. Nothing is followed, and nothing of the answer is kept
//! but its status.

use crate::client::{Client, ClientError, ClientLimits, Target};
use bytes::Bytes;
use domain::delivery::AttemptFault;
use engine::BoxFuture;
use engine::deliver::{Message, Sender};
use http::{HeaderMap, HeaderName, HeaderValue};
use rustls::ClientConfig;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;
use std::time::Duration;

/// Which receivers are called. A setting of the installation, never of a programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Receivers {
    Public,
    /// Private, loopback and link-local addresses too.
    Any,
}

impl Receivers {
    pub fn admit(self, address: IpAddr) -> bool {
        self == Self::Any || is_public(address)
    }
}

/// Whether an address is one of the public internet.
pub fn is_public(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

/// RFC 6890 and its successors.
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [first, second, third, _] = address.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let protocols = first == 192 && second == 0 && third == 0;
    let benchmarks = first == 198 && (18..20).contains(&second);
    let relays = first == 192 && second == 88 && third == 99;
    // "This network", multicast, and what is reserved or a broadcast.
    let odd = first == 0 || first >= 224;
    !(odd
        || shared
        || protocols
        || benchmarks
        || relays
        || address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_documentation())
}

/// Only 2000::/3 is given out, and not even all of that: some of it leads to any IPv4 address.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [first, second, ..] = address.segments();
    let given_out = first & 0xe000 == 0x2000;
    // Teredo and other protocols, documentation, 6to4.
    let protocols = first == 0x2001 && second < 0x0200;
    let documentation =
        (first == 0x2001 && second == 0x0db8) || (first == 0x3fff && second < 0x1000);
    given_out && !(protocols || documentation || first == 0x2002)
}

/// The gateway's client, as the engine sends with it.
#[derive(Debug)]
pub struct WebhookSender {
    client: Client,
    receivers: Receivers,
}

impl WebhookSender {
    /// `deadline` is from the look-up of the name to the head of the answer.
    pub const fn new(trust: Arc<ClientConfig>, receivers: Receivers, deadline: Duration) -> Self {
        let limits = ClientLimits { deadline, body_bytes: 0, header_bytes: 16 * 1024 };
        Self { client: Client::trusting(limits, trust), receivers }
    }

    async fn send(&self, url: &str, message: Message) -> Result<u16, ClientError> {
        let headers = headers(message.headers)?;
        let vetted = Target::resolve_whole(url, |address| self.receivers.admit(address));
        let target = vetted.await?;
        let status = self.client.post(&target, headers, Bytes::from(message.body)).await?;
        Ok(status.as_u16())
    }
}

fn headers(named: Vec<(&'static str, String)>) -> Result<HeaderMap, ClientError> {
    let mut headers = HeaderMap::with_capacity(named.len());
    for (name, value) in named {
        let value = HeaderValue::from_str(&value).map_err(|_| ClientError::BadHeader(name))?;
        headers.insert(HeaderName::from_static(name), value);
    }
    Ok(headers)
}

fn fault(error: &ClientError) -> AttemptFault {
    match error {
        ClientError::BadUrl | ClientError::BadPath => AttemptFault::BadUrl,
        ClientError::BadHeader(_) => AttemptFault::NotRendered,
        ClientError::Unresolved(_) => AttemptFault::Unresolved,
        ClientError::NotAllowed => AttemptFault::NotAllowed,
        ClientError::Unconnected(_) => AttemptFault::Unconnected,
        ClientError::Unencrypted(_) => AttemptFault::Tls,
        ClientError::Timeout => AttemptFault::Timeout,
        ClientError::TooLarge => AttemptFault::TooLarge,
        ClientError::Broken(broken) if broken.is_parse_too_large() => AttemptFault::TooLarge,
        ClientError::Broken(_) | ClientError::BrokenBody(_) => AttemptFault::Broken,
    }
}

impl Sender for WebhookSender {
    fn post<'a>(
        &'a self,
        url: &'a str,
        message: Message,
    ) -> BoxFuture<'a, Result<u16, AttemptFault>> {
        Box::pin(async move {
            self.send(url, message).await.map_err(|error| {
                // The address is the operator's; the reason tells no secret.
                tracing::debug!(url, %error, "no answer from a receiver");
                fault(&error)
            })
        })
    }
}

#[cfg(test)]
mod tests;
