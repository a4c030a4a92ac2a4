//! What crosses: plain values, made into JavaScript's own and read from them in one place each.

use napi::bindgen_prelude::{Array, FromNapiValue, Null, ToNapiValue, Unknown};
use napi::{Env, Status, ValueType};

/// A value on its way between the engine and JavaScript. A record is the list of its fields, in the order of the table.
pub(crate) enum Value {
    Nothing,
    Truth(bool),
    Number(f64),
    Word(&'static str),
    Text(String),
    List(Vec<Value>),
}

/// A value that the engine's own type refuses, and why. The JavaScript side makes a `ValidationError` of it.
#[derive(Debug)]
pub(crate) struct Refused(String);

pub(crate) fn refused(field: &str, rule: impl std::fmt::Display) -> Refused {
    Refused(format!("{}\n{rule}", field.trim_start_matches("r#")))
}

impl From<Refused> for napi::Error {
    fn from(Refused(text): Refused) -> Self {
        Self::new(Status::InvalidArg, text)
    }
}

impl Value {
    /// The value as JavaScript's.
    pub(crate) fn made(self, env: &Env) -> napi::Result<Unknown<'_>> {
        match self {
            Self::Nothing => Null.into_unknown(env),
            Self::Truth(truth) => truth.into_unknown(env),
            Self::Number(number) => number.into_unknown(env),
            Self::Word(word) => word.into_unknown(env),
            Self::Text(text) => text.into_unknown(env),
            Self::List(values) => made(values, env)?.into_unknown(env),
        }
    }

    /// A value of JavaScript's. What has no form here is nothing: `lib/check.cjs` lets none through.
    pub(crate) fn read(value: Unknown<'_>) -> napi::Result<Self> {
        Ok(match value.get_type()? {
            ValueType::Boolean => Self::Truth(bool::from_unknown(value)?),
            ValueType::Number => Self::Number(f64::from_unknown(value)?),
            ValueType::String => Self::Text(String::from_unknown(value)?),
            ValueType::Object => Self::List(read(&Array::from_unknown(value)?)?),
            _ => Self::Nothing,
        })
    }
}

/// A list as JavaScript's.
pub(crate) fn made(values: Vec<Value>, env: &Env) -> napi::Result<Array<'_>> {
    let mut array = env.create_array(values.len() as u32)?;
    for (index, value) in values.into_iter().enumerate() {
        array.set(index as u32, value.made(env)?)?;
    }
    Ok(array)
}

/// The values of a list.
pub(crate) fn read(array: &Array<'_>) -> napi::Result<Vec<Value>> {
    let each = |index| array.get::<Unknown>(index)?.map_or(Ok(Value::Nothing), Value::read);
    (0..array.len()).map(each).collect()
}
