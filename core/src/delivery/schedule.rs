//! When a message is tried again, and when no more.

use std::time::Duration;

use crate::models::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

/// The pauses after the first tries, in seconds; the last one repeats.
const PAUSES: [u64; 6] = [MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];

/// How long a message is tried after it was asked for.
const GIVE_UP_AFTER: Duration = Duration::from_secs(48 * HOUR);

/// Whatever the clock says: it may have been behind when the message was asked for, or the machine off for days.
const FEWEST_TRIES: u32 = 3;

/// Or ahead. In two days there are 17.
const MOST_TRIES: u32 = 20;

/// The time of the next try after so many; `None` when it would be too late.
pub(super) fn next_attempt(created_at: Timestamp, now: Timestamp, attempts: u32) -> Option<Timestamp> {
    let at = (attempts.saturating_sub(1) as usize).min(PAUSES.len() - 1);
    let next = now + Duration::from_secs(PAUSES[at]);
    let is_too_late = next > created_at + GIVE_UP_AFTER && attempts >= FEWEST_TRIES;
    (!is_too_late && attempts < MOST_TRIES).then_some(next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_fewer_and_fewer_times_and_ends_after_two_days() {
        let created_at = Timestamp::UNIX_EPOCH;
        let (mut now, mut pauses) = (created_at, Vec::new());
        while let Some(next) = next_attempt(created_at, now, pauses.len() as u32 + 1) {
            pauses.push((next - now).num_seconds() as u64);
            now = next;
        }
        assert_eq!(pauses[..6], PAUSES);
        assert!(pauses[6..].iter().all(|pause| *pause == 4 * HOUR));
        let total: u64 = pauses.iter().sum();
        assert!(total <= 48 * HOUR && total + 4 * HOUR > 48 * HOUR, "{total}");
        assert_eq!(pauses.len(), 16);
    }

    #[test]
    fn a_clock_that_was_wrong_neither_ends_it_at_once_nor_keeps_it_for_ever() {
        let year = Duration::from_secs(365 * 24 * HOUR);
        let tries = |created_at: Timestamp, now: Timestamp| {
            (1..).take_while(|tries| next_attempt(created_at, now, *tries).is_some()).count()
        };
        let now = Timestamp::UNIX_EPOCH + year;
        assert_eq!(tries(Timestamp::UNIX_EPOCH, now) + 1, FEWEST_TRIES as usize);
        assert_eq!(tries(now + year, now) + 1, MOST_TRIES as usize);
    }
}
