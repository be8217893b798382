//! Get Token: what every other endpoint wants in `Access-Token`.

use crate::Door;
use crate::envelope::Reply;
use crate::error::Failure;
use axum::extract::{Request, State};
use axum::response::Response;
use domain::secret::Secret;
use http::request::Parts;
use serde::{Serialize, Serializer};
use std::sync::Arc;

#[derive(Serialize)]
struct Issued {
    #[serde(serialize_with = "exposed")]
    access_token: Secret<String>,
    /// Unix milliseconds.
    expired_time: i64,
}

/// The one place where a token leaves: in the answer to who asked for it.
fn exposed<S: Serializer>(token: &Secret<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(token.expose())
}

pub(crate) async fn issue(State(door): State<Arc<Door>>, request: Request) -> Response {
    let (parts, _no_body) = request.into_parts();
    Reply::to(&parts).answer(issued(&door, &parts).await)
}

async fn issued(door: &Door, parts: &Parts) -> Result<Issued, Failure> {
    let (presented, _) = door.identify(parts).await?;
    let (access_token, expires_at) = door.engine.issue_token(&presented).await?;
    Ok(Issued { access_token, expired_time: expires_at.unix_ms() })
}

#[cfg(test)]
mod tests;
