//! Every record of the engine as plain JSON, so that data can say what is expected of it.
//!
//! Expanded from the engine's own tables, as a binding would: a field added there shows up here by itself.

use chrono::SecondsFormat;
use oneclickdz::{Decimal, Dzd, SecretText, Timestamp};
use serde_json::{Map, Value};

/// Something that can be shown as JSON: money, decimals and instants as text, secrets as they print.
pub trait Portrait {
    /// The JSON.
    fn draw(&self) -> Value;

    /// Adds the secrets inside, exposed on purpose.
    fn secrets(&self, _found: &mut Vec<String>) {}
}

macro_rules! draw_as { ($( $type:ty: $this:ident => $text:expr; )*) => { $(
    impl Portrait for $type {
        fn draw(&self) -> Value {
            let $this = self;
            Value::from($text)
        }
    }
)* } }

draw_as! {
    String: text => text.as_str();
    bool: flag => *flag;
    u32: count => *count;
    Dzd: amount => amount.to_string();
    Decimal: number => number.to_string();
    Timestamp: instant => instant.to_rfc3339_opts(SecondsFormat::AutoSi, true);
}

impl Portrait for SecretText {
    fn draw(&self) -> Value {
        Value::from(self.to_string())
    }

    fn secrets(&self, found: &mut Vec<String>) {
        found.push(self.expose().clone());
    }
}

impl<T: Portrait> Portrait for Option<T> {
    fn draw(&self) -> Value {
        self.as_ref().map_or(Value::Null, Portrait::draw)
    }

    fn secrets(&self, found: &mut Vec<String>) {
        self.iter().for_each(|inner| inner.secrets(found));
    }
}

impl<T: Portrait> Portrait for Vec<T> {
    fn draw(&self) -> Value {
        self.iter().map(Portrait::draw).collect()
    }

    fn secrets(&self, found: &mut Vec<String>) {
        self.iter().for_each(|inner| inner.secrets(found));
    }
}

macro_rules! draw_enums { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )* }
)*) => { $(
    impl Portrait for oneclickdz::$name {
        fn draw(&self) -> Value {
            Value::from(self.as_str())
        }
    }
)* } }

oneclickdz::boundary_enums!(draw_enums);

macro_rules! draw_records { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* }
)*) => { $(
    impl Portrait for oneclickdz::$name {
        fn draw(&self) -> Value {
            let mut fields = Map::new();
            $( fields.insert(stringify!($field).trim_start_matches("r#").to_owned(), self.$field.draw()); )*
            Value::Object(fields)
        }

        fn secrets(&self, found: &mut Vec<String>) {
            $( self.$field.secrets(found); )*
        }
    }
)* } }

oneclickdz::boundary_records!(draw_records);

/// The value at a dotted path: a field, an index, `length`, or the element of a list that goes by this `code` or
/// `operator`. Nothing when there is none or it is null.
pub fn find(portrait: &Value, path: &str) -> Option<Value> {
    let found = path.split('.').try_fold(portrait.clone(), |value, step| match &value {
        Value::Object(fields) => fields.get(step).cloned(),
        Value::Array(items) if step == "length" => Some(Value::from(items.len())),
        Value::Array(items) => match step.parse::<usize>() {
            Ok(index) => items.get(index).cloned(),
            Err(_) => items.iter().find(|item| item["code"] == step || item["operator"] == step).cloned(),
        },
        _ => None,
    })?;
    (!found.is_null()).then_some(found)
}
