//! What a customer reads: an order's facts and the words of a language, put through a template.

use std::collections::HashMap;

use chrono::FixedOffset;
use serde::Serialize;

use super::cards::{Field, sample};
use super::template::{self, Rendered, mark, plain};
use super::texts::{self, CardKind, Texts};
use crate::error::{Error, Result};
use crate::models::{Card, ErrorKind, Language, Outcome, TemplateKind, Timestamp};

/// Algeria has no summer time.
const ALGIERS: Option<FixedOffset> = FixedOffset::east_opt(3600);

/// Your own templates in place of the engine's, each for one language.
///
/// The language is that of [MiniJinja](https://docs.rs/minijinja), without macros, with the filters `capitalize`, `default`,
/// `escape`, `first`, `join`, `last`, `length`, `lower`, `replace`, `safe`, `trim` and `upper`, and the tests `defined`,
/// `none` and `undefined`.
///
/// What a template can name is told in `docs/guide.md`, "Your own texts".
#[derive(Clone, Debug, Default)]
pub struct MessageTemplates {
    own: HashMap<(TemplateKind, Language), String>,
}

/// What is known of an order beside its secrets.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    pub(crate) reference: String,
    pub(crate) kind: CardKind,
    pub(crate) number: Option<String>,
    /// Whole DZD.
    pub(crate) value: Option<String>,
    /// What the shop calls what was bought.
    pub(crate) title: Option<String>,
    pub(crate) shop: Option<String>,
    /// How many cards were ordered.
    pub(crate) ordered: u32,
}

/// What a template can name.
#[derive(Serialize)]
struct Context<'a> {
    language: &'static str,
    font: &'static str,
    start: &'static str,
    end: &'static str,
    t: &'a Texts,
    r#ref: String,
    service: &'static str,
    number: Option<String>,
    value: Option<&'a str>,
    title: String,
    headline: &'a str,
    shop: Option<String>,
    count: usize,
    ordered: u32,
    is_partial: bool,
    cards: Vec<CardContext<'a>>,
    usage: UsageContext<'a>,
}

#[derive(Serialize)]
struct CardContext<'a> {
    position: usize,
    code: String,
    serial: Option<String>,
    transaction: Option<String>,
    processed: Option<String>,
    rows: Vec<Row<'a>>,
    /// Pixels that let the code fit on one line of a phone.
    size: u32,
}

#[derive(Serialize)]
struct Row<'a> {
    label: &'a str,
    value: String,
}

#[derive(Serialize)]
struct UsageContext<'a> {
    title: &'a str,
    steps: Vec<Step<'a>>,
    help: &'a str,
    sms: &'a str,
}

#[derive(Serialize)]
struct Step<'a> {
    before: &'a str,
    code: Option<String>,
    after: &'a str,
}

impl MessageTemplates {
    /// The engine's own templates.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a template of yours in place of the engine's, after having tried it on orders of every kind.
    ///
    /// # Errors
    /// `config` naming the template, such as `templates.email_html.fr`, when it cannot be read, names an unknown field,
    /// does not insert the code of every card as it is, or is a subject that holds a code.
    pub fn set(mut self, kind: TemplateKind, language: Language, source: impl Into<String>) -> Result<Self> {
        let source = source.into();
        check(kind, language, &source)?;
        self.own.insert((kind, language), source);
        Ok(self)
    }

    /// Renders one kind for a group of an order's cards, which begins with card `first`.
    pub(super) fn render(
        &self,
        kind: TemplateKind,
        language: Language,
        facts: &Facts,
        cards: &[Card],
        first: usize,
        total: usize,
    ) -> Result<Rendered> {
        let source = self.own.get(&(kind, language)).map_or(texts::template(kind), String::as_str);
        let defect = |why: String| {
            let detail = format!("the template `{}` fails: {why}", field(kind, language));
            Error::new(ErrorKind::DeliveryFailed, Outcome::NotSent, "delivery.deliver", detail)
                .with_ref(&facts.reference)
        };
        let texts = texts::of(language).map_err(|cause| defect(cause.to_string()))?;
        let context = context(&texts, language, facts, cards, first, total);
        let rendered = template::render(name(kind), source, &context)
            .map_err(|cause| defect(template::reason(&cause)))?;
        match omission(kind, &rendered, first, cards.len()) {
            Some(why) => Err(defect(why.to_owned())),
            None => Ok(rendered),
        }
    }
}

