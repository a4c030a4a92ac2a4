//! The engine's values as JSON and back, through the tables that every binding goes through.

use oneclickdz::{Decimal, Dzd, Error, OrderHandle, SecretText, Timestamp};
use serde_json::{Map, Value, json};

/// A value that comes out.
pub(super) trait Told {
    fn told(&self) -> Value;
}

/// A value that goes in.
pub(super) trait Given: Sized {
    fn given(value: &Value) -> Option<Self>;
}

macro_rules! enums { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )* }
)*) => { $(
    impl Told for oneclickdz::$name {
        fn told(&self) -> Value { self.as_str().into() }
    }
    impl Given for oneclickdz::$name {
        fn given(value: &Value) -> Option<Self> { Self::from_word(value.as_str()?) }
    }
)* } }
oneclickdz::boundary_enums!(enums);

macro_rules! records { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* }
)*) => { $(
    impl Told for oneclickdz::$name {
        fn told(&self) -> Value {
            let mut members = Map::new();
            $( members.insert(plain(stringify!($field)), self.$field.told()); )*
            Value::Object(members)
        }
    }
)* } }
oneclickdz::boundary_records!(records);

macro_rules! requests { ($(
    $(#[$meta:meta])* $name:ident {
        required { $( $(#[$required_meta:meta])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[$optional_meta:meta])* $optional:ident: $optional_type:ty, )* }
    }
)*) => { $(
    impl Given for oneclickdz::$name {
        fn given(value: &Value) -> Option<Self> {
            let _ = value;
            Some(Self {
                $( $required: Given::given(value.get(plain(stringify!($required)))?)?, )*
                $( $optional: Given::given(value.get(plain(stringify!($optional))).unwrap_or(&Value::Null))?, )*
            })
        }
    }
)* } }
oneclickdz::boundary_requests!(requests);

/// A field's name without Rust's mark for names that are also words of the language.
fn plain(name: &str) -> String {
    name.trim_start_matches("r#").to_owned()
}

macro_rules! told_as { ($( $type:ty: |$value:ident| $json:expr; )*) => { $(
    impl Told for $type {
        fn told(&self) -> Value { let $value = self; json!($json) }
    }
)* } }
told_as! {
    String: |text| text;
    bool: |truth| truth;
    u32: |number| number;
    Dzd: |money| money.to_string();
    Decimal: |number| number.normalize().to_string();
    Timestamp: |time| time.to_rfc3339();
    SecretText: |secret| format!("{secret:?}");
}

impl<T: Told> Told for Option<T> {
    fn told(&self) -> Value {
        self.as_ref().map_or(Value::Null, Told::told)
    }
}

impl<T: Told> Told for Vec<T> {
    fn told(&self) -> Value {
        self.iter().map(Told::told).collect()
    }
}

impl Told for () {
    fn told(&self) -> Value {
        Value::Null
    }
}

impl Told for OrderHandle {
    fn told(&self) -> Value {
        self.order().told()
    }
}

impl Told for Error {
    fn told(&self) -> Value {
        json!({
            "code": self.code(),
            "outcome": self.outcome().told(),
            "operation": self.operation(),
            "field": self.field(),
            "http_status": self.http_status(),
            "wire_code": self.wire_code(),
            "ref": self.order_ref(),
            "attempts_left": self.attempts_left(),
            "required": self.required().told(),
            "available": self.available().told(),
            "retry_advice": self.retry_advice().told(),
            "is_retryable": self.is_retryable(),
            "order": self.order().map(Told::told),
        })
    }
}

impl Given for String {
    fn given(value: &Value) -> Option<Self> {
        value.as_str().map(str::to_owned)
    }
}

impl Given for u32 {
    fn given(value: &Value) -> Option<Self> {
        value.as_u64()?.try_into().ok()
    }
}

impl Given for Dzd {
    fn given(value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl Given for Timestamp {
    fn given(value: &Value) -> Option<Self> {
        value.as_str()?.parse().ok()
    }
}

impl<T: Given> Given for Option<T> {
    fn given(value: &Value) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::given(value).map(Some) }
    }
}
