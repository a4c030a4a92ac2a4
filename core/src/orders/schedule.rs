//! When to look at an order again (PROTOCOL §6, §7).

use std::time::Duration;

use crate::models::{OrderState, Timestamp};

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The time until the next look at an order of this age: soon after the send, then every interval for five minutes,
/// then more and more seldom. An order that the service itself put off is left alone for longer.
pub(crate) fn until_next_check(state: OrderState, age: Duration, interval: Duration) -> Duration {
    let by_age = match age {
        _ if age < interval => interval / 2,
        _ if age < 5 * MINUTE => interval,
        _ if age < HOUR => interval.max(MINUTE),
        _ if age < 6 * HOUR => interval.max(10 * MINUTE),
        _ => interval.max(HOUR),
    };
    match state {
        OrderState::Deferred => by_age.max(HOUR),
        _ => by_age,
    }
}

/// How old an order is, by the journal's own times.
pub(crate) fn age(created_at: Timestamp, now: Timestamp) -> Duration {
    (now - created_at).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(5);

    fn wait_at(age: Duration) -> Duration {
        until_next_check(OrderState::Accepted, age, INTERVAL)
    }

    #[test]
    fn looks_often_at_first_and_seldom_later() {
        let waits = [0, 10, 400, 2 * 3600, 30 * 3600].map(|seconds| wait_at(Duration::from_secs(seconds)));
        assert!(waits.is_sorted() && waits[0] < waits[1] && waits[1] == INTERVAL && waits[4] == HOUR);
    }

    #[test]
    fn a_deferred_order_is_not_polled_fast() {
        assert_eq!(until_next_check(OrderState::Deferred, Duration::from_secs(10), INTERVAL), HOUR);
    }
}
