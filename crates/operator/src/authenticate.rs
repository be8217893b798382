//! The bearer token: asked of everything but the health paths, unknown paths included, so that a
//! route which somebody forgets to protect can't exist.

use crate::App;
use crate::error::Problem;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{AUTHORIZATION, CACHE_CONTROL};
use http::{HeaderMap, HeaderValue};

/// Served without a token.
const OPEN: [&str; 2] = ["/healthz", "/readyz"];

/// Answers 401, or lets the request through. No answer may be kept by a cache: some have secrets.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let open = OPEN.contains(&request.uri().path());
    let mut answer = if open || is_operator(request.headers(), app.options.token.expose()) {
        next.run(request).await
    } else {
        Problem::unauthorized().into_response()
    };
    let no_store = HeaderValue::from_static("no-store");
    answer.headers_mut().insert(CACHE_CONTROL, no_store);
    answer
}

fn is_operator(headers: &HeaderMap, token: &str) -> bool {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return false;
    };
    let Some((scheme, shown)) = value.to_str().ok().and_then(|text| text.split_once(' ')) else {
        return false;
    };
    let bearer = scheme.eq_ignore_ascii_case("bearer");
    bearer && !token.is_empty() && vault::compare::equal(shown.as_bytes(), token.as_bytes())
}
