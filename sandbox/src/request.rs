//! Reading requests strictly: bodies, numbers, queries. Whatever the documentation does not name is refused.

use std::collections::BTreeMap;

use percent_encoding::percent_decode_str;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use crate::auth::Key;
use crate::clock::Millis;
use crate::envelope::ApiError;
use crate::state::Environment;

/// One call, after the key was checked.
pub(crate) struct Call<'a> {
    pub(crate) environment: Environment,
    /// Absent on `ping` alone.
    pub(crate) key: Option<&'static Key>,
    /// The last segment of the path, decoded: an identifier or a reference.
    pub(crate) segment: String,
    pub(crate) query: Query,
    pub(crate) content_type: Option<&'a str>,
    pub(crate) body: &'a [u8],
    /// The header `X-Sandbox-Intent`.
    pub(crate) intent: Option<&'a str>,
    /// How long a new order stays hidden (fault `late_visibility`).
    pub(crate) hidden_for: Millis,
}

impl Call<'_> {
    /// The body as an object that has no other keys than `allowed`.
    pub(crate) fn fields(&self, allowed: &[&str], naming: Naming) -> Result<Fields<'_>, ApiError> {
        let is_json = self.content_type.is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
        });
        if !is_json {
            return Err(ApiError::validation("body", "Content-Type must be application/json", None));
        }
        Fields::read(self.body, allowed, naming)
    }
}

/// How a refused field is named in the error.
#[derive(Clone, Copy)]
pub(crate) enum Naming {
    /// In `details`.
    Details,
    /// In the message, with this path in front, as the payment links do.
    Path(&'static str),
}

/// The members of a JSON object, each still in its exact text.
pub(crate) struct Fields<'a> {
    members: BTreeMap<String, &'a RawValue>,
    naming: Naming,
}

impl<'a> Fields<'a> {
    fn read(body: &'a [u8], allowed: &[&str], naming: Naming) -> Result<Fields<'a>, ApiError> {
        let Ok(members) = serde_json::from_slice::<BTreeMap<String, &RawValue>>(body) else {
            return Err(match naming {
                Naming::Details => ApiError::validation("body", "Body must be a JSON object", None),
                Naming::Path(path) => path_error(path, "must be object"),
            });
        };
        let fields = Fields { members, naming };
        match fields.members.keys().find(|key| !allowed.contains(&key.as_str())) {
            Some(unknown) => Err(fields.error(unknown, "must NOT have additional properties")),
            None => Ok(fields),
        }
    }

    /// `ERR_VALIDATION` about one field.
    pub(crate) fn error(&self, field: &str, text: &str) -> ApiError {
        match self.naming {
            Naming::Details => {
                let value = self.members.get(field).map(|raw| raw.get().to_owned());
                let text =
                    if text.starts_with("must ") { format!("{field} {text}") } else { text.to_owned() };
                ApiError::validation(field, text, value)
            }
            Naming::Path(path) => path_error(&format!("{path}/{field}"), text),
        }
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.members.contains_key(field)
    }

    /// A text that may be missing; empty text is refused.
    pub(crate) fn optional_text(&self, field: &str, max: usize) -> Result<Option<String>, ApiError> {
        let Some(raw) = self.members.get(field) else {
            return Ok(None);
        };
        let Ok(text) = serde_json::from_str::<String>(raw.get()) else {
            return Err(self.error(field, "must be string"));
        };
        if text.chars().count() > max {
            return Err(self.error(field, &format!("must NOT have more than {max} characters")));
        }
        Ok(Some(text))
    }

    pub(crate) fn text(&self, field: &str, max: usize) -> Result<String, ApiError> {
        match self.optional_text(field, max)? {
            None => Err(self.error(field, "must be present")),
            Some(text) if text.is_empty() => Err(self.error(field, "must NOT have fewer than 1 characters")),
            Some(text) => Ok(text),
        }
    }

    /// A reference: optional, but not empty. The documentation gives no length limit here.
    pub(crate) fn reference(&self) -> Result<Option<String>, ApiError> {
        match self.optional_text("ref", usize::MAX)? {
            Some(text) if text.is_empty() => Err(self.error("ref", "must NOT have fewer than 1 characters")),
            reference => Ok(reference),
        }
    }

    /// A whole number that may be missing. `500` and `500.0` are whole, `"500"` is not a number.
    pub(crate) fn optional_whole(&self, field: &str) -> Result<Option<Decimal>, ApiError> {
        let Some(raw) = self.members.get(field) else {
            return Ok(None);
        };
        let text = raw.get();
        if !text.starts_with(|first: char| first == '-' || first.is_ascii_digit()) {
            return Err(self.error(field, "must be number"));
        }
        let parsed = Decimal::from_str_exact(text).or_else(|_| Decimal::from_scientific(text));
        match parsed {
            Ok(value) if value.fract().is_zero() => Ok(Some(value.normalize())),
            Ok(_) => Err(self.error(field, "must be a whole number")),
            Err(_) => Err(self.error(field, "must be a number of a sensible size")),
        }
    }

    pub(crate) fn whole(&self, field: &str) -> Result<Decimal, ApiError> {
        self.optional_whole(field)?.ok_or_else(|| self.error(field, "must be present"))
    }

    /// An object inside this one.
    pub(crate) fn object(
        &self,
        field: &str,
        allowed: &[&str],
        naming: Naming,
    ) -> Result<Fields<'a>, ApiError> {
        match self.members.get(field) {
            None => Err(self.error(field, "must be present")),
            Some(raw) => Fields::read(raw.get().as_bytes(), allowed, naming),
        }
    }
}

fn path_error(path: &str, text: &str) -> ApiError {
    ApiError::new(400, "ERR_VALIDATION", format!("{path} {text}"))
}

/// The parameters behind the question mark, decoded.
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    pub(crate) fn parse(text: Option<&str>) -> Query {
        let decode =
            |part: &str| percent_decode_str(&part.replace('+', " ")).decode_utf8_lossy().into_owned();
        let pairs = text.unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        Query(
            pairs
                .map(|pair| {
                    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
                    (decode(key), decode(value))
                })
                .collect(),
        )
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str())
    }

    /// A refusal of one parameter.
    pub(crate) fn error(&self, key: &str, text: impl Into<String>) -> ApiError {
        let value = self.get(key).and_then(|value| serde_json::to_string(value).ok());
        ApiError::validation(key, text, value)
    }
}

/// Only ASCII digits, exactly this many.
pub(crate) fn digits(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())
}
