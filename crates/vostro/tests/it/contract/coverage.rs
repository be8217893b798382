//! Which route an exchange is of.

use super::transcript::{Exchange, Transcript};
use super::{Vendor, read, topics};

/// All exchanges of a vendor.
pub fn exchanges<V: Vendor>() -> Vec<Exchange> {
    let transcripts = topics::<V>().into_iter().map(|topic| read::<V>(&topic));
    transcripts.flat_map(|Transcript { exchanges }| exchanges).collect()
}

/// Whether a request has this method and a path of this shape: `{…}` is any one segment.
pub fn is_of(exchange: &Exchange, method: &str, shape: &str) -> bool {
    let request = &exchange.request;
    let path = request.path.split('?').next().unwrap_or_default();
    let (path, shape) = (path.split('/').collect::<Vec<_>>(), shape.split('/').collect::<Vec<_>>());
    let fits = |(part, like): (&&str, &&str)| {
        if like.starts_with('{') { !part.is_empty() } else { part == like }
    };
    request.method == method && path.len() == shape.len() && path.iter().zip(&shape).all(fits)
}
