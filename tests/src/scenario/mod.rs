//! The Rust driver of `tests/scenarios` (its README describes the format).

mod driver;
mod matching;
mod service;
mod values;
mod verbs;

use std::path::PathBuf;

use serde::Deserialize;
use serde_json::{Map, Value};

pub use driver::play;
pub use service::Service;

/// One file of `tests/scenarios`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The file's name without its ending.
    pub name: String,
    /// What a user would notice.
    pub about: String,
    /// The options of the client that steps use when they name none.
    #[serde(default)]
    pub client: Map<String, Value>,
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

/// One step: a call of a client, or of the service's control interface.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// The call, such as `mobile.send`.
    #[serde(default)]
    pub r#do: Option<String>,
    /// A call of the control interface, such as `PUT faults`.
    #[serde(default)]
    pub control: Option<String>,
    /// The control call's body.
    #[serde(default)]
    pub body: Value,
    /// The call's arguments by name.
    #[serde(default)]
    pub with: Map<String, Value>,
    /// Which client calls.
    #[serde(default = "main_client")]
    pub client: String,
    /// Keeps the result, for `$name.path` in later steps.
    #[serde(default)]
    pub r#as: Option<String>,
    /// What the result must hold, or `{"error": {...}}`.
    #[serde(default)]
    pub expect: Option<Value>,
}

fn main_client() -> String {
    "main".to_owned()
}

/// Where the scenarios are.
pub fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

/// All scenarios, by name.
///
/// # Panics
/// When one cannot be read.
pub fn all() -> Vec<Scenario> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder())
        .expect("the scenarios")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .filter(|path| path.file_stem().is_some_and(|stem| stem != "unforced_errors"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let text = std::fs::read_to_string(path).expect("a scenario");
            let scenario: Scenario = serde_json::from_str(&text)
                .unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
            assert!(
                path.file_stem().is_some_and(|stem| stem == scenario.name.as_str()),
                "{}",
                path.display()
            );
            scenario
        })
        .collect()
}
