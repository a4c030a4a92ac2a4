//! Real time for what is on the wire. No test can hand it in: the other end of a wire lives in it.

use std::time::Duration;

/// The wait was over first.
pub(crate) use tokio::time::error::Elapsed as TimeUp;
use tokio::time::{Instant, sleep, timeout_at};

/// Beyond any deadline that means something, and far from the end of what an instant can hold.
const A_YEAR: Duration = Duration::from_secs(365 * 24 * 3600);

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
    ) -> impl Future<Output = Result<T, TimeUp>> + use<T, F> {
        timeout_at(self.end.min(Instant::now() + step.min(A_YEAR)), work)
    }

    pub(crate) fn is_over(&self) -> bool {
        Instant::now() >= self.end
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
