//! A stream as hyper sees it: whoever reads its answers too slowly is cut off.
//!
//! hyper waits for ever for a client that does not take what it asked for, and keeps the answer
//! in memory. Here such a client has to take some of it in a certain time.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::{Buf, Bytes};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Sleep;

use super::exit::Exit;
use super::wire::Wire;
use crate::limits;

/// See the module's head.
pub(super) struct Paced {
    wire: Wire,
    /// What is to be read before the wire is.
    ahead: Bytes,
    exit: Arc<Exit>,
    /// When the client must have taken [`limits::WRITTEN_BYTES_MIN`], or all there is.
    due: Option<Pin<Box<Sleep>>>,
    taken_bytes: usize,
    patience: Duration,
}

impl Paced {
    pub(super) fn new(wire: Wire, ahead: Bytes, exit: &Arc<Exit>, patience: Duration) -> Paced {
        Paced { wire, ahead, exit: Arc::clone(exit), due: None, taken_bytes: 0, patience }
    }

    /// The stream, and what came before it and was not read.
    pub(super) fn into_parts(self) -> (Wire, Bytes) {
        (self.wire, self.ahead)
    }

    fn poll_written(
        &mut self,
        cx: &mut Context<'_>,
        written: Poll<io::Result<usize>>,
    ) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                self.taken_bytes += bytes;
                if self.taken_bytes >= limits::WRITTEN_BYTES_MIN {
                    self.taken_bytes = 0;
                    self.due = None;
                }
            }
            Poll::Ready(Err(_)) => {}
            Poll::Pending => {
                self.exit.block(true);
                let patience = self.patience;
                let due = self.due.get_or_insert_with(|| Box::pin(tokio::time::sleep(patience)));
                ready!(due.as_mut().poll(cx));
                return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
            }
        }
        written
    }
}

impl AsyncRead for Paced {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.ahead.is_empty() {
            return Pin::new(&mut self.wire).poll_read(cx, into);
        }
        let count = self.ahead.len().min(into.remaining());
        into.put_slice(&self.ahead[..count]);
        self.ahead.advance(count);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Paced {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.wire).poll_write(cx, bytes);
        self.poll_written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.wire).poll_write_vectored(cx, slices);
        self.poll_written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    /// hyper flushes once it has written all it has.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.exit.written();
        (self.due, self.taken_bytes) = (None, 0);
        Pin::new(&mut self.wire).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.wire).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::sync::Arc;
    use std::time::Duration;

    use bytes::Bytes;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::{TcpListener, TcpStream};

    use super::super::tests::PATIENCE;
    use super::{Exit, Paced, Wire};

    /// More than a system's buffers hold.
    const LARGE_BYTES: usize = 32 * 1024 * 1024;

    async fn pair(patience: Duration) -> (Paced, TcpStream) {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = TcpListener::bind(any).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let client = TcpStream::connect(address).await.expect("it listens");
        let (stream, _) = listener.accept().await.expect("a client");
        let wire = Wire::Plain(stream);
        (Paced::new(wire, Bytes::new(), &Arc::new(Exit::default()), patience), client)
    }

    #[tokio::test]
    async fn who_takes_nothing_of_an_answer_is_cut_off() {
        let (mut paced, _client) = pair(Duration::from_millis(20)).await;
        let large = vec![7; LARGE_BYTES];
        let written = tokio::time::timeout(PATIENCE, paced.write_all(&large)).await;
        let error = written.expect("an end in time").expect_err("nobody reads");
        assert_eq!(error.kind(), std::io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn who_takes_some_of_it_in_time_is_given_all() {
        // Long enough for a part, and not for all of it at the pace that is read at here.
        let (mut paced, mut client) = pair(Duration::from_millis(500)).await;
        let reading = tokio::spawn(async move {
            let (mut part, mut count) = (vec![0; 512 * 1024], 0);
            while count < LARGE_BYTES {
                count += client.read(&mut part).await.expect("it is not cut off");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        paced.write_all(&vec![7; LARGE_BYTES]).await.expect("somebody reads");
        paced.flush().await.expect("somebody reads");
        tokio::time::timeout(PATIENCE, reading)
            .await
            .expect("all of it in time")
            .expect("no panic");
    }
}
