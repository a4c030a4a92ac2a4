//! What the messages say, per language: data in `texts/`, from PROTOCOL §13.

use serde::{Deserialize, Serialize};

use crate::models::{Language, TemplateKind};

/// The words of one language.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Texts {
    /// `ltr` or `rtl`.
    pub(super) dir: String,
    /// What was bought, with its face value.
    pub(super) titled: String,
    /// What stands between a label and its value.
    pub(super) colon: String,
    pub(super) ready: String,
    pub(super) ready_many: String,
    pub(super) preview: String,
    pub(super) code: String,
    pub(super) code_of: String,
    pub(super) serial: String,
    pub(super) transaction: String,
    pub(super) serial_short: String,
    pub(super) transaction_short: String,
    pub(super) processed: String,
    pub(super) number: String,
    pub(super) reference: String,
    pub(super) partial: String,
    pub(super) secret: String,
    #[serde(skip_serializing)]
    adsl: Usage,
    #[serde(skip_serializing)]
    four_g: Usage,
    #[serde(skip_serializing)]
    gift_card: Usage,
}

/// How a card of one kind is used.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Usage {
    pub(super) name: String,
    pub(super) title: String,
    /// One sentence per step; `{code}` stands for the code.
    pub(super) steps: Vec<String>,
    pub(super) help: String,
    pub(super) sms: String,
}

/// What was bought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CardKind {
    Adsl,
    FourG,
    GiftCard,
}

impl CardKind {
    pub(super) const ALL: [Self; 3] = [Self::Adsl, Self::FourG, Self::GiftCard];

    /// The word that templates and the in-app shape know.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Adsl => "adsl",
            Self::FourG => "four_g",
            Self::GiftCard => "gift_card",
        }
    }
}

impl Texts {
    pub(super) fn usage(&self, kind: CardKind) -> &Usage {
        match kind {
            CardKind::Adsl => &self.adsl,
            CardKind::FourG => &self.four_g,
            CardKind::GiftCard => &self.gift_card,
        }
    }
}

/// The words of a language. The files are part of the program, and a test reads each of them.
pub(super) fn of(language: Language) -> Result<Texts, serde_json::Error> {
    serde_json::from_str(match language {
        Language::Arabic => include_str!("texts/ar.json"),
        Language::French => include_str!("texts/fr.json"),
        Language::English => include_str!("texts/en.json"),
    })
}

/// The template that is used where a shop gives none.
pub(super) fn template(kind: TemplateKind) -> &'static str {
    match kind {
        TemplateKind::EmailSubject => include_str!("texts/email_subject.txt"),
        TemplateKind::EmailText => include_str!("texts/email.txt"),
        TemplateKind::EmailHtml => include_str!("texts/email.html"),
        TemplateKind::Sms => include_str!("texts/sms.txt"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// PROTOCOL §13: what is dialled, what is confirmed with, whom to call, and where the code goes.
    #[test]
    fn every_language_tells_what_the_protocol_knows() {
        for language in Language::ALL {
            let texts = of(*language).expect("well-formed");
            for (kind, entry) in [(CardKind::Adsl, "Flexy"), (CardKind::FourG, "Recharge Internet")] {
                let usage = texts.usage(kind);
                let steps = usage.steps.join("\n");
                assert_eq!(usage.steps.len(), 6, "{language}");
                assert!(steps.contains("*600#") && steps.contains(entry) && steps.contains("{code}"));
                assert!(usage.steps[4].contains('#') && usage.help.contains("3003"), "{language}");
                let sms = &usage.sms;
                assert!(sms.contains("*600#") && sms.contains(entry) && sms.contains("3003"), "{language}");
            }
        }
    }
}
