//! When a message is tried again, and when no more.

use std::time::Duration;

use crate::models::Timestamp;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

/// The pauses after the first tries, in seconds; the last one repeats.
const PAUSES: [u64; 6] = [MINUTE, 5 * MINUTE, 30 * MINUTE, HOUR, 2 * HOUR, 4 * HOUR];

/// How long a message is tried after it was asked for.
const GIVE_UP_AFTER: Duration = Duration::from_secs(48 * HOUR);

/// The time of the next try after so many; `None` when it would be too late.
pub(super) fn next_attempt(created_at: Timestamp, now: Timestamp, attempts: u32) -> Option<Timestamp> {
    let at = (attempts.saturating_sub(1) as usize).min(PAUSES.len() - 1);
    let next = now + Duration::from_secs(PAUSES[at]);
    (next <= created_at + GIVE_UP_AFTER).then_some(next)
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
    }
}
