//! Who may know whom inside the engine. Reads the `use crate::` lines; an edge that is not listed here is forbidden.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Known to all, knowing only each other.
const LEAVES: &[&str] = &["error", "models", "money", "number", "secret", "text"];

/// What each layer may use beside the leaves and itself.
const MAY_USE: &[(&str, &[&str])] = &[
    ("client", &["config", "delivery", "journal", "orders", "runtime", "service", "transport", "vault"]),
    // The builder makes the client; nothing else here does.
    ("config", &["client", "delivery", "journal", "runtime", "tls", "vault"]),
    ("service", &["audit", "config", "delivery", "journal", "orders", "runtime", "transport"]),
    ("orders", &["audit", "config", "journal", "runtime", "transport", "vault"]),
    ("transport", &["config", "connection", "runtime", "tls"]),
    // Orders, and the codes in them, come to it through a trait of its own.
    ("delivery", &["audit", "connection", "journal", "runtime", "tls"]),
    ("connection", &[]),
    ("tls", &[]),
    // Knows nothing of the vault: what it keeps is sealed before it comes and opened after it goes.
    ("journal", &["audit", "runtime"]),
    ("vault", &["runtime"]),
    // What an entry is and how entries hold together; where they are kept is the journal's affair.
    ("audit", &[]),
    ("runtime", &[]),
    ("fuzzing", &["transport", "vault"]),
    ("error", &[]),
    ("models", &[]),
    ("money", &[]),
    ("number", &[]),
    ("secret", &[]),
    ("text", &[]),
];

fn sources() -> Vec<(String, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src");
    let mut found = Vec::new();
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let inside = path.strip_prefix(&root).expect("inside").with_extension("");
                let layer =
                    inside.components().next().expect("a name").as_os_str().to_string_lossy().into_owned();
                found.push((layer, path));
            }
        }
    }
    found
}

/// The layers that a file names after `crate::`.
fn layers_used(text: &str) -> BTreeSet<&str> {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '_';
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.match_indices("crate::").map(move |(at, found)| &line[at + found.len()..]))
        .map(|rest| &rest[..rest.find(|c| !is_name(c)).unwrap_or(rest.len())])
        .filter(|name| MAY_USE.iter().any(|(layer, _)| layer == name))
        .collect()
}

#[test]
fn layers_point_strictly_down() {
    let sources = sources();
    assert!(sources.len() > 30, "the engine's sources are where they are looked for");
    for (layer, path) in sources.iter().filter(|(layer, _)| layer != "lib") {
        let (_, allowed) = MAY_USE.iter().find(|(name, _)| name == layer).unwrap_or_else(|| {
            panic!("the layer `{layer}` is new: say in this file whom it may know");
        });
        let text = fs::read_to_string(path).expect("a source file");
        for used in layers_used(&text) {
            let is_allowed = used == layer || LEAVES.contains(&used) || allowed.contains(&used);
            assert!(is_allowed, "{} uses crate::{used}, which {layer} may not know", path.display());
        }
    }
}

#[test]
fn the_state_machine_is_pure() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/src/orders/state.rs");
    let text = fs::read_to_string(path).expect("the state machine");
    for impure in ["async ", "tokio", "std::time", "chrono", "Timestamp", "std::fs", "std::sync"] {
        assert!(!text.contains(impure), "orders/state.rs holds `{impure}`");
    }
}

#[test]
fn time_and_chance_come_from_the_runtime_alone() {
    for (layer, path) in sources().iter().filter(|(layer, _)| layer != "runtime") {
        let text = fs::read_to_string(path).expect("a source file");
        for asked in ["SystemTime::now", "Instant::now", "Utc::now", "getrandom", "tokio::time::"] {
            assert!(!text.contains(asked), "{} in {layer} asks the machine for `{asked}`", path.display());
        }
    }
}

#[test]
fn the_engine_knows_no_binding() {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/Cargo.toml");
    let text = fs::read_to_string(manifest).expect("the manifest");
    for binding in ["pyo3", "napi", "uniffi", "jni", "ext-php"] {
        assert!(!text.contains(binding), "core depends on {binding}");
    }
}
