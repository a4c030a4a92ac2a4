//! Values that the tables name and that need a form of their own at this border, and how values turn into each other.

use oneclickdz as core;
pub(crate) use oneclickdz::SecretText;

use crate::failure::Failure;

/// An exact amount, as decimal text; `java.math.BigDecimal` in Kotlin.
#[derive(Clone)]
pub struct Dzd(String);
uniffi::custom_newtype!(Dzd, String);

/// An exact number, as decimal text; `java.math.BigDecimal` in Kotlin.
#[derive(Clone)]
pub struct Decimal(String);
uniffi::custom_newtype!(Decimal, String);

/// Microseconds since 1970; `java.time.Instant` in Kotlin.
#[derive(Clone)]
pub struct Timestamp(i64);
uniffi::custom_newtype!(Timestamp, i64);

// The class `Secret` in Kotlin, which prints nothing of it.
uniffi::custom_type!(SecretText, String, {
    remote,
    try_lift: |text| Ok(SecretText::new(text)),
    lower: |secret| secret.expose().clone(),
});

/// A value on its way out.
pub(crate) trait Cross<T> {
    fn cross(self) -> T;
}

macro_rules! plain { ($($type:ty)+) => { $(
    impl Cross<$type> for $type {
        fn cross(self) -> $type {
            self
        }
    }
)+ } }
plain!(String bool SecretText);

/// Counts are `Int` in Kotlin, whose unsigned numbers Java cannot call. None of them comes near the limit.
impl Cross<i32> for u32 {
    fn cross(self) -> i32 {
        i32::try_from(self).unwrap_or(i32::MAX)
    }
}

impl Cross<Dzd> for core::Dzd {
    fn cross(self) -> Dzd {
        Dzd(self.to_string())
    }
}

impl Cross<Decimal> for core::Decimal {
    fn cross(self) -> Decimal {
        Decimal(self.normalize().to_string())
    }
}

impl Cross<Timestamp> for core::Timestamp {
    fn cross(self) -> Timestamp {
        Timestamp(self.timestamp_micros())
    }
}

impl<A: Cross<B>, B> Cross<Option<B>> for Option<A> {
    fn cross(self) -> Option<B> {
        self.map(Cross::cross)
    }
}

impl<A: Cross<B>, B> Cross<Vec<B>> for Vec<A> {
    fn cross(self) -> Vec<B> {
        self.into_iter().map(Cross::cross).collect()
    }
}

/// A value on its way in; refused, with its field's name, where the engine's own type cannot hold it.
pub(crate) trait Enter<T> {
    fn enter(self, operation: &str, field: &str) -> Result<T, Failure>;
}

macro_rules! plain_in { ($($type:ty)+) => { $(
    impl Enter<$type> for $type {
        fn enter(self, _: &str, _: &str) -> Result<$type, Failure> {
            Ok(self)
        }
    }
)+ } }
plain_in!(String bool SecretText);

impl Enter<u32> for i32 {
    fn enter(self, operation: &str, field: &str) -> Result<u32, Failure> {
        u32::try_from(self)
            .map_err(|_| Failure::invalid(operation, field, format!("is {self}: it cannot be negative")))
    }
}

impl Enter<core::Dzd> for Dzd {
    fn enter(self, operation: &str, field: &str) -> Result<core::Dzd, Failure> {
        self.0.parse().map_err(|_| {
            Failure::invalid(
                operation,
                field,
                "has more digits than an exact amount can have: give at most 28",
            )
        })
    }
}

impl Enter<core::Timestamp> for Timestamp {
    fn enter(self, operation: &str, field: &str) -> Result<core::Timestamp, Failure> {
        core::Timestamp::from_timestamp_micros(self.0).ok_or_else(|| {
            Failure::invalid(
                operation,
                field,
                "is out of range: give an instant between the years 1 and 9999",
            )
        })
    }
}

impl<A: Enter<B>, B> Enter<Option<B>> for Option<A> {
    fn enter(self, operation: &str, field: &str) -> Result<Option<B>, Failure> {
        self.map(|value| value.enter(operation, field)).transpose()
    }
}
