//! Connections to the one origin of a client: kept, shared, bounded (docs/adr/0002).
//!
//! hyper tells of every failed request whether it comes back whole. Only one of which not a byte has left does, and only
//! such a one goes to another connection; so nothing is ever sent twice here, and nothing is given up that could not
//! have arrived.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::{Frame, Incoming};
use tokio::runtime::{Handle, Id};
use tokio::task::JoinHandle;

use super::connect::Way;
use crate::connection::{BoxError, Sender};
use crate::runtime::{Alarm, Moment, Patience, TimeUp, real_pause};

/// How long a connection may lie idle: a little less than the minute that many servers grant.
const IDLE: Duration = Duration::from_secs(50);

/// How long a connection may need to become free after its answer was read. It is free at once, unless the service
/// answered without reading the request.
const SETTLE: Duration = Duration::from_millis(100);

/// The connections of a client. Whoever asks holds one of a bounded number of permits, so there are never more
/// connections than permits: one is opened only where none is idle, or in the place of an idle one.
pub(super) struct Pool {
    way: Way,
    limits: Limits,
    shelf: Arc<Shelf>,
}

#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub(super) connect: Duration,
    pub(super) silence: Duration,
    pub(super) idle: Duration,
}

impl Limits {
    pub(super) fn new(connect: Duration, silence: Duration) -> Self {
        Self { connect, silence, idle: IDLE }
    }
}

/// An answer whose body is still on its way. The connection is closed unless it is given back.
pub(super) struct Answer {
    pub(super) response: Response<Incoming>,
    sender: Sender,
    alarm: Alarm,
}

/// Why there is no answer.
pub(super) enum Failure {
    /// Not a byte of the request has left.
    NoConnection(BoxError),
    /// The time was over before a byte could leave.
    NoTimeToConnect,
    /// The request may have arrived.
    Broken(hyper::Error),
    /// The request may have arrived; the time was over before the answer.
    Silence,
}

#[derive(Default)]
struct Shelf {
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// The one that lies longest in front.
    connections: VecDeque<Parked>,
    sweeper: Option<JoinHandle<()>>,
}

struct Parked {
    sender: Sender,
    alarm: Alarm,
    since: Moment,
    /// The runtime that drives it. From another one it would seem dead while its own does nothing, as after a
    /// `block_on`.
    home: Id,
}

impl Pool {
    pub(super) fn new(way: Way, limits: Limits) -> Self {
        Self { way, limits, shelf: Arc::default() }
    }

    pub(super) fn way(&self) -> &Way {
        &self.way
    }

    /// Sends a request once and waits for the head of its answer.
    pub(super) async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        patience: Patience,
    ) -> Result<Answer, Failure> {
        loop {
            let ((mut sender, mut alarm), is_kept) = match self.take(patience).await {
                Some(kept) => (kept, true),
                // A way to the service is large and rarely made: no request carries it around.
                None => ((Box::pin(self.open(patience)).await?, Alarm::new()), false),
            };
            match alarm.wait(patience, self.limits.silence, sender.try_send_request(request)).await {
                Ok(Ok(response)) => return Ok(Answer { response, sender, alarm }),
                Ok(Err(mut failed)) => match failed.take_message() {
                    // The service had closed the connection; nothing was written to it.
                    Some(unsent) if is_kept => request = unsent,
                    Some(_) => return Err(Failure::NoConnection(failed.into_error().into())),
                    None => return Err(Failure::Broken(failed.into_error())),
                },
                Err(TimeUp) => return Err(Failure::Silence),
            }
        }
    }

    /// The next piece of an answer's body.
    pub(super) async fn piece(
        &self,
        answer: &mut Answer,
        patience: Patience,
    ) -> Result<Option<Result<Frame<Bytes>, hyper::Error>>, TimeUp> {
        answer.alarm.wait(patience, self.limits.silence, answer.response.body_mut().frame()).await
    }

    /// Takes back the connection of an answer that was read to its end.
    pub(super) fn keep(&self, answer: Answer) {
        let Answer { sender, mut alarm, .. } = answer;
        if sender.is_closed() {
            return;
        }
        alarm.rest();
        let mut idle = self.shelf.lock();
        idle.connections.push_back(Parked {
            sender,
            alarm,
            since: Moment::now(),
            home: Handle::current().id(),
        });
        if idle.sweeper.as_ref().is_none_or(JoinHandle::is_finished) {
            let shelf = Arc::downgrade(&self.shelf);
            idle.sweeper = Some(tokio::spawn(sweep(shelf, self.limits.idle)));
        }
    }

    /// The idle connection of this runtime that was used last: the others may go unused until they are closed.
    async fn take(&self, patience: Patience) -> Option<(Sender, Alarm)> {
        let home = Handle::current().id();
        loop {
            let (mut sender, alarm) = self.shelf.lock().take(home, self.limits.idle)?;
            if sender.is_ready() {
                return Some((sender, alarm));
            }
            if let Ok(Ok(())) = patience.wait(SETTLE, sender.ready()).await {
                return Some((sender, alarm));
            }
        }
    }

    async fn open(&self, patience: Patience) -> Result<Sender, Failure> {
        // One of another runtime: its place is taken.
        let replaced = self.shelf.lock().connections.pop_front();
        drop(replaced);
        match patience.wait(self.limits.connect, self.way.open()).await {
            Ok(opened) => opened.map_err(Failure::NoConnection),
            Err(_) if patience.is_over() => Err(Failure::NoTimeToConnect),
            Err(_) => Err(Failure::NoConnection("the connection did not come about in time".into())),
        }
    }
}

