//! The vendor's requests for information: there are none, in lists of the right shape.

use crate::authenticate::Acting;
use crate::error::Code;
use crate::page::{List, Query};
use axum::extract::RawQuery;
use axum::response::Response;

pub(crate) async fn list(acting: Acting, RawQuery(query): RawQuery) -> Response {
    let page = Query::parse(query.as_deref()).and_then(|query| query.page());
    acting.reply.answer(page.map(|page| List::<()>::new(page, 0, Vec::new())))
}

pub(crate) async fn find(acting: Acting) -> Response {
    acting.reply.refuse(Code::RfiMissing.into())
}

pub(crate) async fn answer(acting: Acting) -> Response {
    acting.reply.refuse(Code::RfiMissing.into())
}
