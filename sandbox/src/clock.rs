//! Sandbox time: real time multiplied by a speed, or a manual clock that moves only when told.

use std::time::{Duration, Instant};

use chrono::{DateTime, SecondsFormat, Utc};

/// Milliseconds since the Unix epoch, in sandbox time.
pub(crate) type Millis = i64;

/// One second in [`Millis`].
pub(crate) const SECOND: Millis = 1_000;
/// One minute in [`Millis`].
pub(crate) const MINUTE: Millis = 60 * SECOND;
/// One hour in [`Millis`].
pub(crate) const HOUR: Millis = 60 * MINUTE;

/// The latest instant the clock may show (year 2200): beyond it, dates would stop being printable.
const LATEST: Millis = 7_258_118_400_000;

#[derive(Clone, Debug)]
pub(crate) struct Clock {
    /// Sandbox time at `anchor`.
    base: Millis,
    anchor: Instant,
    speed: f64,
    manual: bool,
}

impl Clock {
    pub(crate) fn new(start_at: Option<DateTime<Utc>>, speed: f64, manual: bool) -> Clock {
        let start = start_at.unwrap_or_else(Utc::now);
        Clock { base: start.timestamp_millis(), anchor: Instant::now(), speed, manual }
    }

    pub(crate) fn now(&self) -> Millis {
        if self.manual {
            return self.base;
        }
        let passed = self.anchor.elapsed().as_secs_f64() * self.speed * 1_000.0;
        self.base.saturating_add(passed as Millis).min(LATEST)
    }

    pub(crate) fn advance(&mut self, by: Duration) {
        self.settle();
        let by = Millis::try_from(by.as_millis()).unwrap_or(LATEST);
        self.base = self.base.saturating_add(by).min(LATEST);
    }

    pub(crate) fn set_speed(&mut self, speed: f64) {
        self.settle();
        self.speed = speed;
    }

    pub(crate) fn set_manual(&mut self, manual: bool) {
        self.settle();
        self.manual = manual;
    }

    pub(crate) fn speed(&self) -> f64 {
        self.speed
    }

    pub(crate) fn is_manual(&self) -> bool {
        self.manual
    }

    /// Moves the anchor to this instant, so that a change of mode or speed never makes time jump.
    fn settle(&mut self) {
        self.base = self.now();
        self.anchor = Instant::now();
    }
}

/// Whether a speed makes sense: time must move forward, and no faster than the dates can hold.
pub(crate) fn check_speed(speed: f64) -> Result<f64, String> {
    if speed.is_finite() && speed > 0.0 && speed <= 1_000_000.0 {
        Ok(speed)
    } else {
        Err("speed must be above 0 and at most 1000000".to_owned())
    }
}

/// ISO 8601 in UTC with milliseconds, as the service writes it (PROTOCOL §3).
pub(crate) fn iso(at: Millis) -> String {
    instant(at).to_rfc3339_opts(SecondsFormat::Millis, true)
}

pub(crate) fn instant(at: Millis) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manual_clock_moves_only_when_told() {
        let start = DateTime::from_timestamp(1_761_698_157, 0).unwrap();
        let mut clock = Clock::new(Some(start), 1.0, true);
        assert_eq!(iso(clock.now()), "2025-10-29T00:35:57.000Z");
        clock.advance(Duration::from_millis(1_500));
        assert_eq!(iso(clock.now()), "2025-10-29T00:35:58.500Z");
        clock.advance(Duration::MAX);
        assert_eq!(iso(clock.now()), "2200-01-01T00:00:00.000Z");
    }

    #[test]
    fn speed_multiplies_real_time() {
        let mut clock = Clock::new(None, 1.0, true);
        let start = clock.now();
        clock.set_speed(1_000_000.0);
        clock.set_manual(false);
        let real = Instant::now();
        // A millisecond of real time is a thousand sandbox seconds.
        while clock.now() < start + 1_000 * SECOND {}
        assert!(real.elapsed() >= Duration::from_micros(900) && real.elapsed() < Duration::from_secs(5));
    }

    #[test]
    fn leaving_the_manual_mode_does_not_jump() {
        let start = DateTime::from_timestamp(1_761_698_157, 0).unwrap();
        let mut clock = Clock::new(Some(start), 1.0, true);
        clock.advance(Duration::from_secs(60));
        clock.set_manual(false);
        let passed = clock.now() - (start.timestamp_millis() + 60_000);
        assert!((0..5_000).contains(&passed));
    }
}
