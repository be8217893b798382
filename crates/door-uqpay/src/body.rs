//! A request's whole body, as an extractor that answers in the door's shape.

use crate::Door;
use crate::error::DoorFaults;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use bytes::Bytes;
use std::sync::Arc;

/// Stands last among a handler's arguments, so that no body is read of a caller without
/// credentials.
pub(crate) struct Whole(pub Bytes);

impl FromRequest<Arc<Door>> for Whole {
    type Rejection = Response;

    async fn from_request(request: Request, door: &Arc<Door>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let limits = door.options.body;
        gateway::body::read_or_answer(&parts.headers, body, limits, &DoorFaults).await.map(Self)
    }
}
