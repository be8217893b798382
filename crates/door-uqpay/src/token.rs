//! `connect/token`: from client id and API key to a token for half an hour.
//!
//! The token is shaped as a JWT, whose claims are for clients to read. What the door believes is
//! the third part alone, which is a token of the engine: programme, credential, its version and the
//! end, under a MAC.

use crate::authenticate::{Address, header_text};
use crate::envelope::Reply;
use crate::error::{Code, Failure};
use crate::limit::Client;
use crate::{DOOR, Door};
use axum::extract::State;
use axum::response::Response;
use data_encoding::BASE64URL_NOPAD;
use domain::credential::Denied;
use domain::time::Time;
use engine::{Error, Identified, Presented};
use http::HeaderName;
use http::request::Parts;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const CLIENT_ID: HeaderName = HeaderName::from_static("x-client-id");
const API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// Characters of a token that is looked at.
const TEXT_LEN_MAX: usize = 2_048;

#[derive(Serialize)]
pub(crate) struct Issued {
    auth_token: String,
    /// Unix seconds.
    expired_at: i64,
}

#[derive(Serialize)]
struct Head {
    alg: &'static str,
    typ: &'static str,
}

/// What clients read.
#[derive(Serialize)]
struct Claims<'a> {
    entity_id: String,
    short_entity_id: String,
    parent_entity_id: &'static str,
    client_id: &'a str,
    api_version: &'static str,
    bus_type: &'static str,
    iss: &'static str,
    iat: i64,
    exp: i64,
}

/// Whose token it is: the one claim that is read here, and only to find the credential.
#[derive(Deserialize)]
struct Whose {
    client_id: String,
}

pub(crate) async fn issue(State(door): State<Arc<Door>>, parts: Parts) -> Response {
    Reply::to(&parts).answer(issued(&door, &parts).await)
}

/// A client that has shown its key.
struct Proven<'a> {
    client_id: &'a str,
    presented: Presented<'a>,
    identified: Identified,
}

async fn proven<'a>(door: &Door, parts: &'a Parts) -> Result<Proven<'a>, Failure> {
    let client_id = header_text(parts, &CLIENT_ID).ok_or(Code::InvalidClient)?;
    let api_key = header_text(parts, &API_KEY).ok_or(Code::InvalidKey)?;
    let address = Address::of(door, parts)?;
    let presented = Presented { door: DOOR, api_key: client_id, address: address.shown() };
    let identified = door.engine.identify(&presented).await.map_err(unknown_client)?;
    address.check()?;
    door.engine.check_secret(&identified, api_key).await?;
    Ok(Proven { client_id, presented, identified })
}

/// As [`proven`], within the limit of such calls.
async fn counted<'a>(door: &Door, parts: &'a Parts) -> Result<Proven<'a>, Failure> {
    let result = proven(door, parts).await;
    let client = match &result {
        Ok(Proven { identified, .. }) => Client::Known(identified.program, identified.credential),
        Err(failure) if failure.code().status().is_client_error() => Client::Unproven,
        // Nobody has called too often where we could not look.
        Err(_ours) => return result,
    };
    door.limits.token_call(client)?;
    result
}

async fn issued(door: &Door, parts: &Parts) -> Result<Issued, Failure> {
    let Proven { client_id, presented, identified } = counted(door, parts).await?;
    let life = door.options.token_life;
    let (token, expires_at) = door.engine.issue_token_for(&presented, life).await?;
    let master = door.master(identified.program).await?;
    let claims = Claims {
        entity_id: master.id.to_string(),
        short_entity_id: master.number,
        parent_entity_id: "0",
        client_id,
        api_version: "V1.6",
        bus_type: "ISSUING",
        iss: DOOR,
        iat: seconds(door.options.clock.now()),
        exp: seconds(expires_at),
    };
    let head = part(&Head { alg: "HS256", typ: "JWT" });
    let auth_token = format!("{head}.{}.{}", part(&claims), token.expose());
    Ok(Issued { auth_token, expired_at: seconds(expires_at) })
}

/// A client that nobody knows is told so; an address that is not allowed is forbidden.
fn unknown_client(error: Error) -> Failure {
    match error {
        Error::Denied(Denied::CredentialMissing) => Code::InvalidClient.into(),
        Error::Denied(Denied::AddressNotAllowed) => Code::Forbidden.into(),
        Error::Denied(Denied::CredentialDisabled | Denied::CredentialExpired) => {
            Code::InvalidKey.into()
        }
        other => other.into(),
    }
}

const fn seconds(at: Time) -> i64 {
    at.unix_us().div_euclid(1_000_000)
}

fn part<T: Serialize>(value: &T) -> String {
    let json = serde_json::to_vec(value).expect("claims are texts and numbers");
    BASE64URL_NOPAD.encode(&json)
}

/// A token in its parts: whose it says that it is, and what proves it.
pub(crate) struct Parsed<'a> {
    pub client_id: String,
    pub proof: &'a str,
}

/// Three parts with dots between, the second of which is JSON.
pub(crate) fn parse(text: &str) -> Option<Parsed<'_>> {
    let mut parts = text.split('.');
    let (_head, claims, proof) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || text.len() > TEXT_LEN_MAX {
        return None;
    }
    let claims = BASE64URL_NOPAD.decode(claims.as_bytes()).ok()?;
    let whose: Whose = serde_json::from_slice(&claims).ok()?;
    Some(Parsed { client_id: whose.client_id, proof })
}

#[cfg(test)]
mod tests;
