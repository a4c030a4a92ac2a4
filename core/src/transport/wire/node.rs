//! A value of the service's JSON, read only where it is asked for (docs/adr/0005).
//!
//! Objects are opened one level at a time and keep their numbers as the text that was sent: money never passes through
//! a binary float, an unexpected type of a field that nobody needs costs nothing, and both spellings of a field may be
//! present at once.

use std::borrow::Cow;
use std::fmt;

use rust_decimal::Decimal;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::models::Timestamp;
use crate::money::{Dzd, exact_decimal};

/// One JSON value, not yet read.
#[derive(Clone, Copy)]
pub(crate) struct Node<'a>(&'a RawValue);

/// The fields of one object, not yet read.
pub(crate) struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

/// A part of an answer that cannot do without, and is not there or of another type.
#[derive(Debug)]
pub(crate) struct Malformed {
    pub(crate) path: String,
    pub(crate) expected: &'static str,
}

impl Malformed {
    pub(crate) fn new(path: impl Into<String>, expected: &'static str) -> Self {
        Self { path: path.into(), expected }
    }

    /// The same, seen from one level further out.
    pub(crate) fn within(self, outer: impl fmt::Display) -> Self {
        Self { path: format!("{outer}.{}", self.path), ..self }
    }
}

impl<'a> Node<'a> {
    pub(crate) fn object(self) -> Option<Fields<'a>> {
        serde_json::from_str(self.0.get()).ok()
    }

    pub(crate) fn list(self) -> Option<Vec<Node<'a>>> {
        let items: Vec<&'a RawValue> = serde_json::from_str(self.0.get()).ok()?;
        Some(items.into_iter().map(Node).collect())
    }

    fn is_null(self) -> bool {
        self.0.get() == "null"
    }

    /// A string, or the text of a number: an id is an id however it is written.
    pub(crate) fn text(self) -> Option<String> {
        let raw = self.0.get();
        match raw.as_bytes().first()? {
            b'"' => serde_json::from_str(raw).ok(),
            b'-' | b'0'..=b'9' => Some(raw.to_owned()),
            _ => None,
        }
    }

    fn decimal(self) -> Option<Decimal> {
        exact_decimal(self.text()?.trim())
    }

    fn count(self) -> Option<u32> {
        let number = self.decimal()?;
        number.fract().is_zero().then(|| u32::try_from(number.trunc()).ok()).flatten()
    }

    fn flag(self) -> Option<bool> {
        match self.0.get() {
            "true" | "1" | "\"true\"" => Some(true),
            "false" | "0" | "\"false\"" => Some(false),
            _ => None,
        }
    }
}

impl<'a> Fields<'a> {
    /// A whole body. A byte-order mark in front of it is passed over.
    pub(crate) fn parse(body: &'a [u8]) -> Option<Self> {
        let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
        serde_json::from_str(std::str::from_utf8(body).ok()?).ok()
    }

