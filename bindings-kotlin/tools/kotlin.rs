//! The Kotlin that follows from the engine's tables and rules.

use std::fmt::Write as _;

use oneclickdz::{ErrorKind, Language, OrderState, PaymentState, RemoteState};

/// A declaration of a table, with its documentation.
struct Declared {
    name: &'static str,
    docs: &'static [&'static str],
    /// Variants with their words, or fields with their types.
    parts: &'static [Part],
}

struct Part {
    name: &'static str,
    docs: &'static [&'static str],
    /// An enum's word, a field's type.
    of: &'static str,
}

macro_rules! enums { ($(
    $(#[doc = $doc:literal])* $name:ident {
        $( $(#[doc = $variant_doc:literal])* $variant:ident = $word:literal, )*
    }
)*) => {
    const ENUMS: &[Declared] = &[$( Declared {
        name: stringify!($name),
        docs: &[$($doc),*],
        parts: &[$( Part { name: stringify!($variant), docs: &[$($variant_doc),*], of: $word } ),*],
    } ),*];
} }
oneclickdz::boundary_enums!(enums);

macro_rules! records { ($(
    $(#[doc = $doc:literal])* $name:ident {
        $( $(#[doc = $field_doc:literal])* $field:ident: $type:ty, )*
    }
)*) => {
    const RECORDS: &[Declared] = &[$( Declared {
        name: stringify!($name),
        docs: &[$($doc),*],
        parts: &[$( Part { name: stringify!($field), docs: &[$($field_doc),*], of: stringify!($type) } ),*],
    } ),*];
} }
oneclickdz::boundary_records!(records);

macro_rules! requests { ($(
    $(#[doc = $doc:literal])* $name:ident {
        required { $( $(#[doc = $required_doc:literal])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[doc = $optional_doc:literal])* $optional:ident: $optional_type:ty, )* }
    }
)*) => {
    const REQUESTS: &[Declared] = &[$( Declared {
        name: stringify!($name),
        docs: &[$($doc),*],
        parts: &[
            $( Part {
                name: stringify!($required), docs: &[$($required_doc),*], of: stringify!($required_type)
            }, )*
            $( Part {
                name: stringify!($optional), docs: &[$($optional_doc),*], of: stringify!($optional_type)
            }, )*
        ],
    } ),*];
} }
oneclickdz::boundary_requests!(requests);

/// What people hold as more than plain data; the plain data is its snapshot.
const HELD: [&str; 2] = ["Order", "Delivery"];

/// The types that people see.
pub(crate) fn models() -> Vec<&'static str> {
    let tables = ENUMS.iter().chain(RECORDS).chain(REQUESTS).map(|declared| declared.name);
    let tables = tables.filter(|name| !HELD.contains(name));
    tables.chain(["OrderSnapshot", "DeliverySnapshot", "ErrorInfo", "LogLevel", "LogLine"]).collect()
}

/// `FourG` becomes `FOUR_G`.
fn shouted(name: &str) -> String {
    let mut shouted = String::new();
    for (index, letter) in name.char_indices() {
        if letter.is_ascii_uppercase() && index > 0 {
            shouted.push('_');
        }
        shouted.push(letter.to_ascii_uppercase());
    }
    shouted
}

/// `plan_code` becomes `planCode`.
fn camel(name: &str) -> String {
    let mut words = name.trim_start_matches("r#").split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        camel.push_str(&word[..1].to_ascii_uppercase());
        camel.push_str(&word[1..]);
    }
    camel
}

fn quoted(text: &str) -> String {
    let escaped = text.replace('\\', "\\\\").replace('"', "\\\"").replace('$', "\\$");
    format!("\"{escaped}\"")
}

fn doc(indent: &str, docs: &[&str]) -> String {
    let text = docs.iter().map(|line| line.trim()).collect::<Vec<_>>().join(" ");
    format!("{indent}/** {text} */\n")
}

/// Each word's text, and what the engine's rules say of states.
pub(crate) fn words() -> String {
    let mut text = String::new();
    for Declared { name, parts, .. } in ENUMS {
        let _ = writeln!(text, "/** The stable word, the same in every language. */");
        let _ = writeln!(text, "public val {name}.word: String\n    get() = when (this) {{");
        for Part { name: variant, of, .. } in *parts {
            let _ = writeln!(text, "        {name}.{} -> {}", shouted(variant), quoted(of));
        }
        text.push_str("    }\n\n");
    }
    rule(
        &mut text,
        "OrderState",
        "isSettled",
        "Boolean",
        "Whether the order has reached its end.",
        OrderState::ALL,
        |state| state.is_settled().to_string(),
    );
    rule(
        &mut text,
        "RemoteState",
        "isFinal",
        "Boolean",
        "Whether the service will not change it any more.",
        RemoteState::ALL,
        |state| state.is_final().to_string(),
    );
    rule(
        &mut text,
        "RemoteState",
        "pollAdvice",
        "PollAdvice",
        "What to do after reading it.",
        RemoteState::ALL,
        |state| format!("PollAdvice.{}", shouted(&format!("{:?}", state.poll_advice()))),
    );
    rule(
        &mut text,
        "PaymentState",
        "isFinal",
        "Boolean",
        "Whether the payment has ended.",
        PaymentState::ALL,
        |state| state.is_final().to_string(),
    );
    text
}

fn rule<T: Copy + std::fmt::Debug>(
    text: &mut String,
    of: &str,
    property: &str,
    r#type: &str,
    docs: &str,
    all: &[T],
    answer: impl Fn(T) -> String,
) {
    let _ = writeln!(text, "/** {docs} */\npublic val {of}.{property}: {type}\n    get() = when (this) {{");
    for each in all {
        let _ = writeln!(text, "        {of}.{} -> {}", shouted(&format!("{each:?}")), answer(*each));
    }
    text.push_str("    }\n\n");
}

/// One subclass for each kind of error.
pub(crate) fn exceptions() -> String {
    let kinds =
        ENUMS.iter().find(|declared| declared.name == "ErrorKind").map_or(&[][..], |kinds| kinds.parts);
    let mut text = String::from(EXCEPTION_HEAD);
    for Part { name, docs, .. } in kinds {
        text.push('\n');
        text.push_str(&doc("    ", docs));
        let _ = writeln!(
            text,
            "    public class {name} internal constructor(info: ErrorInfo, cause: Throwable? = null) : \
             OneClickDzException(info, cause)"
        );
    }
    text.push_str("\n    internal companion object {\n");
    text.push_str("        fun of(info: ErrorInfo, cause: Throwable? = null): OneClickDzException = when (info.kind) {\n");
    for Part { name, .. } in kinds {
        let _ = writeln!(text, "            ErrorKind.{} -> {name}(info, cause)", shouted(name));
    }
    text.push_str("        }\n    }\n}\n\n");
    text.push_str(
        "internal fun staffText(kind: ErrorKind, language: Language): String = when (language) {\n",
    );
    for language in Language::ALL {
        let _ = writeln!(text, "    Language.{} -> when (kind) {{", shouted(&format!("{language:?}")));
        for kind in ErrorKind::ALL {
            let sentence = kind.staff_text(*language);
            let _ =
                writeln!(text, "        ErrorKind.{} -> {}", shouted(&format!("{kind:?}")), quoted(sentence));
        }
        text.push_str("    }\n");
    }
    text.push_str("}\n");
    text
}

const EXCEPTION_HEAD: &str = "\
/**
 * Why a call failed, and whether money may have moved. Catch a subclass, or decide on [info]; the text is for people.
 * Neither the key nor card data ever is part of it.
 *
 * @property info what is known of the failure.
 */
public sealed class OneClickDzException(public val info: ErrorInfo, cause: Throwable?) :
    RuntimeException(info.text, cause) {
    /** The stable word of the kind, such as `insufficient_balance`. */
    public val code: String get() = info.kind.word

    /** Whether money may have moved. */
    public val outcome: Outcome get() = info.outcome

    /** The reference of the order that the call was about. Never absent when the outcome is unknown. */
    public val orderRef: String? get() = info.orderRef

    /** The service's id of the request. Give it to the service's support. */
    public val requestId: String? get() = info.requestId

    /** The field of the request or of the configuration that is at fault. */
    public val field: String? get() = info.field

    /** Whether the same call may be made again without looking anything up first. */
    public val isRetryable: Boolean
        get() = info.retryAdvice == RetryAdvice.SAFE || info.retryAdvice == RetryAdvice.AFTER_WAIT

    /** A sentence for the shop's staff. */
    public fun staffText(language: Language): String = staffText(info.kind, language)
";

/// What an order, or a delivery, shows of its snapshot.
pub(crate) fn fields() -> String {
    let mut text = String::new();
    for record in RECORDS.iter().filter(|record| HELD.contains(&record.name)) {
        let held = record.name;
        text.push_str(&doc("", record.docs));
        let _ = writeln!(
            text,
            "public abstract class {held}Fields internal constructor(\n    \
             /** All of it as plain data, to keep or to compare. */\n    public val snapshot: {held}Snapshot,\n) {{"
        );
        for Part { name, docs, of } in record.parts {
            text.push_str(&doc("    ", docs));
            let name = camel(name);
            let _ = writeln!(text, "    public val {name}: {} get() = snapshot.{name}\n", kotlin_type(of));
        }
        if held == "Order" {
            text.push_str("    /** Whether the order has reached its end. */\n");
            text.push_str("    public val isSettled: Boolean get() = state.isSettled\n");
        }
        text.push_str("}\n\n");
    }
    text
}

fn kotlin_type(rust: &str) -> String {
    let inner = |outer: &str| {
        rust.strip_prefix(outer)
            .and_then(|rest| rest.trim().strip_prefix('<'))
            .and_then(|rest| rest.strip_suffix('>'))
    };
    if let Some(inner) = inner("Option") {
        return format!("{}?", kotlin_type(inner.trim()));
    }
    if let Some(inner) = inner("Vec") {
        return format!("List<{}>", kotlin_type(inner.trim()));
    }
    match rust {
        "Dzd" | "Decimal" => "java.math.BigDecimal",
        "Timestamp" => "java.time.Instant",
        "SecretText" => "Secret",
        "bool" => "Boolean",
        "u32" => "Int",
        other => other,
    }
    .to_owned()
}

/// The texts of each request, to be looked at before they cross.
pub(crate) fn texts() -> String {
    let mut text = String::new();
    for Declared { name, parts, docs } in REQUESTS {
        debug_assert!(!docs.is_empty());
        let _ = writeln!(text, "internal fun {name}.checkTexts(operation: String) {{");
        for Part { name, .. } in parts.iter().filter(|part| part.of == "String") {
            let plain = name.trim_start_matches("r#");
            let _ = writeln!(text, "    checkText(operation, \"{plain}\", {})", camel(name));
        }
        text.push_str("}\n\n");
    }
    text
}
