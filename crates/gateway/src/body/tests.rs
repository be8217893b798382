use super::*;
use http_body_util::{Empty, Full};
use hyper::body::Frame;
use std::pin::Pin;
use std::task::{Context, Poll};

fn limits(body_bytes: usize) -> Limits {
    Limits { body_bytes, body_deadline: Duration::from_millis(20) }
}

/// Pieces in order, then the end, or nothing more for ever.
struct Pieces {
    left: Vec<Result<Bytes, std::io::Error>>,
    stalls: bool,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
        if self.left.is_empty() {
            return if self.stalls { Poll::Pending } else { Poll::Ready(None) };
        }
        Poll::Ready(Some(self.left.remove(0).map(Frame::data)))
    }
}

fn pieces(texts: &[&'static str]) -> Pieces {
    Pieces {
        left: texts.iter().map(|text| Ok(Bytes::from_static(text.as_bytes()))).collect(),
        stalls: false,
    }
}

#[tokio::test]
async fn whole_bodies() {
    assert_eq!(read(Empty::<Bytes>::new(), limits(0)).await.unwrap(), "");
    let one = Bytes::from_static(b"12345");
    let read_one = read(Full::new(one.clone()), limits(5)).await.unwrap();
    assert_eq!(read_one.as_ptr(), one.as_ptr(), "not copied");
    assert_eq!(read(pieces(&["12345"]), limits(5)).await.unwrap(), "12345");
    assert_eq!(read(pieces(&["", "12", "", "3", "45"]), limits(5)).await.unwrap(), "12345");
    assert_eq!(read(pieces(&[]), limits(5)).await.unwrap(), "");
}

#[tokio::test]
async fn too_large_whether_announced_or_not() {
    for body in [pieces(&["123456"]), pieces(&["123", "456"]), pieces(&["1", "23", "456"])] {
        assert!(matches!(read(body, limits(5)).await, Err(BodyFault::TooLarge)));
    }
    let announced = Full::new(Bytes::from_static(b"123456"));
    assert!(matches!(read(announced, limits(5)).await, Err(BodyFault::TooLarge)));
}

#[tokio::test]
async fn broken_and_late_are_told_apart() {
    let mut broken = pieces(&["123"]);
    broken.left.push(Err(std::io::Error::other("reset")));
    let fault = read(broken, limits(5)).await.unwrap_err();
    assert!(matches!(fault, BodyFault::Broken(_)));
    assert_eq!(fault.to_string(), "the body broke off");

    let mut late = pieces(&["123"]);
    late.stalls = true;
    assert!(matches!(read(late, limits(5)).await, Err(BodyFault::Timeout)));
}