impl Shelf {
    fn lock(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Idle {
    fn take(&mut self, home: Id, longest: Duration) -> Option<(Sender, Alarm)> {
        self.drop_old(longest);
        let at = self.connections.iter().rposition(|parked| parked.home == home)?;
        self.connections.remove(at).map(|parked| (parked.sender, parked.alarm))
    }

    fn drop_old(&mut self, longest: Duration) {
        while self.connections.front().is_some_and(|parked| parked.since.age() >= longest) {
            self.connections.pop_front();
        }
    }
}

/// Closes what nobody asks for any more, and ends when there is nothing left.
async fn sweep(shelf: Weak<Shelf>, longest: Duration) {
    loop {
        let pause = {
            let Some(shelf) = shelf.upgrade() else { return };
            let mut idle = shelf.lock();
            idle.drop_old(longest);
            let Some(oldest) = idle.connections.front() else { return };
            longest.saturating_sub(oldest.since.age())
        };
        real_pause(pause).await;
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::Pin;
    use std::task::{Context, Poll, Wake, Waker};

    use hyper::client::conn::http1;
    use hyper_util::rt::TokioIo;
    use tokio::io::{AsyncReadExt, AsyncWriteExt, duplex};
    use tokio::net::TcpListener;

    use super::*;
    use crate::config::{Identity, Settings};
    use crate::secret::SecretText;

    const LONG: Duration = Duration::from_secs(10);

    /// A pool, and a server that answers the first request and tells how much it reads after that.
    async fn pool_and_server(idle: Duration) -> (Pool, JoinHandle<usize>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let base_url = format!("http://{}", listener.local_addr().expect("an address"));
        let base_url = base_url.parse().expect("a URL");
        let identity = Identity { api_key: SecretText::new("key".to_owned()), base_url };
        let way = Way::new(&identity, &Settings::default()).expect("a way");
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let mut request = vec![0; 1000];
            assert!(stream.read(&mut request).await.expect("a request") > 0);
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.write_all(answer).await.expect("an answer");
            stream.read(&mut request).await.expect("the end")
        });
        (Pool::new(way, Limits { connect: LONG, silence: LONG, idle }), server)
    }

    fn post() -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::from("a write"));
        *request.method_mut() = http::Method::POST;
        request
    }

    #[tokio::test]
    async fn an_idle_connection_is_closed_by_itself() {
        let (pool, server) = pool_and_server(Duration::from_millis(20)).await;
        let answer = pool.send(post(), Patience::of(LONG)).await.ok().expect("an answer");
        pool.keep(answer);
        assert_eq!(server.await.expect("the server"), 0, "closed by the client, which asked no more");
        assert!(pool.shelf.lock().connections.is_empty());
    }

    /// Wakes another task, and can be counted.
    struct Relay(Mutex<Option<Waker>>);

    impl Wake for Relay {
        fn wake(self: Arc<Self>) {
            if let Some(waker) = &*self.0.lock().expect("a waker") {
                waker.wake_by_ref();
            }
        }
    }

    #[tokio::test]
    async fn an_idle_connection_holds_no_task_that_has_ended() {
        let (pool, _server) = pool_and_server(LONG).await;
        let relay = Arc::new(Relay(Mutex::new(None)));
        let mut exchange = Box::pin(pool.send(post(), Patience::of(LONG)));
        let answer = poll_fn(|context| {
            *relay.0.lock().expect("a waker") = Some(context.waker().clone());
            exchange.as_mut().poll(&mut Context::from_waker(&Waker::from(Arc::clone(&relay))))
        })
        .await;
        drop(exchange);
        pool.keep(answer.ok().expect("an answer"));
        assert_eq!(pool.shelf.lock().connections.len(), 1);
        assert_eq!(Arc::strong_count(&relay), 1);
    }

    #[tokio::test]
    async fn a_request_of_which_no_byte_was_written_goes_to_another_connection() {
        let (pool, server) = pool_and_server(LONG).await;
        let (client_end, mut server_end) = duplex(1000);
        let (sender, mut connection) =
            http1::handshake(TokioIo::new(client_end)).await.expect("a connection");
        // Once, so that it is ready for a request; it does not yet see what comes next.
        poll_fn(|context| {
            assert!(Pin::new(&mut connection).poll(context).is_pending());
            Poll::Ready(())
        })
        .await;
        assert!(sender.is_ready());
        let home = Handle::current().id();
        let parked = Parked { sender, alarm: Alarm::new(), since: Moment::now(), home };
        pool.shelf.lock().connections.push_back(parked);
        server_end.shutdown().await.expect("the service closes");
        // Runs only when the request is on its way to it already.
        tokio::spawn(connection);
        let answer = pool.send(post(), Patience::of(LONG)).await.ok().expect("an answer");
        drop(answer);
        assert_eq!(server.await.expect("the server"), 0, "one request over the new connection");
        let mut leaked = Vec::new();
        server_end.read_to_end(&mut leaked).await.expect("what was written");
        assert!(leaked.is_empty(), "{} bytes on the closed connection", leaked.len());
    }
}
