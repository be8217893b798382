//! From a request to a caller whose signature is good.
//!
//! The first fault answers: a header missing, the credential's form, its algorithm, an AppID that
//! is unknown or not active, the address, the time; then the body is read, and the signature is
//! verified over the bytes as they came. A nonce is remembered only of requests that were verified,
//! so that nobody can use up another's.

use crate::credential::Credential;
use crate::envelope::Reply;
use crate::error::{Code, DoorFaults, Failure};
use crate::nonce::Used;
use crate::signature::{Request as Signable, digests};
use crate::{DOOR, Door};
use axum::extract::{FromRequest, OriginalUri, Request};
use axum::response::Response;
use bytes::Bytes;
use domain::credential::Caller;
use domain::time::Time;
use engine::{Identified, Presented};
use gateway::address::client_address;
use gateway::edge::Arrival;
use gateway::header::{Given, given};
use http::request::Parts;
use http::{HeaderName, Uri};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

const CREDENTIAL: HeaderName = HeaderName::from_static("credential");
const NONCE: HeaderName = HeaderName::from_static("nonce");
const SIGNATURE: HeaderName = HeaderName::from_static("signature");

/// The longest nonce. Clients send 16 letters and digits; other lengths are taken as well.
const NONCE_LEN_MAX: usize = 64;
/// The longest signature: 512 bytes in Base64.
const SIGNATURE_LEN_MAX: usize = 684;

/// Stands for an address that a trusted proxy did not tell; such a call is refused even where
/// every address is allowed.
const UNTOLD: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// A caller with a good signature, the body that was signed, and how to answer.
pub(crate) struct Signed {
    pub caller: Caller,
    pub body: Bytes,
    /// As it was sent.
    pub query: Option<String>,
    pub reply: Reply,
}

/// The headers that every call has, the last two as they were sent.
struct Headers<'a> {
    credential: Credential<'a>,
    nonce: &'a [u8],
    signature: &'a [u8],
}

/// What is to be verified.
struct Proof<'a> {
    nonce: &'a str,
    signature: Vec<u8>,
}

impl<'a> Headers<'a> {
    fn read(parts: &'a Parts) -> Result<Self, Code> {
        let text = |name| match given(&parts.headers, &name) {
            Given::Once(value) => Ok(value),
            // Two readers might each believe another of them.
            Given::Absent | Given::Twice => Err(Code::HeaderMissing),
        };
        let (credential, nonce, signature) = (text(CREDENTIAL)?, text(NONCE)?, text(SIGNATURE)?);
        let credential = std::str::from_utf8(credential).map_err(|_| Code::BadCredential)?;
        Ok(Self { credential: Credential::parse(credential)?, nonce, signature })
    }

    /// What has not even the form of a signature is a bad one, and is told in its place: after all
    /// that is known of the caller.
    fn proof(&self) -> Result<Proof<'a>, Code> {
        let visible =
            self.nonce.iter().all(u8::is_ascii_graphic) && self.nonce.len() <= NONCE_LEN_MAX;
        let nonce = std::str::from_utf8(self.nonce).ok().filter(|_| visible);
        let signature = decode(self.signature);
        let (nonce, signature) = nonce.zip(signature).ok_or(Code::BadSignature)?;
        Ok(Proof { nonce, signature })
    }
}

/// Base64. A blank is a plus that was decoded as if it stood in a form.
fn decode(signature: &[u8]) -> Option<Vec<u8>> {
    if signature.len() > SIGNATURE_LEN_MAX {
        return None;
    }
    let plus = |c: &u8| if *c == b' ' { b'+' } else { *c };
    let text: Vec<u8> = signature.iter().map(plus).collect();
    data_encoding::BASE64.decode(&text).ok()
}

impl FromRequest<Arc<Door>> for Signed {
    type Rejection = Response;

    async fn from_request(request: Request, door: &Arc<Door>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let reply = Reply::to(&parts, &door.options);
        let early = door.identify(&parts).await;
        let (headers, presented, identified) = early.map_err(|failure| reply.refuse(failure))?;
        let proof = headers.proof().map_err(|code| reply.refuse(code.into()))?;
        let (headers_of, limits) = (&parts.headers, door.options.body);
        let body = gateway::body::read_or_answer(headers_of, body, limits, &DoorFaults).await?;
        let target = target(&parts);
        let signed = Signable {
            nonce: proof.nonce,
            time: headers.credential.time,
            method: parts.method.as_str(),
            target,
            body: &body,
        };
        let caller =
            door.verify((&headers.credential, &proof), &presented, &identified, &signed).await;
        let caller = caller.map_err(|failure| reply.refuse(failure))?;
        let query = target.split_once('?').map(|(_, query)| query.to_owned());
        Ok(Self { caller, body, query, reply })
    }
}

/// Path and query as they were sent, before the door's prefix was taken off.
fn target(parts: &Parts) -> &str {
    let uri: &Uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |uri| &uri.0);
    uri.path_and_query().map_or("/", |target| target.as_str())
}

impl Door {
    /// Everything before the body.
    async fn identify<'a>(
        &self,
        parts: &'a Parts,
    ) -> Result<(Headers<'a>, Presented<'a>, Identified), Failure> {
        let headers = Headers::read(parts)?;
        let arrival = parts.extensions.get::<Arrival>();
        let peer = arrival.ok_or(Code::SystemError)?.peer;
        let address = client_address(peer, &parts.headers, &self.options.trusted_proxies);
        let presented = Presented {
            door: DOOR,
            api_key: headers.credential.app_id,
            address: address.unwrap_or(UNTOLD),
        };
        let identified = self.engine.identify(&presented).await?;
        if address.is_none() {
            return Err(Code::AddressNotAllowed.into());
        }
        self.check_time(&headers.credential)?;
        Ok((headers, presented, identified))
    }

    fn check_time(&self, credential: &Credential<'_>) -> Result<(), Code> {
        // The credential's time has whole seconds, so our fraction of one counts for nothing.
        let now_us = self.options.clock.now().unix_us();
        let now = Time::from_unix_us(now_us - now_us.rem_euclid(1_000_000));
        let apart = now.since(credential.at).max(credential.at.since(now));
        if apart <= self.options.request_time_window { Ok(()) } else { Err(Code::TimeExpired) }
    }

    async fn verify(
        &self,
        (credential, proof): (&Credential<'_>, &Proof<'_>),
        presented: &Presented<'_>,
        identified: &Identified,
        signed: &Signable<'_>,
    ) -> Result<Caller, Failure> {
        let texts = digests(signed);
        let messages: Vec<&[u8]> = texts.iter().map(String::as_bytes).collect();
        let signature = &proof.signature;
        let checked = self.engine.check_signature(presented, identified, &messages, signature);
        let caller = checked.await?;
        let Credential { app_id, time, at } = *credential;
        let now = self.options.clock.now();
        // As long as the time is good, and its last second is over.
        let until = at.plus(self.options.request_time_window + Duration::from_secs(1));
        let used = self.nonces.check((app_id, time, proof.nonce), signature, now, until);
        used.map_err(|Used| Code::NonceUsed)?;
        Ok(caller)
    }
}

#[cfg(test)]
mod tests;
