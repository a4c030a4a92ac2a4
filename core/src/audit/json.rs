//! An entry as one line of JSON, with everything that its hash covers.

use std::fmt::Write;

use chrono::SecondsFormat;

use crate::models::AuditEntry;

impl AuditEntry {
    /// The entry as one line of JSON, without the line's end. What is absent is left out; `at` has nanoseconds, so that
    /// the chain can be computed again from the lines alone (docs/audit-log.md).
    pub fn to_json_line(&self) -> String {
        let Self { cursor, at, event, r#ref, owner, actor, method, address, agent, reason, detail, hash } =
            self;
        let mut line = format!(
            r#"{{"number":{cursor},"at":"{}","event":"{event}""#,
            at.to_rfc3339_opts(SecondsFormat::Nanos, true)
        );
        let texts = [("ref", r#ref), ("owner", owner), ("actor", actor), ("method", method)];
        let more = [("address", address), ("agent", agent), ("reason", reason), ("detail", detail)];
        for (name, text) in texts.into_iter().chain(more) {
            if let Some(text) = text {
                // Writing to a text does not fail.
                let _ = write!(line, r#","{name}":{}"#, serde_json::Value::from(text.as_str()));
            }
        }
        line.push_str(r#","hash":""#);
        line.push_str(hash);
        line.push_str("\"}");
        line
    }
}
