//! Signature keys of a credential: added, listed, retired. Answers have the public half only; the
//! private half of a key that we sign with comes in once and never goes out.

use crate::App;
use crate::answer;
use crate::error::Problem;
use crate::paging::Page;
use crate::query::Query;
use crate::request::{Body, Item, OfCredential};
use crate::time;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use domain::id::SignatureKeyId;
use domain::signature_key::{PEM_LEN_MAX, SignatureKey, SignatureKeyRefusal};
use engine::signature_key::AddSignatureKey;
use serde::Serialize;
use vault::signature::{fingerprint, public_pem};

pub(crate) fn routes() -> Router<App> {
    let all = "/v1/programs/{program}/credentials/{credential}/signature-keys";
    let end = "/v1/programs/{program}/credentials/{credential}/signature-keys/{item}/retire";
    Router::new().route(all, get(list).post(add)).route(end, post(retire))
}

#[derive(Serialize)]
struct SignatureKeyView {
    id: String,
    r#use: &'static str,
    status: &'static str,
    /// SHA-256 of the `SubjectPublicKeyInfo`, in hexadecimal.
    fingerprint: String,
    public_key_pem: String,
    created_at: String,
    retired_at: Option<String>,
}

fn view(key: &SignatureKey) -> SignatureKeyView {
    SignatureKeyView {
        id: key.id.to_string(),
        r#use: key.usage.word(),
        status: key.status.word(),
        fingerprint: fingerprint(&key.public),
        public_key_pem: public_pem(&key.public),
        created_at: time::text(key.created_at),
        retired_at: key.retired_at.map(time::text),
    }
}

/// `use` and `pem`: the public half to verify with, the private half to sign with. A key that is
/// there already is answered as it is.
async fn add(
    State(app): State<App>,
    credential: OfCredential,
    body: Body,
) -> Result<Response, Problem> {
    let fields = body.fields()?;
    let usage = fields.word("use")?;
    let command = AddSignatureKey {
        credential: credential.id,
        usage: usage.ok_or_else(|| Problem::bad_field("use", "is required"))?,
        pem: fields.secret_lines("pem", PEM_LEN_MAX)?,
    };
    fields.finish()?;
    let key = app.engine.add_signature_key(credential.program, command).await?;
    Ok(answer::created(&view(&key)))
}

/// All of them, retired ones too, on one page in the order in which they were added.
async fn list(
    State(app): State<App>,
    credential: OfCredential,
    query: Query,
) -> Result<Response, Problem> {
    query.finish()?;
    let mut rows = app.engine.signature_keys(credential.program, credential.id).await?;
    // An id follows from the key, so ids have no order of their own.
    rows.sort_by_key(|key| (key.created_at, key.id));
    let data = rows.iter().map(view).collect();
    Ok(answer::ok(&Page { data, next: None }))
}

/// Takes no field. A key that is retired already is answered as it is.
async fn retire(
    State(app): State<App>,
    credential: OfCredential,
    item: Item,
    body: Body,
) -> Result<Response, Problem> {
    body.fields()?.finish()?;
    let missing = || Problem::refused(SignatureKeyRefusal::Missing);
    let id = item.id::<SignatureKeyId>().ok_or_else(missing)?;
    let key = app.engine.retire_signature_key(credential.program, credential.id, id).await?;
    Ok(answer::ok(&view(&key)))
}

#[cfg(test)]
mod tests;
