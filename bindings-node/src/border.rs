//! How values cross: the tables of the engine's models, expanded once more.
//!
//! A record crosses as a bare array of its fields, in the order of the table; `lib/models.cjs`, written from the same
//! table, makes an object of it. That costs half of what setting named properties from here does.

use napi::bindgen_prelude::{Array, FromNapiValue, Null, ToNapiValue, Unknown};
use napi::{Env, Result, Status};
use oneclickdz as core;
use oneclickdz::{Decimal, Dzd, SecretText, Timestamp};

/// A value on its way out.
pub(crate) trait IntoJs {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>>;
}

/// A value on its way in: one position of an array that `lib/check.cjs` has made.
pub(crate) trait FromJs: Sized {
    fn from_js(field: &str, values: &Array, index: u32) -> Result<Self>;
}

/// A value that the engine's own type refuses. The JavaScript side makes a `ValidationError` of it.
pub(crate) fn refused(field: &str, rule: impl std::fmt::Display) -> napi::Error {
    napi::Error::new(Status::InvalidArg, format!("{field}\n{rule}"))
}

macro_rules! plain { ($($type:ty)+) => { $(
    impl IntoJs for $type {
        fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
            self.into_unknown(env)
        }
    }
)+ } }
plain!(String &'static str bool u32 f64);

impl IntoJs for () {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
        Null.into_unknown(env)
    }
}

/// Exact, as decimal text.
impl IntoJs for Dzd {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
        self.to_string().into_unknown(env)
    }
}

/// Exact, as decimal text.
impl IntoJs for Decimal {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
        self.normalize().to_string().into_unknown(env)
    }
}

/// Milliseconds since 1970, which a `Date` holds.
impl IntoJs for Timestamp {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
        (self.timestamp_millis() as f64).into_unknown(env)
    }
}

/// The bare text: the JavaScript side hides it in a class that prints nothing of it.
impl IntoJs for SecretText {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
        self.expose().as_str().into_unknown(env)
    }
}

impl<T: IntoJs> IntoJs for Option<T> {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
        match self {
            Some(value) => value.into_js(env),
            None => Null.into_unknown(env),
        }
    }
}

impl<T: IntoJs> IntoJs for Vec<T> {
    fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
        let mut array = env.create_array(self.len() as u32)?;
        for (index, value) in self.into_iter().enumerate() {
            array.set(index as u32, value.into_js(env)?)?;
        }
        array.into_unknown(env)
    }
}

macro_rules! tuple { ($($field:ident)+) => {
    impl<$($field: IntoJs),+> IntoJs for ($($field,)+) {
        #[allow(non_snake_case, reason = "one name for a type and its value")]
        fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
            let ($($field,)+) = self;
            let values = [$($field.into_js(env)?),+];
            let mut array = env.create_array(values.len() as u32)?;
            for (index, value) in values.into_iter().enumerate() {
                array.set(index as u32, value)?;
            }
            array.into_unknown(env)
        }
    }
} }
tuple!(A B);
tuple!(A B C);
tuple!(A B C D);
tuple!(A B C D E F G H);

macro_rules! enums { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )* }
)*) => { $(
    impl IntoJs for core::$name {
        fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
            self.as_str().into_unknown(env)
        }
    }

    impl FromJs for core::$name {
        fn from_js(field: &str, values: &Array, index: u32) -> Result<Self> {
            let word = String::from_js(field, values, index)?;
            Self::from_word(&word).ok_or_else(|| refused(field, "is not one of the known words"))
        }
    }
)* } }
core::boundary_enums!(enums);

macro_rules! records { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* }
)*) => { $(
    impl IntoJs for core::$name {
        fn into_js(self, env: &Env) -> Result<Unknown<'_>> {
            let core::$name { $($field),* } = self;
            let values = [$($field.into_js(env)?),*];
            let mut array = env.create_array(values.len() as u32)?;
            for (index, value) in values.into_iter().enumerate() {
                array.set(index as u32, value)?;
            }
            array.into_unknown(env)
        }
    }
)* } }
core::boundary_records!(records);

/// What every required value is read with.
fn required<T: FromNapiValue>(field: &str, values: &Array, index: u32) -> Result<T> {
    values.get(index)?.ok_or_else(|| refused(field, "is missing"))
}

impl FromJs for String {
    fn from_js(field: &str, values: &Array, index: u32) -> Result<Self> {
        required(field, values, index)
    }
}

impl FromJs for u32 {
    fn from_js(field: &str, values: &Array, index: u32) -> Result<Self> {
        required(field, values, index)
    }
}

impl FromJs for Dzd {
    fn from_js(field: &str, values: &Array, index: u32) -> Result<Self> {
        let text = String::from_js(field, values, index)?;
        text.parse().map_err(|_| refused(field, "has more digits than an exact amount can have"))
    }
}

impl FromJs for Timestamp {
    fn from_js(field: &str, values: &Array, index: u32) -> Result<Self> {
        let milliseconds: i64 = required(field, values, index)?;
        Self::from_timestamp_millis(milliseconds).ok_or_else(|| refused(field, "is out of range"))
    }
}

/// Absent values come as `null`.
impl<T: FromJs> FromJs for Option<T> {
    fn from_js(field: &str, values: &Array, index: u32) -> Result<Self> {
        match values.get::<Option<Unknown>>(index)?.flatten() {
            Some(_) => T::from_js(field, values, index).map(Some),
            None => Ok(None),
        }
    }
}

/// A whole request, read from the array that stands for it.
pub(crate) trait Request: Sized {
    fn read(values: &Array) -> Result<Self>;
}

macro_rules! requests { ($(
    $(#[$meta:meta])* $name:ident {
        required { $( $(#[$required_meta:meta])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[$optional_meta:meta])* $optional:ident: $optional_type:ty, )* }
    }
)*) => { $(
    impl Request for core::$name {
        fn read(values: &Array) -> Result<Self> {
            let mut index = 0..;
            let mut next = move || index.next().unwrap_or_default();
            Ok(Self {
                $( $required: FromJs::from_js(stringify!($required), values, next())?, )*
                $( $optional: FromJs::from_js(stringify!($optional), values, next())?, )*
            })
        }
    }
)* } }
core::boundary_requests!(requests);