/// How the template library knows a kind: it escapes what ends in `html`.
fn name(kind: TemplateKind) -> &'static str {
    match kind {
        TemplateKind::EmailHtml => "email.html",
        TemplateKind::EmailSubject | TemplateKind::EmailText | TemplateKind::Sms => "text",
    }
}

fn field(kind: TemplateKind, language: Language) -> String {
    format!("templates.{kind}.{language}")
}

/// What a rendered text lacks, or has and must not have.
fn omission(kind: TemplateKind, rendered: &Rendered, first: usize, count: usize) -> Option<&'static str> {
    let is_subject = kind == TemplateKind::EmailSubject;
    match is_subject {
        true if rendered.has_secrets() => {
            Some("puts a card's field into the subject, which lock screens show: leave it out")
        }
        false if !(first..first + count).all(|card| rendered.has_code(card)) => {
            Some("does not insert the code of every card: put `{{ card.code }}` into a loop over `cards`")
        }
        _ => None,
    }
}

/// Tries a template on orders of every kind, with much and with little known of them.
fn check(kind: TemplateKind, language: Language, source: &str) -> Result<()> {
    let refused = |rule: String| Err(Error::config(&field(kind, language), rule));
    if source.len() > 256 * 1024 {
        return refused("is longer than 256 KiB: shorten it".to_owned());
    }
    if source.contains(template::is_mark) {
        return refused(
            "holds the signs U+E000 or U+E001, which the engine uses itself: take them out".to_owned(),
        );
    }
    let texts = texts::of(language).map_err(|cause| Error::config(&field(kind, language), cause))?;
    for (facts, cards) in samples() {
        let context = context(&texts, language, &facts, &cards, 0, cards.len());
        let rendered = match template::render(name(kind), source, &context) {
            Ok(rendered) => rendered,
            Err(cause) => return refused(format!("cannot be used: {}", template::reason(&cause))),
        };
        if let Some(rule) = omission(kind, &rendered, 0, cards.len()) {
            return refused(rule.to_owned());
        }
    }
    Ok(())
}

fn samples() -> Vec<(Facts, Vec<Card>)> {
    let now = Timestamp::UNIX_EPOCH;
    let mut samples = Vec::new();
    for kind in CardKind::ALL {
        for (is_rich, count) in [(true, 1), (false, 1), (true, 3)] {
            let some = |text: &str| is_rich.then(|| text.to_owned());
            let facts = Facts {
                reference: "order-1".to_owned(),
                kind,
                number: some("036362608"),
                value: some("1000"),
                title: some("A title"),
                shop: some("A shop"),
                ordered: if is_rich { 4 } else { 1 },
            };
            let (serial, transaction) = (is_rich.then_some("S"), is_rich.then_some("T"));
            let mut cards: Vec<_> = (0..count).map(|_| sample("0000", serial, transaction)).collect();
            cards.iter_mut().for_each(|card| card.processed_at = is_rich.then_some(now));
            samples.push((facts, cards));
        }
    }
    samples
}

