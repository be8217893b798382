//! One header of a request, read so that two readers can't take different values.

use http::{HeaderMap, HeaderName};

/// How often a header was sent. An empty value is the same as none.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Given<'a> {
    Absent,
    Once(&'a [u8]),
    /// A proxy and this door might each believe another of them, so none is believed.
    Twice,
}

pub fn given<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Given<'a> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Given::Absent,
        (Some(value), None) if value.is_empty() => Given::Absent,
        (Some(value), None) => Given::Once(value.as_bytes()),
        (Some(_), Some(_)) => Given::Twice,
    }
}
