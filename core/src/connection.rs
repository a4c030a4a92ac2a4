//! One kind of HTTP connection, to the service and to a shop's gateway, which leaves nothing of an answer in its buffers.
//!
//! TLS and HTTP read into buffers that live as long as the connection. What an answer held, a card's code perhaps, would
//! stay there until the next one happens to lie over it (docs/adr/0013).

use std::future::poll_fn;
use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::TryFutureExt;
use futures_util::future::MapOk;
use http::Uri;
use http::uri::Scheme;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::rt::{Read, Write};
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tower_service::Service;

pub(crate) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The end of a connection that takes requests. Dropping it closes the connection.
pub(crate) type Sender = SendRequest<Full<Bytes>>;

/// The end that has to be driven.
pub(crate) type Driver = http1::Connection<Box<dyn Stream>, Full<Bytes>>;

/// What the head of an answer may have, as in Node's own client. The buffer for reading has this size and keeps it: in one
/// that grows with long answers, short ones would lie for long before they are overwritten.
const READ_BUFFER: usize = 16 * 1024;

/// A new connection. Not a byte of a request has left when it fails.
pub(crate) async fn open<C>(mut connector: C, to: Uri) -> Result<(Sender, Driver), BoxError>
where
    C: Service<Uri, Error = BoxError>,
    C::Response: Stream + 'static,
{
    poll_fn(|context| connector.poll_ready(context)).await?;
    let is_encrypted = to.scheme() == Some(&Scheme::HTTPS);
    let stream = connector.call(to).await?;
    // One type of stream, because hyper's code for a connection is made anew for each type of one.
    let stream: Box<dyn Stream> = match is_encrypted {
        true => Box::new(TokioIo::new(Wiped::new(TokioIo::new(stream)))),
        // HTTP reads from TCP, which is wiped already.
        false => Box::new(stream),
    };
    let mut http = http1::Builder::new();
    http.read_buf_exact_size(Some(READ_BUFFER));
    Ok(http.handshake(stream).await?)
}

pub(crate) trait Stream: Read + Write + Unpin + Send {}

impl<T: Read + Write + Unpin + Send> Stream for T {}

/// TCP, below TLS where there is TLS, which decrypts in the buffer that it reads into.
#[derive(Clone)]
pub(crate) struct Tcp(HttpConnector);

impl Tcp {
    pub(crate) fn new(mut connector: HttpConnector) -> Self {
        // TLS is not its affair.
        connector.enforce_http(false);
        Self(connector)
    }
}

impl Service<Uri> for Tcp {
    type Response = TokioIo<Wiped<TcpStream>>;
    type Error = <HttpConnector as Service<Uri>>::Error;
    type Future = MapOk<<HttpConnector as Service<Uri>>::Future, fn(TokioIo<TcpStream>) -> Self::Response>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        self.0.call(to).map_ok(|stream| TokioIo::new(Wiped::new(stream.into_inner())))
    }
}

/// Whoever reads asks again when it has used what it got, and lends the same room. Where nothing has come yet, that room
/// is overwritten.
pub(crate) struct Wiped<S> {
    stream: S,
    has_read: bool,
}

impl<S> Wiped<S> {
    fn new(stream: S) -> Self {
        Self { stream, has_read: false }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Wiped<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if self.has_read && read.is_pending() {
            // What was never initialised is so with zeros.
            let lent = buffer.initialized().len() - buffer.filled().len();
            buffer.initialize_unfilled()[..lent].fill(0);
        }
        self.has_read = read.is_ready();
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Wiped<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, parts)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl<S: Connection> Connection for Wiped<S> {
    fn connected(&self) -> Connected {
        self.stream.connected()
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};

    use super::*;

    #[tokio::test]
    async fn a_buffer_that_is_lent_again_is_empty() {
        let (near, mut far) = duplex(100);
        let mut stream = Wiped::new(near);
        far.write_all(b"a code").await.expect("sent");
        let mut room = [0; 8];
        assert_eq!(stream.read(&mut room).await.expect("read"), 6);
        assert_eq!(&room, b"a code\0\0");
        let mut context = Context::from_waker(std::task::Waker::noop());
        let mut lent = ReadBuf::new(&mut room);
        assert!(Pin::new(&mut stream).poll_read(&mut context, &mut lent).is_pending());
        assert_eq!(room, [0; 8]);
    }
}