    /// The first of these fields that is there and not null. Name the preferred spelling first.
    pub(crate) fn node(&self, names: &[&str]) -> Option<Node<'a>> {
        names.iter().find_map(|wanted| {
            let (_, raw) = self.0.iter().find(|(name, _)| name == wanted)?;
            let node = Node(raw);
            (!node.is_null()).then_some(node)
        })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_ref())
    }

    /// Every field with its name.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (&str, Node<'a>)> {
        self.0.iter().map(|(name, raw)| (name.as_ref(), Node(raw)))
    }

    pub(crate) fn text(&self, names: &[&str]) -> Option<String> {
        self.node(names)?.text()
    }

    /// A text that the caller cannot do without.
    pub(crate) fn needed_text(&self, names: &[&'static str]) -> Result<String, Malformed> {
        self.text(names).filter(|text| !text.is_empty()).ok_or_else(|| Malformed::new(names[0], "a text"))
    }

    pub(crate) fn amount(&self, names: &[&str]) -> Option<Dzd> {
        self.decimal(names).map(Dzd::from)
    }

    pub(crate) fn decimal(&self, names: &[&str]) -> Option<Decimal> {
        self.node(names)?.decimal()
    }

    pub(crate) fn count(&self, names: &[&str]) -> Option<u32> {
        self.node(names)?.count()
    }

    pub(crate) fn flag(&self, names: &[&str]) -> Option<bool> {
        self.node(names)?.flag()
    }

    /// An ISO 8601 instant, with or without milliseconds.
    pub(crate) fn time(&self, names: &[&str]) -> Option<Timestamp> {
        Some(chrono::DateTime::parse_from_rfc3339(self.text(names)?.trim()).ok()?.to_utc())
    }

    pub(crate) fn object(&self, names: &[&str]) -> Option<Fields<'a>> {
        self.node(names)?.object()
    }

    /// The objects of a list; a missing list is an empty one, what is not an object is passed over.
    pub(crate) fn objects(&self, names: &[&str]) -> Vec<Fields<'a>> {
        let items = self.node(names).and_then(Node::list).unwrap_or_default();
        items.into_iter().filter_map(Node::object).collect()
    }

    pub(crate) fn texts(&self, names: &[&str]) -> Vec<String> {
        let items = self.node(names).and_then(Node::list).unwrap_or_default();
        items.into_iter().filter_map(Node::text).collect()
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Collect;

        impl<'de> Visitor<'de> for Collect {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Vec::with_capacity(12);
                while let Some(Name(name)) = map.next_key()? {
                    fields.push((name, map.next_value()?));
                }
                Ok(Fields(fields))
            }
        }

        deserializer.deserialize_map(Collect)
    }
}

/// A field's name, borrowed where it has no escapes (a plain `Cow` always copies).
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Borrow;

        impl<'de> Visitor<'de> for Borrow {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_str<E>(self, name: &str) -> Result<Name<'de>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }

        deserializer.deserialize_str(Borrow)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(text: &str) -> Fields<'_> {
        Fields::parse(text.as_bytes()).expect("an object")
    }

    #[test]
    fn money_is_read_from_the_text_of_the_number() {
        let read = |text| fields(text).amount(&["a"]).map(|amount| amount.to_string());
        assert_eq!(read(r#"{"a": 826.13}"#).as_deref(), Some("826.13"));
        assert_eq!(read(r#"{"a": "826.13"}"#).as_deref(), Some("826.13"));
        assert_eq!(read(r#"{"a": 9007199254740993}"#).as_deref(), Some("9007199254740993"));
        assert_eq!(
            read(r#"{"a": 0.1000000000000000055511151231}"#).as_deref(),
            Some("0.1000000000000000055511151231")
        );
        assert_eq!(read(r#"{"a": {"b": 1}}"#), None);
    }

    #[test]
    fn the_preferred_spelling_wins_and_null_counts_as_absent() {
        let both = fields(r#"{"planCode": "camel", "plan_code": "snake"}"#);
        assert_eq!(both.text(&["plan_code", "planCode"]).as_deref(), Some("snake"));
        let null = fields(r#"{"plan_code": null, "planCode": "camel"}"#);
        assert_eq!(null.text(&["plan_code", "planCode"]).as_deref(), Some("camel"));
    }

    #[test]
    fn unexpected_types_are_absent() {
        let odd = fields(r#"{"a": [1], "b": {"c": 1}, "t": "yesterday", "n": -1, "f": "maybe"}"#);
        assert!(odd.text(&["a"]).is_none() && odd.amount(&["b"]).is_none() && odd.time(&["t"]).is_none());
        assert!(odd.count(&["n"]).is_none() && odd.flag(&["f"]).is_none() && odd.objects(&["b"]).is_empty());
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
            if let Some(fields) = Fields::parse(&body) {
                let _ = (fields.text(&["a"]), fields.amount(&["a"]), fields.time(&["a"]), fields.objects(&["a"]));
            }
        }
    }
}
