//! The header discipline: from `Api-Key`, `Timestamp` and `Access-Token` to a caller.
//!
//! In the vendor's order, the first fault answers: key missing (1002), unknown (1008), not enabled
//! (1010) or expired (1011); merchant missing (1021) or suspended (1022); address (1003);
//! timestamp (1005); token missing (1006) or bad (1007); mode (1012). Then the body's turn comes.
//!
//! A header that is sent twice is as good as none, see [`Given`].

use crate::envelope::Reply;
use crate::error::{Code, Failure};
use crate::{DOOR, Door};
use axum::extract::FromRequestParts;
use axum::response::Response;
use domain::credential::Caller;
use domain::program::Mode;
use domain::time::Time;
use engine::{Identified, Presented};
use gateway::address::client_address;
use gateway::edge::Arrival;
use gateway::header::{Given, given};
use http::HeaderName;
use http::request::Parts;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

const API_KEY: HeaderName = HeaderName::from_static("api-key");
const TIMESTAMP: HeaderName = HeaderName::from_static("timestamp");
const ACCESS_TOKEN: HeaderName = HeaderName::from_static("access-token");

/// Stands for an address that a trusted proxy did not tell; such a call is refused even where
/// every address is allowed.
const UNTOLD: IpAddr = IpAddr::V4(Ipv4Addr::UNSPECIFIED);

/// A merchant in credit mode with a good token, and how to answer it.
pub(crate) struct CreditMerchant {
    pub caller: Caller,
    pub reply: Reply,
}

impl FromRequestParts<Arc<Door>> for CreditMerchant {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, door: &Arc<Door>) -> Result<Self, Response> {
        let reply = Reply::to(parts);
        match door.authenticate(parts, Some(Mode::Credit)).await {
            Ok(caller) => Ok(Self { caller, reply }),
            Err(failure) => Err(reply.refuse(failure)),
        }
    }
}

impl Door {
    /// Everything but the token, which is what Get Token asks for.
    pub(crate) async fn identify<'a>(
        &self,
        parts: &'a Parts,
    ) -> Result<(Presented<'a>, Identified), Failure> {
        let Given::Once(api_key) = given(&parts.headers, &API_KEY) else {
            return Err(Code::ApiKeyMissing.into());
        };
        let api_key = std::str::from_utf8(api_key).map_err(|_| Code::ApiKeyUnknown)?;
        let arrival = parts.extensions.get::<Arrival>();
        let peer = arrival.ok_or(Code::SystemError)?.peer;
        let address = client_address(peer, &parts.headers, &self.options.trusted_proxies);
        let presented = Presented { door: DOOR, api_key, address: address.unwrap_or(UNTOLD) };
        let identified = self.engine.identify(&presented).await?;
        if address.is_none() {
            return Err(Code::AddressNotAllowed.into());
        }
        self.check_timestamp(parts)?;
        Ok((presented, identified))
    }

    /// The caller of an endpoint, which belongs to `mode` if to any.
    pub(crate) async fn authenticate(
        &self,
        parts: &Parts,
        mode: Option<Mode>,
    ) -> Result<Caller, Failure> {
        let (presented, identified) = self.identify(parts).await?;
        let Given::Once(token) = given(&parts.headers, &ACCESS_TOKEN) else {
            return Err(Code::TokenMissing.into());
        };
        let token = std::str::from_utf8(token).map_err(|_| Code::BadToken)?;
        let engine = &self.engine;
        let caller = engine.check_token(&presented, &identified, token, mode);
        Ok(caller.await?)
    }

    fn check_timestamp(&self, parts: &Parts) -> Result<(), Failure> {
        let Given::Once(text) = given(&parts.headers, &TIMESTAMP) else {
            return Err(Code::BadTimestamp.into());
        };
        let sent_at = read_timestamp(text).ok_or(Code::BadTimestamp)?;
        let options = &self.options;
        // In microseconds, so that a millisecond more than the window is too much at any fraction
        // of the clock's millisecond.
        let now_us = options.clock.now().unix_us();
        let age_us = now_us.saturating_sub(sent_at.unix_us());
        let oldest_us = microseconds(options.timestamp_window_ms);
        let newest_us = -microseconds(options.timestamp_future_tolerance_ms);
        if (newest_us..=oldest_us).contains(&age_us) {
            Ok(())
        } else {
            Err(Code::BadTimestamp.into())
        }
    }
}

/// Exactly 13 digits of milliseconds: until the year 2286, and never the seconds or microseconds
/// that a client may mistake them for.
fn read_timestamp(text: &[u8]) -> Option<Time> {
    if text.len() != 13 {
        return None;
    }
    let digits = text
        .iter()
        .try_fold(0i64, |sum, c| c.is_ascii_digit().then(|| sum * 10 + i64::from(c - b'0')));
    Time::from_unix_ms(digits?)
}

/// A setting beyond the range of the clock is as good as no bound.
fn microseconds(ms: u64) -> i64 {
    let us = i64::try_from(ms).ok().and_then(|ms| ms.checked_mul(1_000));
    us.unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
