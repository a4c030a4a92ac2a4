//! A clock that runs fast, alike in all processes and in the service.

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use oneclickdz::{Clock, Timestamp};
use serde::{Deserialize, Serialize};

/// What processes must agree on to show the same time.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Pace {
    /// Engine time at the anchor, in milliseconds since 1970.
    pub base: i64,
    /// Real time of the anchor, in milliseconds since 1970.
    pub anchor: i64,
    /// Engine seconds per real second.
    pub speed: u32,
}

/// Engine time that runs at a [`Pace`].
#[derive(Clone, Copy, Debug)]
pub struct FastClock {
    pace: Pace,
    started: Instant,
}

impl Pace {
    /// The pace of a clock that shows `now` at this moment.
    pub fn from_now(now: DateTime<Utc>, speed: u32) -> Self {
        let real: DateTime<Utc> = SystemTime::now().into();
        Self { base: now.timestamp_millis(), anchor: real.timestamp_millis(), speed }
    }

    /// The same pace, further on in time.
    #[must_use]
    pub fn later(self, by: Duration) -> Self {
        Self { base: self.base + by.as_millis() as i64, ..self }
    }
}

impl FastClock {
    /// A clock of this pace.
    pub fn new(pace: Pace) -> Self {
        Self { pace, started: Instant::now() }
    }
}

impl Clock for FastClock {
    fn now(&self) -> Timestamp {
        let real: DateTime<Utc> = SystemTime::now().into();
        let since = real.timestamp_micros() - self.pace.anchor * 1000;
        Timestamp::UNIX_EPOCH
            + TimeDelta::milliseconds(self.pace.base)
            + TimeDelta::microseconds(since * i64::from(self.pace.speed))
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed() * self.pace.speed
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        tokio::time::sleep(time / self.pace.speed).boxed()
    }
}
