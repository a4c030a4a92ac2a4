//! The account-wide budget of requests: it shrinks when the service says 429, recovers slowly, and lets writes go
//! before reads (docs/adr/0004).
//!
//! The service documents no numbers (PROTOCOL §10), so the budget learns them. It is a virtual-scheduling meter: each
//! request moves `next_free` on by one interval, and a burst may run ahead of it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// However often the service says 429, at least one request in this time is let through.
const SLOWEST: Duration = Duration::from_secs(5);

pub(super) struct Budget {
    meter: Mutex<Meter>,
    writes_waiting: AtomicU32,
    /// Whether the interval is longer than configured, so that most answers need not ask the meter.
    is_slowed: AtomicBool,
}

struct Meter {
    /// The interval of the configured rate, which the budget recovers to.
    fastest: Duration,
    /// The interval now in force.
    interval: Duration,
    /// How far ahead of the rate a burst may run.
    burst: Duration,
    next_free: Duration,
    paused_until: Duration,
}

impl Budget {
    pub(super) fn new(requests_per_second: u32) -> Self {
        let fastest = Duration::from_secs(1) / requests_per_second.max(1);
        let meter = Meter {
            fastest,
            interval: fastest,
            burst: Duration::from_secs(1),
            next_free: Duration::ZERO,
            paused_until: Duration::ZERO,
        };
        Self {
            meter: Mutex::new(meter),
            writes_waiting: AtomicU32::new(0),
            is_slowed: AtomicBool::new(false),
        }
    }

    /// Takes one request out of the budget, or says how long to wait before asking again.
    pub(super) fn take(&self, now: Duration, is_write: bool) -> Result<(), Duration> {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_write && self.writes_waiting.load(Ordering::Relaxed) > 0 {
            return Err(meter.interval);
        }
        meter.take(now)
    }

    /// Announces a write that waits, so that reads stand back until the guard is dropped.
    pub(super) fn announce_write(&self) -> WaitingWrite<'_> {
        self.writes_waiting.fetch_add(1, Ordering::Relaxed);
        WaitingWrite(self)
    }

    /// The service said 429: half the rate, and silence for as long as it asked.
    pub(super) fn on_rate_limited(&self, now: Duration, pause: Duration) {
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        meter.interval = (meter.interval * 2).min(SLOWEST.max(meter.fastest));
        meter.paused_until = meter.paused_until.max(now + pause);
        meter.next_free = meter.next_free.max(now + meter.burst);
        self.is_slowed.store(true, Ordering::Relaxed);
    }

    /// An answer other than 429: a step of about 3 % back to the configured rate.
    pub(super) fn on_answer(&self) {
        if !self.is_slowed.load(Ordering::Relaxed) {
            return;
        }
        let mut meter = self.meter.lock().unwrap_or_else(PoisonError::into_inner);
        meter.interval = (meter.interval - meter.interval / 32).max(meter.fastest);
        self.is_slowed.store(meter.interval > meter.fastest, Ordering::Relaxed);
    }
}

impl Meter {
    fn take(&mut self, now: Duration) -> Result<(), Duration> {
        if now < self.paused_until {
            return Err(self.paused_until - now);
        }
        let next_free = self.next_free.max(now) + self.interval;
        match next_free.checked_sub(now + self.burst + self.interval) {
            None | Some(Duration::ZERO) => {
                self.next_free = next_free;
                Ok(())
            }
            Some(wait) => Err(wait),
        }
    }
}

pub(super) struct WaitingWrite<'a>(&'a Budget);

impl Drop for WaitingWrite<'_> {
    fn drop(&mut self) {
        self.0.writes_waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many requests the budget lets through in a time, asked every millisecond.
    fn let_through(budget: &Budget, from: Duration, time: Duration) -> usize {
        (0..time.as_millis() as u32)
            .filter(|ms| budget.take(from + Duration::from_millis(u64::from(*ms)), false).is_ok())
            .count()
    }

    #[test]
    fn keeps_the_configured_rate_after_a_burst_of_one_second() {
        let budget = Budget::new(50);
        let first_second = let_through(&budget, Duration::ZERO, Duration::from_secs(1));
        assert!((90..=102).contains(&first_second), "{first_second}: a burst and a second's worth");
        let later = let_through(&budget, Duration::from_secs(1), Duration::from_secs(10));
        assert!((490..=510).contains(&later), "{later}");
    }

    #[test]
    fn pauses_and_halves_on_429_then_recovers() {
        let budget = Budget::new(100);
        let now = Duration::from_secs(60);
        budget.on_rate_limited(now, Duration::from_secs(5));
        assert_eq!(budget.take(now, true), Err(Duration::from_secs(5)), "writes pause as well");
        let after = now + Duration::from_secs(6);
        let slowed = let_through(&budget, after, Duration::from_secs(10));
        assert!((480..=610).contains(&slowed), "{slowed}: half of 100 a second");
        (0..200).for_each(|_| budget.on_answer());
        let recovered = let_through(&budget, after + Duration::from_secs(60), Duration::from_secs(10));
        assert!(recovered >= 990, "{recovered}");
    }

    #[test]
    fn never_stops_for_good() {
        let budget = Budget::new(50);
        (0..100).for_each(|_| budget.on_rate_limited(Duration::ZERO, Duration::ZERO));
        let much_later = Duration::from_secs(100);
        assert!(budget.take(much_later, false).is_ok());
        assert!(let_through(&budget, much_later, Duration::from_secs(20)) >= 3);
    }

    #[test]
    fn reads_stand_back_while_a_write_waits() {
        let budget = Budget::new(10);
        let waiting = budget.announce_write();
        assert!(budget.take(Duration::ZERO, false).is_err());
        assert!(budget.take(Duration::ZERO, true).is_ok());
        drop(waiting);
        assert!(budget.take(Duration::ZERO, false).is_ok());
    }
}
