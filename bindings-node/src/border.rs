//! How the engine's values cross: the tables of its models, expanded once more.
//!
//! A record crosses as a bare list of its fields, in the order of the table; `lib/models.cjs`, written from the same
//! table, makes an object of it. That costs half of what setting named properties from here does.

use oneclickdz as core;
use oneclickdz::{Decimal, Dzd, SecretText, Timestamp};

pub(crate) use crate::value::{Refused, Value, refused};

/// Something on its way out.
pub(crate) trait IntoJs {
    /// What the tables call it, so that the declared type of a call's result is compared with the real one.
    type As;
    fn into_js(self) -> Value;
}

/// Something on its way in: one value of a list that `lib/check.cjs` has made.
pub(crate) trait FromJs: Sized {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused>;
}

/// The arguments of a call, or the fields of a request.
pub(crate) struct Given(std::vec::IntoIter<Value>);

impl Given {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    /// The next one, under the name that a refusal tells.
    pub(crate) fn next<T: FromJs>(&mut self, field: &str) -> Result<T, Refused> {
        T::from_js(field, self.0.next().unwrap_or(Value::Nothing))
    }

    /// The next name and its value, where they take turns.
    pub(crate) fn pair(&mut self) -> Result<Option<(String, Value)>, Refused> {
        let name: Option<String> = self.next("settings")?;
        Ok(name.map(|name| (name, self.0.next().unwrap_or(Value::Nothing))))
    }
}

macro_rules! outward { ($( $type:ty: |$value:ident| $crossed:expr; )*) => { $(
    impl IntoJs for $type {
        type As = Self;
        fn into_js(self) -> Value {
            let $value = self;
            $crossed
        }
    }
)* } }
outward! {
    String: |text| Value::Text(text);
    &'static str: |word| Value::Word(word);
    bool: |truth| Value::Truth(truth);
    u32: |count| Value::Number(count.into());
    f64: |number| Value::Number(number);
    // Exact, as decimal text.
    Dzd: |amount| Value::Text(amount.to_string());
    Decimal: |number| Value::Text(number.normalize().to_string());
    // Milliseconds since 1970, which a `Date` holds.
    Timestamp: |at| Value::Number(at.timestamp_millis() as f64);
    // The bare text: the JavaScript side hides it in a class that prints nothing of it.
    SecretText: |secret| Value::Text(secret.expose().as_str().to_owned());
}

impl IntoJs for () {
    type As = Self;
    fn into_js(self) -> Value {
        Value::Nothing
    }
}

/// What has crossed already.
impl IntoJs for Value {
    type As = Self;
    fn into_js(self) -> Value {
        self
    }
}

impl<T: IntoJs> IntoJs for Option<T> {
    type As = Option<T::As>;
    fn into_js(self) -> Value {
        self.map_or(Value::Nothing, IntoJs::into_js)
    }
}

impl<T: IntoJs> IntoJs for Vec<T> {
    type As = Vec<T::As>;
    fn into_js(self) -> Value {
        Value::List(self.into_iter().map(IntoJs::into_js).collect())
    }
}

macro_rules! tuple { ($($field:ident)+) => {
    impl<$($field: IntoJs),+> IntoJs for ($($field,)+) {
        type As = Self;
        #[allow(non_snake_case, reason = "one name for a type and its value")]
        fn into_js(self) -> Value {
            let ($($field,)+) = self;
            Value::List(vec![$($field.into_js()),+])
        }
    }
} }
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E);
tuple!(A B C D E F G H);

macro_rules! enums { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )* }
)*) => { $(
    impl IntoJs for core::$name {
        type As = Self;
        fn into_js(self) -> Value {
            Value::Word(self.as_str())
        }
    }

    impl FromJs for core::$name {
        fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
            let word = String::from_js(field, value)?;
            Self::from_word(&word).ok_or_else(|| refused(field, "is not one of the known words"))
        }
    }
)* } }
core::boundary_enums!(enums);

macro_rules! records { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* }
)*) => { $(
    impl IntoJs for core::$name {
        type As = Self;
        fn into_js(self) -> Value {
            let core::$name { $($field),* } = self;
            Value::List(vec![$($field.into_js()),*])
        }
    }
)* } }
core::boundary_records!(records);

impl FromJs for String {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        match value {
            Value::Text(text) => Ok(text),
            _ => Err(refused(field, "is missing: give text")),
        }
    }
}

impl FromJs for f64 {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        match value {
            Value::Number(number) => Ok(number),
            _ => Err(refused(field, "is missing: give a number")),
        }
    }
}

impl FromJs for bool {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        match value {
            Value::Truth(truth) => Ok(truth),
            _ => Err(refused(field, "is missing: give true or false")),
        }
    }
}

impl FromJs for u32 {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        let number = f64::from_js(field, value)?;
        match number.fract() == 0.0 && (0.0..=f64::from(Self::MAX)).contains(&number) {
            true => Ok(number as Self),
            false => Err(refused(field, "is not a whole number from 0 on")),
        }
    }
}

impl FromJs for Dzd {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        let text = String::from_js(field, value)?;
        text.parse().map_err(|_| refused(field, "has more digits than an exact amount can have"))
    }
}

impl FromJs for Timestamp {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        let milliseconds = f64::from_js(field, value)?;
        Self::from_timestamp_millis(milliseconds as i64).ok_or_else(|| refused(field, "is out of range"))
    }
}

/// Absent values come as `null`.
impl<T: FromJs> FromJs for Option<T> {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        match value {
            Value::Nothing => Ok(None),
            value => T::from_js(field, value).map(Some),
        }
    }
}

impl<T: FromJs> FromJs for Vec<T> {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        match value {
            Value::List(values) => values.into_iter().map(|value| T::from_js(field, value)).collect(),
            _ => Err(refused(field, "is missing: give an array")),
        }
    }
}

/// Values that are read one by one.
impl FromJs for Given {
    fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
        match value {
            Value::List(values) => Ok(Self::new(values)),
            _ => Err(refused(field, "is missing: give an object")),
        }
    }
}

macro_rules! requests { ($(
    $(#[$meta:meta])* $name:ident {
        required { $( $(#[$required_meta:meta])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[$optional_meta:meta])* $optional:ident: $optional_type:ty, )* }
    }
)*) => { $(
    impl FromJs for core::$name {
        fn from_js(field: &str, value: Value) -> Result<Self, Refused> {
            let mut given = Given::from_js(field, value)?;
            Ok(Self {
                $( $required: given.next(stringify!($required))?, )*
                $( $optional: given.next(stringify!($optional))?, )*
            })
        }
    }
)* } }
core::boundary_requests!(requests);
