//! Real time for what is on the wire. No test can hand it in: the other end of a wire lives in it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::error::Elapsed;
use tokio::time::{Instant, Sleep, sleep, timeout_at};

/// Beyond any deadline that means something, and far from the end of what an instant can hold.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

/// The wait of an [`Alarm`] was over first.
pub(crate) struct TimeUp;

/// How long a caller waits for an exchange on the wire.
#[derive(Clone, Copy)]
pub(crate) struct Patience {
    end: Instant,
}

impl Patience {
    pub(crate) fn of(time: Duration) -> Self {
        Self { end: Instant::now() + time.min(A_YEAR) }
    }

    /// Waits for one step of the exchange: to the end at most, and no longer than `step`.
    ///
    /// Not an `async fn`, which would keep room for `work` twice.
    pub(crate) fn wait<T, F: Future<Output = T>>(
        &self,
        step: Duration,
        work: F,
    ) -> impl Future<Output = Result<T, Elapsed>> + use<T, F> {
        timeout_at(self.end_of(step), work)
    }

    fn end_of(&self, step: Duration) -> Instant {
        self.end.min(Instant::now() + step.min(A_YEAR))
    }

    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.end
    }
}

/// A timer for one wait after the other. To put its end off is a store; a new timer for each wait goes through the lock of
/// all timers, and wakes the thread that keeps the time whenever no other one ends sooner.
pub(crate) struct Alarm(Pin<Box<Sleep>>);

impl Alarm {
    pub(crate) fn new() -> Self {
        Self(Box::pin(sleep(A_YEAR)))
    }

    /// Waits as [`Patience::wait`] does.
    pub(crate) async fn wait<T>(
        &mut self,
        patience: Patience,
        step: Duration,
        work: impl Future<Output = T>,
    ) -> Result<T, TimeUp> {
        let mut work = pin!(work);
        let mut is_set = false;
        poll_fn(|context| {
            if let Poll::Ready(result) = work.as_mut().poll(context) {
                return Poll::Ready(Ok(result));
            }
            if !std::mem::replace(&mut is_set, true) {
                self.0.as_mut().reset(patience.end_of(step));
            }
            self.0.as_mut().poll(context).map(|()| Err(TimeUp))
        })
        .await
    }

    /// Lets go of the task that waited last: it has ended, and its memory would stay for as long as it could be woken.
    pub(crate) fn rest(&mut self) {
        let _ = self.0.as_mut().poll(&mut Context::from_waker(Waker::noop()));
    }
}

/// A moment of real time, to tell how long something has lain idle.
#[derive(Clone, Copy)]
pub(crate) struct Moment(Instant);

impl Moment {
    pub(crate) fn now() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn age(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A pause of real time.
pub(crate) async fn real_pause(time: Duration) {
    sleep(time).await;
}
