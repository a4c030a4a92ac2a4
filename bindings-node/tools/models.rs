//! Writes `lib/models.cjs` and `models.d.ts` from the engine's tables, and `test/types/calls.mts` from the calls of this
//! package: run by `make gen`.
//!
//! A record crosses the border as a bare array; the functions written here give its fields their names.

#[path = "../src/calls.rs"]
#[macro_use]
mod calls;

use std::fmt::Write as _;
use std::path::Path;

const HEADER: &str = "// Written by `make gen` from the tables in core/src/models. Do not edit.\n";

struct Field {
    name: String,
    r#type: String,
    docs: Vec<&'static str>,
    is_optional: bool,
}

struct Model {
    name: &'static str,
    docs: Vec<&'static str>,
    fields: Vec<Field>,
}

/// A type of the tables, taken apart.
enum Shape {
    Plain(String),
    Option(Box<Shape>),
    Vec(Box<Shape>),
}

impl Shape {
    fn of(text: &str) -> Self {
        let text: String = text.split_whitespace().collect();
        let inside = |name: &str| {
            let rest = text.strip_prefix(name)?.strip_prefix('<')?.strip_suffix('>')?;
            Some(Box::new(Self::of(rest)))
        };
        match (inside("Option"), inside("Vec")) {
            (Some(inner), _) => Self::Option(inner),
            (_, Some(inner)) => Self::Vec(inner),
            _ => Self::Plain(text),
        }
    }

    fn typescript(&self) -> String {
        match self {
            Self::Plain(name) => match name.as_str() {
                "String" | "SecretText" => "string".to_owned(),
                "u32" => "number".to_owned(),
                "bool" => "boolean".to_owned(),
                "Timestamp" => "Date".to_owned(),
                // These two are classes, which can wait.
                "Order" | "Delivery" => format!("{name}Record"),
                name => name.to_owned(),
            },
            Self::Option(inner) => format!("{} | null", inner.typescript()),
            Self::Vec(inner) => format!("{}[]", inner.typescript()),
        }
    }

    /// The expression that turns what crossed into what people see.
    fn decoded(&self, value: &str, records: &[Model]) -> String {
        match self {
            Self::Plain(name) if name == "Timestamp" => format!("new Date({value})"),
            Self::Plain(name) if records.iter().any(|record| record.name == name) => {
                format!("{name}({value})")
            }
            Self::Plain(_) => value.to_owned(),
            Self::Option(inner) => match inner.decoded(value, records) {
                same if same == value => same,
                turned => format!("{value} === null ? null : {turned}"),
            },
            Self::Vec(inner) => match inner.decoded("item", records) {
                same if same == "item" => value.to_owned(),
                turned => format!("{value}.map((item) => {turned})"),
            },
        }
    }

    fn is_secret(&self) -> bool {
        match self {
            Self::Plain(name) => name == "SecretText",
            Self::Option(inner) | Self::Vec(inner) => inner.is_secret(),
        }
    }
}

fn camel(name: &str) -> String {
    let mut words = name.trim_start_matches("r#").split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let (first, rest) = word.split_at(1);
        camel.push_str(&first.to_uppercase());
        camel.push_str(rest);
    }
    camel
}

