//! Which route an exchange is of, and whether all codes are shown.

use super::transcript::{Exchange, Transcript};
use super::{Vendor, read, topics};
use std::fmt::Debug;

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

/// Every code of a door is shown by a transcript, or is listed with the reason why none can; and
/// what is listed is shown by none.
pub fn assert_codes<C: Copy + PartialEq + Debug>(
    all: &[C],
    unreachable: &[(C, &str)],
    is_shown: impl Fn(C) -> bool,
) {
    let (shown, missing): (Vec<C>, Vec<C>) = all.iter().partition(|code| is_shown(**code));
    for (code, reason) in unreachable {
        assert!(
            !shown.contains(code),
            "{code:?} has a transcript, so it is not true that {reason}"
        );
    }
    let listed = |code: &C| unreachable.iter().any(|(listed, _)| listed == code);
    let missing: Vec<C> = missing.into_iter().filter(|code| !listed(code)).collect();
    assert_eq!(missing, []);
}
