//! A small JSON tree for answers. `serde_json::Value` would carry amounts as binary floats; here a decimal keeps
//! its exact text (PROTOCOL §3).

use std::borrow::Cow;

use rust_decimal::Decimal;

/// One JSON value.
#[derive(Clone, Debug)]
pub(crate) enum Json {
    Null,
    Bool(bool),
    Int(u64),
    Money(Decimal),
    Text(Cow<'static, str>),
    List(Vec<Json>),
    Object(Vec<(Cow<'static, str>, Json)>),
    /// JSON text taken over as it is, for instance a value of the request that an error quotes.
    Raw(String),
}

impl Json {
    pub(crate) fn object<const N: usize>(members: [(&'static str, Json); N]) -> Json {
        Json::Object(members.into_iter().map(|(key, value)| (Cow::Borrowed(key), value)).collect())
    }

    /// Adds a member to an object; any other value stays as it is.
    pub(crate) fn push(&mut self, key: &'static str, value: impl Into<Json>) {
        if let Json::Object(members) = self {
            members.push((Cow::Borrowed(key), value.into()));
        }
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(256);
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut Vec<u8>) {
        match self {
            Json::Null => out.extend_from_slice(b"null"),
            Json::Bool(true) => out.extend_from_slice(b"true"),
            Json::Bool(false) => out.extend_from_slice(b"false"),
            Json::Int(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Json::Money(value) => out.extend_from_slice(value.normalize().to_string().as_bytes()),
            Json::Text(text) => write_text(text, out),
            Json::Raw(text) => out.extend_from_slice(text.as_bytes()),
            Json::List(items) => {
                out.push(b'[');
                for (position, item) in items.iter().enumerate() {
                    if position > 0 {
                        out.push(b',');
                    }
                    item.write(out);
                }
                out.push(b']');
            }
            Json::Object(members) => {
                out.push(b'{');
                for (position, (key, value)) in members.iter().enumerate() {
                    if position > 0 {
                        out.push(b',');
                    }
                    write_text(key, out);
                    out.push(b':');
                    value.write(out);
                }
                out.push(b'}');
            }
        }
    }
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    let plain = text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    out.push(b'"');
    if plain {
        out.extend_from_slice(text.as_bytes());
    } else {
        for character in text.chars() {
            match character {
                '"' => out.extend_from_slice(b"\\\""),
                '\\' => out.extend_from_slice(b"\\\\"),
                '\n' => out.extend_from_slice(b"\\n"),
                '\r' => out.extend_from_slice(b"\\r"),
                '\t' => out.extend_from_slice(b"\\t"),
                control if (control as u32) < 0x20 => {
                    out.extend_from_slice(format!("\\u{:04x}", control as u32).as_bytes());
                }
                other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
            }
        }
    }
    out.push(b'"');
}

impl From<bool> for Json {
    fn from(value: bool) -> Json {
        Json::Bool(value)
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Json {
        Json::Int(value)
    }
}

impl From<usize> for Json {
    fn from(value: usize) -> Json {
        Json::Int(value as u64)
    }
}

impl From<u32> for Json {
    fn from(value: u32) -> Json {
        Json::Int(u64::from(value))
    }
}

impl From<Decimal> for Json {
    fn from(value: Decimal) -> Json {
        Json::Money(value)
    }
}

impl From<&'static str> for Json {
    fn from(value: &'static str) -> Json {
        Json::Text(Cow::Borrowed(value))
    }
}

impl From<String> for Json {
    fn from(value: String) -> Json {
        Json::Text(Cow::Owned(value))
    }
}

impl<T: Into<Json>> From<Option<T>> for Json {
    fn from(value: Option<T>) -> Json {
        value.map_or(Json::Null, Into::into)
    }
}

impl<T: Into<Json>> From<Vec<T>> for Json {
    fn from(items: Vec<T>) -> Json {
        Json::List(items.into_iter().map(Into::into).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn money_keeps_its_exact_text_and_text_is_escaped() {
        let json = Json::object([
            ("balance", "826.13".parse::<Decimal>().unwrap().into()),
            ("whole", "490.0000".parse::<Decimal>().unwrap().into()),
            ("text", Json::from("a\"b\\\n\u{1}ع".to_owned())),
            ("none", Json::Null),
        ]);
        let text = String::from_utf8(json.to_bytes()).unwrap();
        assert_eq!(text, r#"{"balance":826.13,"whole":490,"text":"a\"b\\\n\u0001ع","none":null}"#);
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }
}
