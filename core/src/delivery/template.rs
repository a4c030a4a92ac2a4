//! Templates, and why none of them ever sees a code.
//!
//! A template is rendered with marks in place of the secrets; the codes themselves are put in afterwards, straight into
//! a buffer that is wiped. So the template library never holds a code, a template's error cannot quote one, and a
//! template that does not insert every code as it is can be refused when it is loaded.

use std::fmt::Write;
use std::ops::Range;

use minijinja::{
    AutoEscape, Environment, Error as TemplateError, ErrorKind as Wrong, UndefinedBehavior, filters,
};
use serde::Serialize;
use zeroize::Zeroizing;

use super::cards::Field;
use crate::models::Card;

/// Signs of Unicode's private area that stand around a mark. Neither texts nor values may hold them.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';

/// One stretch of a rendered text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(String),
    /// A secret of the card at this place.
    Secret(usize, Field),
}

/// A text with its secrets still out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rendered(pub(super) Vec<Piece>);

/// A text with its secrets in it, wiped when dropped, and where in it they are (bytes).
pub(super) struct Filled {
    pub(super) text: Zeroizing<String>,
    pub(super) secrets: Vec<Range<usize>>,
}

/// How secrets are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    None,
    Html,
}

/// What stands for a secret while a template is rendered.
pub(super) fn mark(card: usize, field: Field) -> String {
    format!("{OPEN}{}{card}{CLOSE}", field.letter())
}

/// A value from outside as a template may have it: on one line, without marks of its own.
pub(super) fn plain(value: &str) -> String {
    value.chars().map(|c| if c.is_control() { ' ' } else { c }).filter(|c| !is_mark(*c)).collect()
}

pub(super) fn is_mark(c: char) -> bool {
    c == OPEN || c == CLOSE
}

/// Of MiniJinja's filters and tests those that a text to a customer has a use for; `MessageTemplates` names them. All of
/// them, with macros, would be a twentieth of a library for a phone.
fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("default", filters::default);
    environment.add_filter("escape", filters::escape);
    environment.add_filter("first", filters::first);
    environment.add_filter("join", filters::join);
    environment.add_filter("last", filters::last);
    environment.add_filter("length", filters::length);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("replace", filters::replace);
    environment.add_filter("safe", filters::safe);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("upper", filters::upper);
    environment.add_test("defined", minijinja::tests::is_defined);
    environment.add_test("none", minijinja::tests::is_none);
    environment.add_test("undefined", minijinja::tests::is_undefined);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_trim_blocks(true);
    environment.set_lstrip_blocks(true);
    environment.set_auto_escape_callback(|name| match name.ends_with("html") {
        true => AutoEscape::Html,
        false => AutoEscape::None,
    });
    // What is absent is written as nothing; what is unknown stays an error.
    environment.set_formatter(|out, state, value| match value.is_none() {
        true => Ok(()),
        false => minijinja::escape_formatter(out, state, value),
    });
    environment
}

/// Renders a template; `name` decides on escaping by its end.
pub(super) fn render(name: &str, source: &str, facts: &impl Serialize) -> Result<Rendered, TemplateError> {
    let text = environment().render_named_str(name, source, facts)?;
    pieces(&text).ok_or_else(|| {
        TemplateError::new(Wrong::InvalidOperation, "changes a card's field: insert the fields as they are")
    })
}

/// Takes a text apart at its marks; `None` when a mark is not whole any more.
fn pieces(text: &str) -> Option<Rendered> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(is_mark) {
        let (before, from) = rest.split_at(at);
        let inside = from.strip_prefix(OPEN)?;
        let end = inside.find(is_mark)?;
        let (name, after) = inside.split_at(end);
        rest = after.strip_prefix(CLOSE)?;
        let field = Field::of_letter(name.chars().next()?)?;
        let card = name.get(1..)?.parse().ok()?;
        pieces.extend((!before.is_empty()).then(|| Piece::Text(before.to_owned())));
        pieces.push(Piece::Secret(card, field));
    }
    pieces.extend((!rest.is_empty()).then(|| Piece::Text(rest.to_owned())));
    Some(Rendered(pieces))
}

impl Rendered {
    /// Whether the code of the card at this place is in the text.
    pub(super) fn has_code(&self, card: usize) -> bool {
        self.0.contains(&Piece::Secret(card, Field::Code))
    }

    pub(super) fn has_secrets(&self) -> bool {
        self.0.iter().any(|piece| matches!(piece, Piece::Secret(..)))
    }

    /// Without white space at the end.
    pub(super) fn trim_end(&mut self) {
        while let Some(Piece::Text(text)) = self.0.last_mut() {
            text.truncate(text.trim_end().len());
            if !text.is_empty() {
                return;
            }
            self.0.pop();
        }
    }

