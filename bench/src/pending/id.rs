//! Ids that tell when their order settles, so that whoever sees the end knows how late that is.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

/// 24 hexadecimal digits, like the real ones: eight for the place, sixteen for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Id {
    place: u32,
    /// Milliseconds from the release to the end.
    offset: i64,
}

impl Id {
    /// The order at that place settles at a time of the range, the same one in every run.
    pub(super) fn new(place: usize, (from, to): (i64, i64)) -> Self {
        let chance = scatter(place as u64) % (to - from).max(1).unsigned_abs();
        Self { place: place as u32, offset: from + chance as i64 }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let (place, offset) = text.split_at_checked(8)?;
        Some(Self {
            place: u32::from_str_radix(place, 16).ok()?,
            offset: i64::from_str_radix(offset, 16).ok()?,
        })
    }

    pub(super) fn place(self) -> usize {
        self.place as usize
    }

    /// Milliseconds since 1970.
    pub(super) fn settles_at(self, released_at: i64) -> i64 {
        released_at + self.offset
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}{:016x}", self.place, self.offset)
    }
}

/// Milliseconds since 1970; all processes of a machine share this clock.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_millis() as i64
}

/// Neighbours far apart (splitmix64).
fn scatter(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_tells_its_order_and_its_time() {
        for place in [0, 1, 99_999] {
            let id = Id::new(place, (5_000, 45_000));
            assert_eq!((id.to_string().len(), Id::parse(&id.to_string())), (24, Some(id)));
            assert_eq!(id.place(), place);
            assert!((6_000..46_000).contains(&id.settles_at(1_000)), "{id}");
        }
    }

    #[test]
    fn times_are_spread_over_the_range() {
        let early = (0..1000).filter(|place| Id::new(*place, (0, 1000)).settles_at(0) < 500).count();
        assert!((450..550).contains(&early), "{early}");
    }
}
