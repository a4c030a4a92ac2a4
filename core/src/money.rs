//! Exact amounts of Algerian dinars.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Mul, Sub};
use std::str::FromStr;

use rust_decimal::Decimal;

/// An amount in Algerian dinars (DZD), exact to the last digit that the service sent.
///
/// Balances and charges have decimals (826.13), orders are whole dinars (PROTOCOL §3). There is no conversion from a
/// binary float, because `0.1 + 0.2` has no place in an account.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Dzd(Decimal);

/// Why a text is not an exact amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount: write digits with an optional decimal point, such as 500 or 826.13")]
pub struct ParseDzdError {
    text: String,
}

impl Dzd {
    /// Nothing.
    pub const ZERO: Self = Self(Decimal::ZERO);

    /// A whole number of dinars.
    pub fn whole(dinars: i64) -> Self {
        Self(Decimal::from(dinars))
    }

    /// The amount as a decimal number.
    pub fn as_decimal(self) -> Decimal {
        self.0
    }

    /// Whether the amount has no fraction of a dinar.
    pub fn is_whole(self) -> bool {
        self.0.fract().is_zero()
    }

    /// The amount as an integer, when it is whole and fits.
    pub fn to_whole(self) -> Option<i64> {
        self.is_whole().then(|| i64::try_from(self.0.trunc()).ok()).flatten()
    }

    /// The sum, or nothing when it would not fit an exact decimal.
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// The difference, or nothing when it would not fit an exact decimal.
    pub fn checked_sub(self, other: Self) -> Option<Self> {
        self.0.checked_sub(other.0).map(Self)
    }

    /// The amount times a count, or nothing when it would not fit an exact decimal.
    pub fn checked_mul(self, count: u32) -> Option<Self> {
        self.0.checked_mul(Decimal::from(count)).map(Self)
    }
}

impl From<Decimal> for Dzd {
    fn from(amount: Decimal) -> Self {
        Self(amount)
    }
}

macro_rules! from_integers { ($($integer:ty)+) => { $(
    impl From<$integer> for Dzd {
        fn from(dinars: $integer) -> Self {
            Self(Decimal::from(dinars))
        }
    }
)+ } }
from_integers!(u8 u16 u32 u64 i8 i16 i32 i64);

/// Reads the text of a JSON number or of a numeric string, exactly: `500`, `826.13`, `5e2`.
impl FromStr for Dzd {
    type Err = ParseDzdError;

    fn from_str(text: &str) -> Result<Self, ParseDzdError> {
        exact_decimal(text).map(Self).ok_or_else(|| ParseDzdError { text: text.chars().take(40).collect() })
    }
}

/// A decimal of the whole text and nothing but the text: no separators, no rounding.
pub(crate) fn exact_decimal(text: &str) -> Option<Decimal> {
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || b"+-.eE".contains(&b));
    if !is_plain || !text.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    if text.contains(['e', 'E']) {
        return Decimal::from_scientific(text).ok();
    }
    Decimal::from_str_exact(text).ok()
}

impl fmt::Display for Dzd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.normalize().fmt(f)
    }
}

impl fmt::Debug for Dzd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} DZD")
    }
}

impl Add for Dzd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Dzd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Mul<u32> for Dzd {
    type Output = Self;

    fn mul(self, count: u32) -> Self {
        Self(self.0.saturating_mul(Decimal::from(count)))
    }
}

impl Sum for Dzd {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keeps_every_digit_that_was_sent() {
        for text in ["0", "500", "826.13", "0.9925", "-12.5", "79228162514264337593543950335"] {
            assert_eq!(text.parse::<Dzd>().expect(text).to_string(), text);
        }
        assert_eq!("500.00".parse::<Dzd>().expect("trailing zeros"), Dzd::whole(500));
        assert_eq!("5e2".parse::<Dzd>().expect("exponent"), Dzd::whole(500));
    }

    #[test]
    fn refuses_what_is_not_an_amount() {
        for text in
            ["", " ", "500 DA", "1,000", "NaN", "Infinity", "0x10", "1_000", "٥٠٠", "--5", ".", "e", "1e99"]
        {
            assert!(text.parse::<Dzd>().is_err(), "{text:?}");
        }
        let too_precise = "0.12345678901234567890123456789012345";
        assert!(too_precise.parse::<Dzd>().is_err(), "an amount is never rounded in silence");
    }

    #[test]
    fn knows_whole_dinars() {
        assert_eq!("500.0".parse::<Dzd>().expect("whole").to_whole(), Some(500));
        assert_eq!("500.5".parse::<Dzd>().expect("fraction").to_whole(), None);
    }

    proptest! {
        #[test]
        fn any_text_is_an_amount_or_an_error(text in ".{0,60}") {
            let _ = text.parse::<Dzd>();
        }

        #[test]
        fn text_and_amount_are_the_same_thing(units in any::<i64>(), scale in 0u32..9) {
            let amount = Dzd::from(Decimal::new(units, scale));
            prop_assert_eq!(amount.to_string().parse::<Dzd>().expect("own text"), amount);
        }

        #[test]
        fn sums_do_not_drift(cents in prop::collection::vec(-1_000_000i64..1_000_000, 0..200)) {
            let sum: Dzd = cents.iter().map(|c| Dzd::from(Decimal::new(*c, 2))).sum();
            prop_assert_eq!(sum, Dzd::from(Decimal::new(cents.iter().sum::<i64>(), 2)));
        }
    }
}
