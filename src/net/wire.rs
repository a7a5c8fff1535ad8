//! The stream under everything: plain TCP now, TLS when it comes. Nothing else knows which.

use std::io::{self, IoSlice};
use std::os::fd::{AsFd as _, BorrowedFd};
use std::pin::Pin;
use std::task::{Context, Poll};

use socket2::SockRef;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

#[cfg(target_os = "linux")]
use super::defer::defer;
use crate::limits;

/// A client's stream.
pub(super) enum Wire {
    /// Unencrypted.
    Plain(TcpStream),
}

/// The half that is read. Dropping it says nothing to the client.
pub(super) enum WireReader {
    Plain(OwnedReadHalf),
}

/// The half that is written. **Invariant:** dropping it ends the stream for the client (FIN).
pub(super) enum WireWriter {
    Plain(OwnedWriteHalf),
}

/// Sets options that every stream which is accepted from now on inherits. Messages are small, and
/// somebody waits for each of them; and the kernel takes little more than it can send, so that what
/// a stuck client does not take waits in its outbox. Streams that come at once wait for their turn:
/// the 128 that the standard library asks for are full at the first reconnect of a few hundred.
/// They are accepted with their request: one that is accepted before is looked at in vain, and
/// waits with a timer.
pub(super) fn prepare(listener: &TcpListener) {
    #[cfg(target_os = "linux")]
    if let Err(error) = defer(listener.as_fd()) {
        tracing::debug!(%error, "streams are accepted before anything has come on them");
    }
    if let Err(error) = SockRef::from(listener).listen(limits::ACCEPTS_MAX) {
        tracing::warn!(%error, "of clients that come at once some may wait");
    }
    if let Err(error) = SockRef::from(listener).set_tcp_nodelay(true) {
        tracing::warn!(%error, "small messages may wait for others");
    }
    #[cfg(target_os = "linux")]
    if let Err(error) = SockRef::from(listener).set_tcp_notsent_lowat(limits::NOT_SENT_BYTES_MAX) {
        tracing::warn!(%error, "the kernel keeps what slow clients do not take");
    }
}

impl Wire {
    pub(super) fn split(self) -> (WireReader, WireWriter) {
        let Wire::Plain(stream) = self;
        let (reader, writer) = stream.into_split();
        (WireReader::Plain(reader), WireWriter::Plain(writer))
    }
}

impl WireWriter {
    /// Writes what the kernel takes now.
    ///
    /// # Errors
    /// `WouldBlock` when it takes nothing; anything else is final.
    pub(super) fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        let WireWriter::Plain(writer) = self;
        match slices {
            [one] => writer.try_write(one),
            many => writer.try_write_vectored(many),
        }
    }

    /// The socket itself, of a stream whose bytes go over the wire as they are.
    pub(super) fn socket(&self) -> BorrowedFd<'_> {
        let WireWriter::Plain(writer) = self;
        writer.as_ref().as_fd()
    }

    /// Ready once the kernel may take more.
    pub(super) fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let WireWriter::Plain(writer) = self;
        writer.as_ref().poll_write_ready(cx)
    }
}

impl AsyncRead for WireReader {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let WireReader::Plain(reader) = self.get_mut();
        Pin::new(reader).poll_read(cx, into)
    }
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let Wire::Plain(stream) = self.get_mut();
        Pin::new(stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let Wire::Plain(stream) = self.get_mut();
        Pin::new(stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let Wire::Plain(stream) = self.get_mut();
        Pin::new(stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Wire::Plain(stream) = self.get_mut();
        Pin::new(stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let Wire::Plain(stream) = self.get_mut();
        Pin::new(stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;
    use std::time::Duration;

    use socket2::SockRef;
    use tokio::io::AsyncWriteExt;
    use tokio::net::{TcpListener, TcpStream};

    use super::super::listener;
    use crate::limits;

    /// More than the standard library lets wait.
    const CLIENTS: usize = 300;
    /// A client that finds no place tries again after one, three and seven seconds.
    const PATIENCE: Duration = Duration::from_secs(5);

    async fn bound() -> (TcpListener, SocketAddr) {
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let listener = listener::bind(any).await.expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        (listener, address)
    }

    #[tokio::test]
    async fn clients_that_come_at_once_wait_for_their_turn_and_have_what_was_set_for_all() {
        let (listener, address) = bound().await;
        let mut clients = Vec::new();
        for _ in 0..CLIENTS {
            let connect = tokio::time::timeout(PATIENCE, TcpStream::connect(address));
            clients.push(connect.await.expect("a place").expect("it listens"));
        }
        clients[0].write_all(b"GET").await.expect("it is open");
        let (stream, _) = listener.accept().await.expect("a client");
        assert!(stream.nodelay().expect("the option is known"));
        #[cfg(target_os = "linux")]
        assert_eq!(
            SockRef::from(&stream).tcp_notsent_lowat().expect("the option is known"),
            limits::NOT_SENT_BYTES_MAX
        );
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_stream_is_accepted_with_what_its_client_says() {
        let (listener, address) = bound().await;
        let mut client = TcpStream::connect(address).await.expect("it listens");
        let silent = SockRef::from(&listener).accept().map(drop).map_err(|error| error.kind());
        assert_eq!(silent, Err(std::io::ErrorKind::WouldBlock), "nobody has said anything");
        client.write_all(b"GET").await.expect("it is open");
        let (stream, _) = listener.accept().await.expect("a client");
        assert_eq!(stream.try_read(&mut [0; 8]).expect("it has come"), 3);
    }
}
