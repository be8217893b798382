//! A connection's socket: says when bytes come, and closes without taking the answer away.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

use super::phase::{Phase, Phases};

/// How much of a request that nobody wants is still read after the answer.
const LINGER_BYTES: usize = 16 * 1024 * 1024;

pub(super) struct Line {
    stream: TcpStream,
    phases: Arc<Phases>,
    write_closed: bool,
    linger_bytes: usize,
}

impl Line {
    pub(super) fn new(stream: TcpStream, phases: Arc<Phases>) -> Self {
        Self { stream, phases, write_closed: false, linger_bytes: LINGER_BYTES }
    }

    /// Reads what the client still sends, until it closes. A socket that is closed with unread
    /// bytes resets the connection, and the client then loses an answer such as 413 that it has
    /// not read yet, because it was still sending. The time is bounded by the phase.
    fn poll_linger(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while self.linger_bytes > 0 && !self.phases.is_stopping() {
            let mut scratch = [MaybeUninit::uninit(); 8192];
            let mut scratch = ReadBuf::uninit(&mut scratch);
            let read = ready!(Pin::new(&mut self.stream).poll_read(cx, &mut scratch));
            let bytes = scratch.filled().len();
            if read.is_err() || bytes == 0 {
                break;
            }
            self.linger_bytes = self.linger_bytes.saturating_sub(bytes);
        }
        Poll::Ready(())
    }
}

impl AsyncRead for Line {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let polled = Pin::new(&mut this.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            match this.phases.now() {
                Phase::Idle => this.phases.enter(Phase::Head),
                Phase::Streaming => this.phases.moved(),
                Phase::Head | Phase::Handling | Phase::Closing => {}
            }
        }
        polled
    }
}

impl AsyncWrite for Line {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write(cx, bytes))?;
        this.phases.moved();
        Poll::Ready(Ok(written))
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let written = ready!(Pin::new(&mut this.stream).poll_write_vectored(cx, parts))?;
        this.phases.moved();
        Poll::Ready(Ok(written))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if !this.write_closed {
            ready!(Pin::new(&mut this.stream).poll_shutdown(cx))?;
            this.write_closed = true;
            this.phases.enter(Phase::Closing);
        }
        this.poll_linger(cx).map(Ok)
    }
}