/// `cards` are those of this message, of `total` that were delivered; the first of them is card `first` of the order.
fn context<'a>(
    texts: &'a Texts,
    language: Language,
    facts: &'a Facts,
    cards: &[Card],
    first: usize,
    total: usize,
) -> Context<'a> {
    let usage = texts.usage(facts.kind);
    let is_rtl = texts.dir == "rtl";
    Context {
        language: language.as_str(),
        font: match is_rtl {
            true => "'Segoe UI','Geeza Pro','Noto Sans Arabic',Tahoma,Arial,sans-serif",
            false => "-apple-system,'Segoe UI',Roboto,'Helvetica Neue','Noto Sans',Arial,sans-serif",
        },
        start: if is_rtl { "right" } else { "left" },
        end: if is_rtl { "left" } else { "right" },
        t: texts,
        r#ref: plain(&facts.reference),
        service: facts.kind.word(),
        number: facts.number.as_deref().map(plain),
        value: facts.value.as_deref(),
        title: facts.title.as_deref().map_or_else(|| title(texts, facts), plain),
        headline: if total > 1 { &texts.ready_many } else { &texts.ready },
        shop: facts.shop.as_deref().map(plain),
        count: total,
        ordered: facts.ordered,
        is_partial: (total as u64) < u64::from(facts.ordered),
        cards: cards.iter().enumerate().map(|(at, card)| card_context(texts, card, first + at)).collect(),
        usage: UsageContext {
            title: &usage.title,
            steps: usage.steps.iter().map(|step| step_context(step, first)).collect(),
            help: &usage.help,
            sms: &usage.sms,
        },
    }
}

/// What was bought, where the shop has no name for it.
pub(super) fn title(texts: &Texts, facts: &Facts) -> String {
    let name = &texts.usage(facts.kind).name;
    match &facts.value {
        Some(value) => texts.titled.replace("{name}", name).replace("{value}", value),
        None => name.clone(),
    }
}

fn card_context<'a>(texts: &'a Texts, card: &Card, at: usize) -> CardContext<'a> {
    let has = |field: Field| field.of(card).map(|_| mark(at, field));
    let (serial, transaction) = (has(Field::Serial), has(Field::Transaction));
    let processed = card.processed_at.and_then(local_time);
    let rows = [(&texts.serial, &serial), (&texts.transaction, &transaction), (&texts.processed, &processed)];
    CardContext {
        position: at + 1,
        code: mark(at, Field::Code),
        rows: rows
            .into_iter()
            .filter_map(|(label, value)| value.clone().map(|value| Row { label, value }))
            .collect(),
        serial,
        transaction,
        processed,
        size: match Field::Code.of(card).map_or(0, |code| code.chars().count()) {
            0..=14 => 26,
            15..=19 => 21,
            _ => 17,
        },
    }
}

/// An instant as a customer reads it.
fn local_time(at: Timestamp) -> Option<String> {
    ALGIERS.map(|zone| at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string())
}

