//! A request's body that notes whether it was read to its end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Body, Frame, SizeHint};

/// Whether all of a body was read. Nothing is noted of a request without one.
#[derive(Clone)]
pub(super) struct Note(Option<Arc<AtomicBool>>);

impl Note {
    pub(super) fn is_read(&self) -> bool {
        self.0.as_ref().is_none_or(|read| read.load(Ordering::Relaxed))
    }
}

pub(super) struct Noted<B> {
    body: B,
    note: Note,
}

impl<B: Body> Noted<B> {
    pub(super) fn new(body: B) -> (Self, Note) {
        let note = Note((!body.is_end_stream()).then(Arc::default));
        (Self { body, note: note.clone() }, note)
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for Noted<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(cx));
        if (frame.is_none() || self.body.is_end_stream())
            && let Note(Some(read)) = &self.note
        {
            read.store(true, Ordering::Relaxed);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