macro_rules! enums { ($(
    $(#[doc = $doc:literal])* $name:ident { $( $(#[doc = $variant_doc:literal])* $variant:ident = $word:literal, )* }
)*) => {
    fn enums() -> Vec<(&'static str, Vec<&'static str>, Vec<(&'static str, Vec<&'static str>)>)> {
        vec![$( (stringify!($name), vec![$($doc),*], vec![$( ($word, vec![$($variant_doc),*]) ),*]) ),*]
    }
} }
oneclickdz::boundary_enums!(enums);

macro_rules! records { ($(
    $(#[doc = $doc:literal])* $name:ident { $( $(#[doc = $field_doc:literal])* $field:ident: $type:ty, )* }
)*) => {
    fn records() -> Vec<Model> {
        vec![$( Model { name: stringify!($name), docs: vec![$($doc),*], fields: vec![$( Field {
            name: camel(stringify!($field)),
            r#type: stringify!($type).to_owned(),
            docs: vec![$($field_doc),*],
            is_optional: false,
        } ),*] } ),*]
    }
} }
oneclickdz::boundary_records!(records);

macro_rules! requests { ($(
    $(#[doc = $doc:literal])* $name:ident {
        required { $( $(#[doc = $required_doc:literal])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[doc = $optional_doc:literal])* $optional:ident: $optional_type:ty, )* }
    }
)*) => {
    fn requests() -> Vec<Model> {
        vec![$( Model { name: stringify!($name), docs: vec![$($doc),*], fields: vec![
            $( Field {
                name: camel(stringify!($required)),
                r#type: stringify!($required_type).to_owned(),
                docs: vec![$($required_doc),*],
                is_optional: false,
            }, )*
            $( Field {
                name: camel(stringify!($optional)),
                r#type: stringify!($optional_type).to_owned(),
                docs: vec![$($optional_doc),*],
                is_optional: true,
            }, )*
        ] } ),*]
    }
} }
oneclickdz::boundary_requests!(requests);

/// A call or a stream of `src/calls.rs`.
struct Call {
    name: &'static str,
    arguments: Vec<&'static str>,
    result: &'static str,
}

macro_rules! answering { ($(
    $name:literal ($($argument:ident: $type:ty),*) -> $result:ty: |$client:ident| $call:expr;
)+) => {
    fn answering() -> Vec<Call> {
        vec![$( Call { name: $name, arguments: vec![$( stringify!($type) ),*], result: stringify!($result) } ),*]
    }
} }
engine_calls!(answering);

macro_rules! streaming { ($(
    $name:literal ($($argument:ident: $type:ty),*) -> $item:ty: |$client:ident| $open:expr;
)+) => {
    fn streaming() -> Vec<Call> {
        vec![$( Call { name: $name, arguments: vec![$( stringify!($type) ),*], result: stringify!($item) } ),*]
    }
} }
engine_streams!(streaming);

fn comment(out: &mut String, indent: &str, lines: &[&str]) {
    let text: Vec<String> = lines.iter().map(|line| rustless(line.trim())).collect();
    match text.as_slice() {
        [] => {}
        [line] => _ = writeln!(out, "{indent}/** {line} */"),
        lines => {
            _ = writeln!(out, "{indent}/**");
            for line in lines {
                _ = writeln!(out, "{indent} * {line}");
            }
            _ = writeln!(out, "{indent} */");
        }
    }
}

/// Names of fields and of nothing, as JavaScript writes them.
fn rustless(line: &str) -> String {
    let pieces: Vec<String> = line
        .split('`')
        .enumerate()
        .map(|(index, piece)| match (index % 2, piece) {
            (1, "None") => "null".to_owned(),
            (1, name) if name.contains('_') && name.chars().all(|c| c.is_ascii_lowercase() || c == '_') => {
                if enums().iter().any(|(_, _, words)| words.iter().any(|(word, _)| *word == name)) {
                    name.to_owned()
                } else {
                    camel(name)
                }
            }
            (_, other) => other.to_owned(),
        })
        .collect();
    pieces.join("`")
}

fn javascript(records: &[Model], requests: &[Model]) -> String {
    let mut out = format!("{HEADER}'use strict'\n\nconst {{ redacted }} = require('./secret.cjs')\n");
    out.push_str("\n/** The words of each closed set. */\nexports.words = {\n");
    for (name, _, words) in enums() {
        let words: Vec<String> = words.iter().map(|(word, _)| format!("'{word}'")).collect();
        _ = writeln!(out, "  {name}: [{}],", words.join(", "));
    }
    let settled: Vec<String> = oneclickdz::OrderState::ALL
        .iter()
        .filter(|state| state.is_settled())
        .map(|state| format!("'{state}'"))
        .collect();
    _ = writeln!(
        out,
        "}}\n\n/** The states that do not change any more. */\nexports.settled = [{}]",
        settled.join(", ")
    );
    out.push_str("\n/** The fields of each request: name, type, whether it may be left out. */\nexports.requests = {\n");
    for request in requests {
        _ = writeln!(out, "  {}: [", request.name);
        for field in &request.fields {
            _ = writeln!(out, "    ['{}', '{}', {}],", field.name, field.r#type, field.is_optional);
        }
        out.push_str("  ],\n");
    }
    out.push_str("}\n");
    for record in records {
        let secrets: Vec<String> = record
            .fields
            .iter()
            .filter(|field| Shape::of(&field.r#type).is_secret())
            .map(|field| format!("'{}'", field.name))
            .collect();
        let (begin, end) = match secrets.is_empty() {
            true => ("({".to_owned(), "})".to_owned()),
            false => (format!("redacted('{}', [{}], {{", record.name, secrets.join(", ")), "})".to_owned()),
        };
        _ = writeln!(out, "\nconst {} = (v) => {begin}", record.name);
        for (index, field) in record.fields.iter().enumerate() {
            let value = Shape::of(&field.r#type).decoded(&format!("v[{index}]"), records);
            _ = writeln!(out, "  {}: {value},", field.name);
        }
        _ = writeln!(out, "{end}\nexports.{0} = {0}", record.name);
    }
    out
}

fn typescript(records: &[Model], requests: &[Model]) -> String {
    let mut out = String::from(HEADER);
    out.push_str("\n/** An exact amount in DZD as decimal text, such as `'826.13'`. `Dzd` has helpers to calculate. */\n");
    out.push_str("export type DzdText = string\n");
    out.push_str("/** An amount going in: decimal text, a whole number, or a bigint. Never a fraction in a float. */\n");
    out.push_str("export type DzdLike = string | number | bigint\n");
    out.push_str("/** An instant going in: a `Date`, or ISO 8601 text with a time zone. */\n");
    out.push_str("export type Instant = Date | string\n");
    for (name, docs, words) in enums() {
        out.push('\n');
        comment(&mut out, "", &docs);
        _ = writeln!(out, "export type {name} =");
        for (word, docs) in words {
            comment(&mut out, "  ", &docs);
            _ = writeln!(out, "  | '{word}'");
        }
    }
    for record in records {
        out.push('\n');
        comment(&mut out, "", &record.docs);
        let name = Shape::of(record.name).typescript();
        _ = writeln!(out, "export interface {name} {{");
        for field in &record.fields {
            comment(&mut out, "  ", &field.docs);
            let shape = Shape::of(&field.r#type).typescript();
            let shape = shape.replace("Dzd", "DzdText").replace("Decimal", "string");
            _ = writeln!(out, "  readonly {}: {shape}", field.name);
        }
        out.push_str("}\n");
    }
    for request in requests {
        out.push('\n');
        comment(&mut out, "", &request.docs);
        _ = writeln!(out, "export interface {} {{", request.name);
        for field in &request.fields {
            comment(&mut out, "  ", &field.docs);
            let mark = if field.is_optional { "?" } else { "" };
            let shape = Shape::of(&field.r#type).typescript();
            let shape = match shape.as_str() {
                "Dzd" => "DzdLike".to_owned(),
                "Date" => "Instant".to_owned(),
                "InternetType" => "InternetType | 'ADSL' | '4G'".to_owned(),
                _ => shape,
            };
            let absent = if field.is_optional { " | undefined" } else { "" };
            _ = writeln!(out, "  {}{mark}: {shape}{absent}", field.name);
        }
        out.push_str("}\n");
    }
    out
}

const CHECKS: &str = "\
// What the engine takes and gives, call by call. Compiled, never run: index.d.ts must say the same.
import type * as face from 'oneclickdz'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
type Given<M, At extends number> = M extends (...given: infer G) => unknown ? NonNullable<G[At]> : never
type Answer<M> = M extends (...given: never[]) => Promise<infer R> ? R : never
type Item<M> = M extends (...given: never[]) => AsyncIterable<infer I> ? I : never
function same<A, B>(_: Same<A, B>): void {}

";

/// The types of the calls, as assertions about `index.d.ts`.
fn checks() -> String {
    let mut out = format!("{HEADER}{CHECKS}");
    let calls = answering().into_iter().map(|call| (call, "Answer"));
    for (call, kind) in calls.chain(streaming().into_iter().map(|call| (call, "Item"))) {
        let is_arranged = call.name.starts_with('~');
        let Some((area, method)) = call.name.trim_start_matches('~').split_once('.') else { continue };
        let method = format!("face.{area}['{method}']");
        for (at, argument) in call.arguments.iter().enumerate().filter(|_| !is_arranged) {
            let type_ = match faced(argument) {
                kind if kind == "face.InternetType" => format!("{kind} | 'ADSL' | '4G'"),
                other => other,
            };
            _ = writeln!(out, "same<Given<{method}, {at}>, {type_}>(true)");
        }
        if !is_arranged {
            _ = writeln!(out, "same<Given<{method}, {}>, face.CallOptions>(true)", call.arguments.len());
        }
        _ = writeln!(out, "same<{kind}<{method}>, {}>(true)", faced(call.result));
    }
    out
}

/// A type of the calls as `index.d.ts` has it.
fn faced(text: &str) -> String {
    match Shape::of(text) {
        Shape::Plain(name) => match name.as_str() {
            "()" => "void".to_owned(),
            "String" => "string".to_owned(),
            name => format!("face.{name}"),
        },
        // Whether it may be left out is not looked at.
        Shape::Option(inner) => faced(&inner.typescript()),
        Shape::Vec(inner) => match *inner {
            Shape::Plain(name) => format!("{}[]", faced(&name)),
            other => format!("{}[]", other.typescript()),
        },
    }
}

fn main() -> std::io::Result<()> {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (records, requests) = (records(), requests());
    std::fs::write(package.join("lib/models.cjs"), javascript(&records, &requests))?;
    std::fs::write(package.join("models.d.ts"), typescript(&records, &requests))?;
    std::fs::write(package.join("test/types/calls.mts"), checks())
}