fn step_context(step: &str, first: usize) -> Step<'_> {
    match step.split_once("{code}") {
        Some((before, after)) => Step { before, code: Some(mark(first, Field::Code)), after },
        None => Step { before: step, code: None, after: "" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::delivery::segments::{Alphabet, lay_out};
    use crate::delivery::template::Escape;

    #[test]
    fn the_engines_own_templates_pass_their_own_check() {
        for kind in TemplateKind::ALL {
            for language in Language::ALL {
                check(*kind, *language, texts::template(*kind)).expect("usable");
            }
        }
    }

    #[test]
    fn a_template_that_cannot_work_is_refused_when_it_is_loaded() {
        for (kind, source, says) in [
            (TemplateKind::Sms, "Your card is ready", "does not insert the code"),
            (TemplateKind::Sms, "{{ cards[0].code }}", "does not insert the code of every card"),
            (
                TemplateKind::Sms,
                "{% for c in cards %}{{ c.code }}{% endfor %} {{ colour }}",
                "does not exist",
            ),
            (TemplateKind::EmailHtml, "{% for c in cards %}{{ c.cod }}{% endfor %}", "does not exist"),
            (TemplateKind::EmailText, "{% for c in cards %}{{ c.code }}", "line 1"),
            (TemplateKind::EmailText, "{% for c in cards %}{{ c.code[1:] }}{% endfor %}", "as they are"),
            (TemplateKind::EmailSubject, "{{ cards[0].code }}", "lock screens"),
        ] {
            let refused = MessageTemplates::new().set(kind, Language::French, source).expect_err(source);
            assert_eq!(refused.code(), "config");
            assert_eq!(refused.field(), Some(format!("templates.{kind}.fr").as_str()));
            assert!(refused.detail().contains(says), "{refused}");
        }
        let fine = "{% for card in cards %}{{ card.code }}{% endfor %}";
        assert!(MessageTemplates::new().set(TemplateKind::Sms, Language::French, fine).is_ok());
    }

    fn order(kind: CardKind) -> (Facts, Vec<Card>) {
        let is_gift = kind == CardKind::GiftCard;
        let facts = Facts {
            reference: "order-1001".to_owned(),
            kind,
            number: (!is_gift).then(|| "036362608".to_owned()),
            value: (!is_gift).then(|| "1000".to_owned()),
            title: is_gift.then(|| "PlayStation 10 $ <b>".to_owned()),
            shop: Some("Boutique & Cie".to_owned()),
            ordered: if is_gift { 3 } else { 1 },
        };
        let cards = match is_gift {
            true => vec![sample("AAAA-1111", Some("S1"), None), sample("BBBB-2222", Some("S2"), None)],
            false => {
                let mut card = sample("123456789012", None, Some("AT-2025-12345"));
                card.processed_at = "2025-11-01T12:00:45Z".parse().ok();
                vec![card]
            }
        };
        (facts, cards)
    }

    /// Every text that a customer can get, in all languages, beside what it said when a person last read it. After a
    /// wanted change, write the new texts with `ONECLICKDZ_BLESS=1`.
    #[test]
    fn the_texts_are_those_that_a_person_has_read() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/delivery/snapshots");
        let templates = MessageTemplates::new();
        for language in Language::ALL {
            for kind in CardKind::ALL {
                let (facts, cards) = order(kind);
                let mut said = String::new();
                for template in [TemplateKind::EmailSubject, TemplateKind::EmailText, TemplateKind::Sms] {
                    let rendered = templates
                        .render(template, *language, &facts, &cards, 0, cards.len())
                        .expect("rendered");
                    let filled = rendered.fill(&cards, Escape::None);
                    let text = filled.text.trim_end();
                    said.push_str(&format!("--- {template}\n{text}\n"));
                    if template == TemplateKind::Sms {
                        // A sign outside the network's alphabet would make the message twice as dear.
                        let alphabet = Alphabet::of(text);
                        assert_eq!(alphabet == Alphabet::Ucs2, *language == Language::Arabic, "{text}");
                        let segments = lay_out(&filled).expect("laid out").segments;
                        said.push_str(&format!("--- {segments} segments\n"));
                    }
                }
                let path = folder.join(format!("{}.{language}.txt", kind.word()));
                if std::env::var_os("ONECLICKDZ_BLESS").is_some() {
                    std::fs::write(&path, &said).expect("written");
                }
                let known = std::fs::read_to_string(&path).expect("a snapshot");
                assert_eq!(said, known, "{}", path.display());
            }
        }
    }

    #[test]
    fn html_escapes_what_comes_from_outside_and_keeps_codes_left_to_right() {
        let (facts, cards) = order(CardKind::GiftCard);
        let rendered = MessageTemplates::new()
            .render(TemplateKind::EmailHtml, Language::Arabic, &facts, &cards, 0, cards.len())
            .expect("rendered");
        let html = rendered.fill(&cards, Escape::Html);
        assert!(html.text.contains("PlayStation 10 $ &lt;b&gt;") && html.text.contains("Boutique &amp; Cie"));
        assert!(html.text.contains(r#"<html lang="ar" dir="rtl">"#));
        for card in &cards {
            let code = format!(">{}</p>", card.code.expose());
            let at = html.text.find(&code).expect("the code");
            let tag = html.text[..at].rfind("<p ").expect("a tag");
            assert!(html.text[tag..at].contains(r#"dir="ltr""#), "codes are read from the left");
        }
        for remote in ["http://", "https://", "src=", "url("] {
            assert!(!html.text.contains(remote), "nothing is fetched when the message is opened: {remote}");
        }
    }
}
