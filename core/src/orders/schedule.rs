//! When to look at an order again (PROTOCOL §6, §7).

use std::time::Duration;

use super::policy;
use crate::journal::Record;
use crate::models::{Order, OrderState, Timestamp};
use crate::runtime::random_below;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// The time until the next look at an order of this age: soon after the send, then every interval for five minutes,
/// then more and more seldom. An order that the service itself put off is left alone for longer.
fn until_next_check(order: &Order, age: Duration, interval: Duration) -> Duration {
    let by_age = match age {
        _ if age < interval => interval / 2,
        _ if age < 5 * MINUTE => interval,
        _ if age < HOUR => interval.max(MINUTE),
        _ if age < 6 * HOUR => interval.max(10 * MINUTE),
        _ => interval.max(HOUR),
    };
    match is_put_off(order) {
        true => by_age.max(HOUR),
        false => by_age,
    }
}

/// `QUEUED` and `UNKNOWN_ERROR`: the service's own word that it takes hours (PROTOCOL §6). An order whose answer was
/// lost is uncertain too, and is looked up at once.
pub(super) fn is_put_off(order: &Order) -> bool {
    match order.state {
        OrderState::Deferred => true,
        OrderState::Uncertain => order.status.is_some(),
        _ => false,
    }
}

/// When to look again, or never: what is settled or in a person's hands is not looked at.
pub(crate) fn next_check(record: &Record, now: Timestamp, interval: Duration) -> Option<Timestamp> {
    let order = &record.order;
    if order.state.is_settled() || order.state == OrderState::NeedsReview {
        return None;
    }
    Some(now + jittered(pause(record, now, interval)))
}

/// The time until the next look. An order's age counts from its sending: one that was refused may be sent anew much later.
pub(super) fn pause(record: &Record, now: Timestamp, interval: Duration) -> Duration {
    let begun_at = record.sent_at.unwrap_or(record.order.created_at);
    // A clock that was ahead wrote that: not looked at as if just sent until that time comes.
    let age = match begun_at > now + policy::CLOCK_SKEW {
        true => 5 * MINUTE,
        false => age(begun_at, now),
    };
    until_next_check(&record.order, age, interval)
}

/// The pause with a jitter of a tenth, so that orders sent together are not looked at together.
pub(super) fn jittered(pause: Duration) -> Duration {
    let tenth = (pause / 10).as_millis() as u64;
    pause - Duration::from_millis(tenth / 2) + Duration::from_millis(random_below(tenth + 1))
}

/// How old an order is, by the journal's own times.
pub(crate) fn age(created_at: Timestamp, now: Timestamp) -> Duration {
    (now - created_at).to_std().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::Intent;

    const INTERVAL: Duration = Duration::from_secs(5);

    fn order(state: OrderState, status: Option<&str>) -> Order {
        let intent = Intent::Mobile { plan_code: String::new(), number: String::new(), amount: None };
        let mut order = Record::new("r".to_owned(), None, intent, Timestamp::UNIX_EPOCH).order;
        (order.state, order.status) = (state, status.map(str::to_owned));
        order
    }

    fn wait_at(age: Duration) -> Duration {
        until_next_check(&order(OrderState::Accepted, None), age, INTERVAL)
    }

    #[test]
    fn looks_often_at_first_and_seldom_later() {
        let waits = [0, 10, 400, 2 * 3600, 30 * 3600].map(|seconds| wait_at(Duration::from_secs(seconds)));
        assert!(waits.is_sorted() && waits[0] < waits[1] && waits[1] == INTERVAL && waits[4] == HOUR);
    }

    #[test]
    fn what_the_service_put_off_is_not_polled_fast() {
        let wait_of =
            |state, status| until_next_check(&order(state, status), Duration::from_secs(10), INTERVAL);
        assert_eq!(wait_of(OrderState::Deferred, Some("QUEUED")), HOUR);
        assert_eq!(wait_of(OrderState::Uncertain, Some("UNKNOWN_ERROR")), HOUR);
        assert_eq!(wait_of(OrderState::Uncertain, None), INTERVAL, "a lost answer is looked up at once");
    }

    #[test]
    fn an_order_from_the_future_is_not_polled_fast_until_then() {
        let intent = Intent::Mobile { plan_code: String::new(), number: String::new(), amount: None };
        let mut record = Record::new("r".to_owned(), None, intent, Timestamp::UNIX_EPOCH + 24 * HOUR);
        assert_eq!(pause(&record, Timestamp::UNIX_EPOCH, INTERVAL), MINUTE);
        record.order.created_at = Timestamp::UNIX_EPOCH + MINUTE;
        assert!(pause(&record, Timestamp::UNIX_EPOCH, INTERVAL) < INTERVAL, "clocks differ a little");
    }

    #[test]
    fn jitter_stays_within_a_twentieth() {
        for _ in 0..1000 {
            let pause = jittered(Duration::from_secs(100));
            assert!((Duration::from_secs(95)..=Duration::from_secs(105)).contains(&pause));
        }
    }
}
