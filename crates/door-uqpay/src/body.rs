//! A request's whole body, as an extractor that answers in the door's shape.

use crate::Door;
use crate::error::DoorFaults;
use axum::extract::{FromRequest, Request};
use axum::response::Response;
use bytes::Bytes;
use gateway::fault::Fault;
use std::sync::Arc;

/// Stands last among a handler's arguments, so that no body is read of a caller without
/// credentials.
pub(crate) struct Whole(pub Bytes);

impl FromRequest<Arc<Door>> for Whole {
    type Rejection = Response;

    async fn from_request(request: Request, door: &Arc<Door>) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        gateway::body::read(body, door.options.body)
            .await
            .map(Self)
            .map_err(|fault| Fault::from(&fault).answer(&DoorFaults, Some(&parts.headers)))
    }
}