    /// The text with the secrets in it. The buffer is made in its full size first: one that grows leaves copies behind.
    pub(super) fn fill(&self, cards: &[Card], escape: Escape) -> Filled {
        let secret = |card: &usize, field: &Field| cards.get(*card).and_then(|card| field.of(card));
        // The longest escape of one byte is `&quot;`, six bytes.
        let factor = if escape == Escape::Html { 6 } else { 1 };
        let size = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => text.len(),
            Piece::Secret(card, field) => secret(card, field).map_or(0, |text| factor * text.len()),
        });
        let mut text = Zeroizing::new(String::with_capacity(size.sum()));
        let mut secrets = Vec::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(part) => text.push_str(part),
                Piece::Secret(card, field) => {
                    let start = text.len();
                    let value = secret(card, field).unwrap_or_default();
                    for sign in value.chars() {
                        push(&mut text, sign, escape);
                    }
                    secrets.push(start..text.len());
                }
            }
        }
        Filled { text, secrets }
    }
}

fn push(text: &mut String, sign: char, escape: Escape) {
    let escaped = match (escape, sign) {
        (Escape::None, _) => None,
        (Escape::Html, '&') => Some("&amp;"),
        (Escape::Html, '<') => Some("&lt;"),
        (Escape::Html, '>') => Some("&gt;"),
        (Escape::Html, '"') => Some("&quot;"),
        (Escape::Html, '\'') => Some("&#39;"),
        (Escape::Html, _) => None,
    };
    match escaped {
        Some(escaped) => text.push_str(escaped),
        None => text.push(sign),
    }
}

/// What is wrong with a template, in words, with its line.
pub(super) fn reason(error: &TemplateError) -> String {
    let mut text = String::new();
    if let Some(line) = error.line() {
        // Writing to a string cannot fail.
        let _ = write!(text, "line {line}: ");
    }
    let _ = match (error.kind(), error.detail()) {
        (Wrong::UndefinedError, None) => write!(text, "names a field that does not exist"),
        (_, Some(detail)) => write!(text, "{detail}"),
        (kind, None) => write!(text, "{kind}"),
    };
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::cards::sample;

    fn facts() -> serde_json::Value {
        serde_json::json!({ "code": mark(0, Field::Code), "name": "A & <B>", "none": null })
    }

    #[test]
    fn secrets_are_put_in_last_and_escaped_in_html_only() {
        let cards = [sample("12<34", None, None)];
        let source = "{{ name }}: {{ code }}.{{ none }}";
        let html = render("x.html", source, &facts()).expect("rendered").fill(&cards, Escape::Html);
        assert_eq!(*html.text, "A &amp; &lt;B&gt;: 12&lt;34.");
        let text = render("x.txt", source, &facts()).expect("rendered").fill(&cards, Escape::None);
        assert_eq!(*text.text, "A & <B>: 12<34.");
        assert_eq!(&text.text[text.secrets[0].clone()], "12<34");
    }

    #[test]
    fn a_changed_mark_and_an_unknown_field_are_refused() {
        for source in ["{{ code[:2] }}", "{{ code|replace('0', '1x') }}", "{{ code|last }}"] {
            assert!(render("x.txt", source, &facts()).is_err(), "{source}");
        }
        let error = render("x.txt", "a\n{{ colour }}", &facts()).expect_err("refused");
        assert_eq!(reason(&error), "line 2: names a field that does not exist");
    }

    #[test]
    fn texts_can_be_shaped_with_the_filters_that_are_named() {
        let facts = serde_json::json!({ "shop": " Chez Ali ", "none": null, "cards": ["a", "b"] });
        for (source, text) in [
            ("{{ shop|trim|upper }}", "CHEZ ALI"),
            ("{{ shop|trim|lower|capitalize|replace('ali', 'Omar') }}", "Chez Omar"),
            (
                "{{ cards|length }}: {{ cards|first }}, {{ cards|last }}, {{ cards|join('/') }}",
                "2: a, b, a/b",
            ),
            ("{{ none|default('x', true) }}{% if none is none %}!{% endif %}", "x!"),
            ("{% if colour is defined %}{{ colour }}{% elif colour is undefined %}grey{% endif %}", "grey"),
        ] {
            let filled = render("x.txt", source, &facts).expect(source).fill(&[], Escape::None);
            assert_eq!(*filled.text, text, "{source}");
        }
        let html = render("x.html", "{{ '<b>'|safe }}{{ '<i>'|escape }}", &facts).expect("rendered");
        assert_eq!(*html.fill(&[], Escape::Html).text, "<b>&lt;i&gt;");
        let error = render("x.txt", "{{ cards|groupby('a') }}", &facts).expect_err("refused");
        assert_eq!(reason(&error), "line 1: filter groupby is unknown");
        assert!(render("x.txt", "{% macro m() %}{% endmacro %}", &facts).is_err());
    }

    #[test]
    fn values_from_outside_bring_no_marks() {
        assert_eq!(plain("a\u{E000}c0\u{E001}b\r\nc"), "ac0b  c");
    }
}
