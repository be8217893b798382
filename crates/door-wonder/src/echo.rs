//! `echo`: whether a signature is right, without an effect.

use crate::Door;
use crate::authenticate::Signed;
use crate::error::Failure;
use axum::extract::State;
use axum::response::Response;
use gateway::json::Object;
use serde::Serialize;
use std::borrow::Cow;
use std::sync::Arc;

/// The longest message, in characters.
const MESSAGE_MAX: usize = 4_096;

#[derive(Serialize)]
struct Echo<'a> {
    message: Cow<'a, str>,
}

pub(crate) async fn echo(State(door): State<Arc<Door>>, signed: Signed) -> Response {
    signed.reply.answer(echoed(&door, &signed).await)
}

async fn echoed<'a>(door: &Door, signed: &'a Signed) -> Result<Echo<'a>, Failure> {
    door.engine.admit(&signed.caller).await?;
    read(&signed.body)
}

fn read(body: &[u8]) -> Result<Echo<'_>, Failure> {
    let fields = Object::parse(body)?;
    Ok(Echo { message: fields.text("message", MESSAGE_MAX)? })
}

#[cfg(test)]
mod tests;
