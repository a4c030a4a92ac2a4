//! Writes the Kotlin half of the border: what uniffi makes of the library, with everything hidden that is not a model,
//! and what only the engine's tables and rules know: words, exceptions, an order's fields.
//!
//! kotlin-bindgen LIBRARY FOLDER

#![allow(clippy::print_stdout, reason = "a program for the command line")]

use std::error::Error;
use std::fmt::Write as _;
use std::path::Path;

use uniffi_bindgen::bindings::{GenerateOptions, TargetLanguage, generate};

mod kotlin;

const PACKAGE: &str = "com/oneclickdz/sdk";

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(library), Some(folder)) = (arguments.next(), arguments.next()) else {
        return Err("kotlin-bindgen LIBRARY FOLDER".into());
    };
    generate(GenerateOptions {
        languages: vec![TargetLanguage::Kotlin],
        source: library.into(),
        out_dir: folder.as_str().into(),
        config_override: None,
        format: false,
        crate_filter: None,
        metadata_no_deps: true,
    })?;
    let folder = Path::new(&folder).join(PACKAGE);
    let border = folder.join("oneclickdz.kt");
    let text = std::fs::read_to_string(&border)?;
    std::fs::write(&border, hidden(&without_futures(&text)))?;
    for (name, text) in [
        ("Words.kt", kotlin::words()),
        ("OneClickDzException.kt", kotlin::exceptions()),
        ("Fields.kt", kotlin::fields()),
        ("Texts.kt", kotlin::texts()),
    ] {
        let mut whole = String::from("// Written by tools/bindgen.rs from the engine's tables.\n");
        write!(
            whole,
            "@file:Suppress(\"RedundantVisibilityModifier\")\n\npackage com.oneclickdz.sdk\n\n{text}"
        )?;
        std::fs::write(folder.join(name), whole)?;
    }
    println!("{}", folder.display());
    Ok(())
}

/// The names that stand for a type of the JVM; people should see that type.
const STAND_INS: [(&str, &str); 4] = [
    ("Dzd", "BigDecimal"),
    ("Decimal", "BigDecimal"),
    ("Timestamp", "java.time.Instant"),
    ("SecretText", "Secret"),
];

/// The border without uniffi's own futures. No call of ours gives one, and `tools/kotlin-link.sh` leaves them out of what
/// people install; on the JVM a class whose natives are not all there cannot be used.
fn without_futures(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.contains("external fun ffi_") && line.contains("_rust_future_") {
            // The declaration's second line, which closes it.
            lines.next();
        } else {
            kept.push_str(line);
            kept.push('\n');
        }
    }
    kept
}

/// The border with everything hidden but the models.
fn hidden(text: &str) -> String {
    let models = kotlin::models();
    let lines = text.lines().filter(|line| {
        !STAND_INS.iter().any(|(name, _)| line.starts_with(&format!("public typealias {name} ")))
    });
    let lines = lines.map(|line| {
        let line = stand_ins_replaced(&STAND_INS.iter().fold(line.to_owned(), |line, (name, _)| {
            line.replace(&format!("com.oneclickdz.sdk.{name}"), name)
        }));
        match declared(&line) {
            Some(name) if !models.iter().any(|model| *model == name) => {
                format!("internal {}", line.strip_prefix("public ").unwrap_or(&line))
            }
            // A function stands behind the end of its comment.
            _ => line.replace("fun `border", "internal fun `border"),
        }
    });
    let mut hidden = lines.collect::<Vec<_>>().join("\n");
    hidden.push('\n');
    hidden
}

/// The name that a line declares for the whole file, unless it is hidden already.
fn declared(line: &str) -> Option<String> {
    const MODIFIERS: [&str; 7] = ["public", "data", "open", "sealed", "enum", "abstract", "inline"];
    const KEYWORDS: [&str; 7] = ["class", "interface", "object", "fun", "typealias", "val", "const"];
    let mut words = line.split(' ').skip_while(|word| MODIFIERS.contains(word));
    if !KEYWORDS.contains(&words.next()?) {
        return None;
    }
    let name = words.next().unwrap_or_default();
    Some(name.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect())
}

fn stand_ins_replaced(line: &str) -> String {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut replaced = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find(is_part) {
        let end = rest[start..].find(|c| !is_part(c)).map_or(rest.len(), |length| start + length);
        let word = &rest[start..end];
        let stand_in = STAND_INS.iter().find(|(name, _)| *name == word);
        replaced.push_str(&rest[..start]);
        replaced.push_str(stand_in.map_or(word, |(_, real)| real));
        rest = &rest[end..];
    }
    replaced.push_str(rest);
    replaced
}
