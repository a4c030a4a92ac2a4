//! The payloads of `tests/contract/` as data, and a ledger of what was checked (see the README there).

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The key that the payloads know: `/v3/validate` echoes it.
pub const KEY: &str = "11111111-2222-4333-8444-555555555555";

/// One file of `tests/contract/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// The file's name without its ending: `<family>.<operation>.<case>`.
    #[serde(skip)]
    pub name: String,
    /// Method and path template.
    pub operation: String,
    /// Where the payload comes from.
    pub fidelity: Fidelity,
    /// For people.
    #[serde(default)]
    pub notes: Vec<String>,
    /// What is asked.
    pub request: Asked,
    /// Where this client does otherwise.
    #[serde(default)]
    pub client: OwnWay,
    /// What is answered.
    pub response: Told,
    /// What has to come of it.
    pub expect: Map<String, Value>,
}

/// How close a payload is to the real service.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Fidelity {
    /// As published.
    Documented,
    /// As a caller reported it.
    Observed,
    /// Composed from documented rules.
    Derived,
}

/// A request.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// The method.
    pub method: String,
    /// The path as on the wire.
    pub path: String,
    /// The query, not encoded.
    #[serde(default)]
    pub query: Map<String, Value>,
    /// The body.
    #[serde(default)]
    pub body: Value,
    /// Whether the key is sent.
    pub auth: bool,
}

/// Where and why this client does otherwise than the stated request.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OwnWay {
    /// For people.
    pub why: Option<String>,
    /// How the client has to be set up for this request.
    #[serde(default)]
    pub settings: Map<String, Value>,
    /// What the stated request is refused with before anything is sent.
    pub refuses: Option<Refusal>,
    /// The parts of the request that it sends otherwise.
    #[serde(default)]
    pub sends: Map<String, Value>,
}

/// A refusal before anything is sent.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Refusal {
    /// The kind of error.
    pub kind: String,
    /// The field at fault.
    pub field: String,
    /// The limits of the plan that the refusal follows from.
    #[serde(default)]
    pub when_plan: Map<String, Value>,
}

/// An answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// The HTTP status.
    pub status: u16,
    /// Headers beside those that every answer has.
    #[serde(default)]
    pub headers: Map<String, Value>,
    /// The body, to the letter.
    pub body: Box<RawValue>,
}

impl Case {
    /// The request that this client really sends.
    ///
    /// # Panics
    /// When the data does not fit together.
    pub fn sent(&self) -> Asked {
        let mut sent = self.request.clone();
        for (part, value) in self.client.sends.clone() {
            match (part.as_str(), value) {
                ("path", Value::String(path)) => sent.path = path,
                ("query", Value::Object(query)) => sent.query = query,
                ("body", body) => sent.body = body,
                ("auth", Value::Bool(auth)) => sent.auth = auth,
                (part, value) => panic!("{}: client.sends.{part} cannot be {value}", self.name),
            }
        }
        sent
    }

    /// The body of the answer.
    ///
    /// # Panics
    /// Never: it was read before.
    pub fn response_body(&self) -> Value {
        serde_json::from_str(self.response.body.get()).expect("JSON")
    }

    /// Everything before the first dot of the name.
    pub fn family(&self) -> &str {
        self.name.split('.').next().unwrap_or_default()
    }
}

impl Asked {
    /// The last part of the path, decoded.
    pub fn last_segment(&self) -> String {
        let segment = self.path.rsplit('/').next().unwrap_or_default();
        percent_encoding::percent_decode_str(segment).decode_utf8_lossy().into_owned()
    }
}

/// Where the payloads lie.
pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contract")
}

/// All payloads, by name.
///
/// # Panics
/// When a file is not of the form that the README describes.
pub fn all() -> Vec<Case> {
    let mut cases: Vec<Case> = std::fs::read_dir(folder())
        .expect("tests/contract")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a readable file");
            let mut case: Case =
                serde_json::from_str(&text).unwrap_or_else(|cause| panic!("{}: {cause}", path.display()));
            case.name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
            case
        })
        .collect();
    cases.sort_by(|one, other| one.name.cmp(&other.name));
    cases
}

/// What was expected of one payload, ticked off piece by piece. What nobody asked for in the end is a failure: data
/// cannot state what no code looks at.
pub struct Ledger {
    left: Map<String, Value>,
    failures: Vec<String>,
    checks: usize,
}

impl Ledger {
    /// Everything that is expected.
    pub fn new(expect: Map<String, Value>) -> Self {
        Self { left: expect, failures: Vec::new(), checks: 0 }
    }

    /// Takes one expectation out.
    pub fn take(&mut self, key: &str) -> Option<Value> {
        self.left.remove(key)
    }

    /// Takes one expectation out that is an object.
    pub fn take_map(&mut self, key: &str) -> Map<String, Value> {
        match self.take(key) {
            None => Map::new(),
            Some(Value::Object(map)) => map,
            Some(other) => {
                self.failures.push(format!("`{key}` cannot be {other}"));
                Map::new()
            }
        }
    }

    /// Takes one expectation out that is a list of texts.
    pub fn take_texts(&mut self, key: &str) -> Vec<String> {
        let listed = self.take(key).and_then(|value| value.as_array().cloned()).unwrap_or_default();
        listed.iter().filter_map(Value::as_str).map(str::to_owned).collect()
    }

    /// Notes whether something holds.
    pub fn that(&mut self, what: &str, holds: bool) {
        self.checks += 1;
        if !holds {
            self.failures.push(format!("does not hold: {what}"));
        }
    }

    /// Notes whether two things are the same.
    pub fn same<T: PartialEq + Debug>(&mut self, what: &str, found: T, wanted: T) {
        self.checks += 1;
        if found != wanted {
            self.failures.push(format!("{what}: found {found:?}, expected {wanted:?}"));
        }
    }

    /// How many checks were made, or everything that failed.
    ///
    /// # Errors
    /// The failures, in order; an expectation that was never taken is one.
    pub fn close(mut self) -> Result<usize, Vec<String>> {
        for key in self.left.keys() {
            self.failures.push(format!("`{key}` is expected and nothing checks it"));
        }
        if self.checks == 0 {
            self.failures.push("nothing was checked".to_owned());
        }
        if self.failures.is_empty() { Ok(self.checks) } else { Err(self.failures) }
    }
}
