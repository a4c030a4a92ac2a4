//! Time as a value that can be handed in, so that 48 hours pass in milliseconds in a test.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::oneshot;

use crate::models::Timestamp;

/// What the engine knows of time. Pauses between polls, back-off, the rate budget and deadlines of waits all follow
/// it; only the deadline of a request on the wire is real time.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The instant, for records.
    fn now(&self) -> Timestamp;
    /// Time since some fixed point, never going back, for durations.
    fn elapsed(&self) -> Duration;
    /// Waits because a caller waits.
    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()>;
    /// Waits in the background, where nobody waits for the end of it.
    fn doze(&self, time: Duration) -> BoxFuture<'static, ()> {
        self.sleep(time)
    }
}

/// The machine's clock.
#[derive(Clone, Copy, Debug)]
pub struct SystemClock {
    started: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        SystemTime::now().into()
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(time).boxed()
    }
}

/// A clock for tests that moves when told to, or jumps over every wait of a caller.
#[derive(Clone)]
pub struct ManualClock {
    shared: Arc<Mutex<Shared>>,
    jumps: bool,
}

type Follower = Arc<dyn Fn(Duration) + Send + Sync>;

struct Shared {
    start: Timestamp,
    elapsed: Duration,
    sleepers: Vec<(Duration, oneshot::Sender<()>)>,
    follower: Option<Follower>,
}

impl ManualClock {
    /// A clock that stands still until [`advance`](Self::advance).
    pub fn new(start: Timestamp) -> Self {
        let shared = Shared { start, elapsed: Duration::ZERO, sleepers: Vec::new(), follower: None };
        Self { shared: Arc::new(Mutex::new(shared)), jumps: false }
    }

    /// A clock on which every wait ends at once, having moved the time by as much as it asked for.
    pub fn jumping(start: Timestamp) -> Self {
        Self { jumps: true, ..Self::new(start) }
    }

    /// Calls back with every step, so that another clock (a sandbox's) can go along.
    #[must_use]
    pub fn followed_by(self, follower: impl Fn(Duration) + Send + Sync + 'static) -> Self {
        self.lock().follower = Some(Arc::new(follower));
        self
    }

    /// Moves the time on and wakes those whose wait is over.
    pub fn advance(&self, step: Duration) {
        let target = self.lock().elapsed + step;
        self.move_to(target);
    }

    fn move_to(&self, target: Duration) {
        let mut shared = self.lock();
        let step = target.saturating_sub(shared.elapsed);
        if step.is_zero() {
            return;
        }
        shared.elapsed = target;
        let (due, waiting) =
            std::mem::take(&mut shared.sleepers).into_iter().partition(|(at, _)| *at <= target);
        shared.sleepers = waiting;
        let follower = shared.follower.clone();
        drop(shared);
        if let Some(follower) = follower {
            follower(step);
        }
        let due: Vec<(Duration, oneshot::Sender<()>)> = due;
        for (_, wake) in due {
            // A sleeper that went away needs no call.
            let _ = wake.send(());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ManualClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManualClock").field("now", &self.now()).field("jumps", &self.jumps).finish()
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let shared = self.lock();
        shared.start + shared.elapsed
    }

    fn elapsed(&self) -> Duration {
        self.lock().elapsed
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        let until = self.elapsed() + time;
        if self.jumps {
            let clock = self.clone();
            return async move {
                // Whoever is ready goes first, as if the time had really passed.
                tokio::task::yield_now().await;
                clock.move_to(until);
            }
            .boxed();
        }
        self.doze(time)
    }

    fn doze(&self, time: Duration) -> BoxFuture<'static, ()> {
        let (wake, woken) = oneshot::channel();
        let mut shared = self.lock();
        let until = shared.elapsed + time;
        match time.is_zero() {
            true => drop(wake.send(())),
            false => shared.sleepers.push((until, wake)),
        }
        async move { drop(woken.await) }.boxed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().expect("an instant")
    }

    #[tokio::test]
    async fn a_manual_clock_wakes_sleepers_when_their_time_has_come() {
        let clock = ManualClock::new(start());
        let sleeper = tokio::spawn(clock.sleep(Duration::from_secs(48 * 3600)));
        clock.advance(Duration::from_secs(47 * 3600));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_secs(3600));
        sleeper.await.expect("woken");
        assert_eq!(clock.now() - start(), chrono::TimeDelta::hours(48));
    }

    #[tokio::test]
    async fn a_jumping_clock_takes_its_follower_along() {
        let followed = Arc::new(Mutex::new(Duration::ZERO));
        let sum = Arc::clone(&followed);
        let clock = ManualClock::jumping(start()).followed_by(move |step| *sum.lock().expect("sum") += step);
        clock.sleep(Duration::from_secs(86_400)).await;
        assert_eq!(clock.elapsed(), Duration::from_secs(86_400));
        assert_eq!(*followed.lock().expect("sum"), Duration::from_secs(86_400));
    }
}
