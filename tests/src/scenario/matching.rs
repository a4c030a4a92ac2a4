//! Whether a result holds what a scenario expects of it.

use serde_json::Value;

/// Every member that is expected must be there; `"*"` is anything but null; null is also what is absent. Lists must
/// have the expected length. The first difference, in words.
pub(super) fn difference(at: &str, expected: &Value, actual: &Value) -> Option<String> {
    match (expected, actual) {
        (Value::String(any), actual) if any == "*" => {
            actual.is_null().then(|| format!("{at} is null, not anything"))
        }
        (Value::Object(expected), Value::Object(actual)) => expected.iter().find_map(|(name, value)| {
            let found = actual.get(name).unwrap_or(&Value::Null);
            difference(&format!("{at}.{name}"), value, found)
        }),
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => expected
            .iter()
            .zip(actual)
            .enumerate()
            .find_map(|(place, (value, found))| difference(&format!("{at}[{place}]"), value, found)),
        (expected, actual) if expected == actual => None,
        (expected, actual) => Some(format!("{at} is {actual}, not {expected}")),
    }
}

/// Replaces `"$name.path"` by what was kept under that name.
pub(super) fn filled(value: &Value, kept: &Value) -> Value {
    match value {
        Value::String(text) if text.starts_with('$') => {
            let pointer = format!("/{}", text[1..].replace('.', "/"));
            kept.pointer(&pointer).unwrap_or_else(|| panic!("nothing is kept as {text}")).clone()
        }
        Value::Array(values) => values.iter().map(|value| filled(value, kept)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), filled(value, kept))).collect()
        }
        other => other.clone(),
    }
}
