//! What of a card is secret, and how it is kept out of what others say.

use crate::models::Card;

/// What of a card is sealed and goes to the customer (PROTOCOL §13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Code,
    Serial,
    Transaction,
}

impl Field {
    const ALL: [Self; 3] = [Self::Code, Self::Serial, Self::Transaction];

    pub(super) fn letter(self) -> char {
        match self {
            Self::Code => 'c',
            Self::Serial => 's',
            Self::Transaction => 't',
        }
    }

    pub(super) fn of_letter(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.letter() == letter)
    }

    pub(super) fn of(self, card: &Card) -> Option<&str> {
        let secret = match self {
            Self::Code => Some(&card.code),
            Self::Serial => card.serial.as_ref(),
            Self::Transaction => card.transaction_number.as_ref(),
        };
        secret.map(|secret| secret.expose().as_str())
    }
}

/// The words of a gateway or a mail server as they may be kept: without anything that was in the message, short, on one
/// line. A gateway that repeats a refused message would put the code on record otherwise.
pub(super) fn scrubbed(words: &str, cards: &[Card]) -> String {
    // All are looked for before anything is taken out: one may be a part of another, of which the rest would stay.
    let mut is_secret = vec![false; words.len()];
    for secret in cards.iter().flat_map(|card| Field::ALL.map(|field| field.of(card))).flatten() {
        for (at, found) in words.match_indices(secret) {
            is_secret[at..at + found.len()].fill(true);
        }
    }
    let mut clean = String::with_capacity(words.len());
    for (at, sign) in words.char_indices() {
        match is_secret[at] {
            true if at == 0 || !is_secret[at - 1] => clean.push_str("[redacted]"),
            true => {}
            false => clean.push(sign),
        }
    }
    super::template::plain(clean.trim()).chars().take(200).collect()
}

/// A card for tests and for trying templates.
pub(super) fn sample(code: &str, serial: Option<&str>, transaction: Option<&str>) -> Card {
    Card {
        index: 0,
        code: code.into(),
        serial: serial.map(Into::into),
        transaction_number: transaction.map(Into::into),
        processed_at: None,
        processed_at_text: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_gateway_repeats_is_taken_out() {
        let cards = [sample("123456789012", Some("SER-1"), Some("AT-2025-1"))];
        let words = scrubbed("550 refused:\r\nYour code 123456789012 (SER-1, AT-2025-1)", &cards);
        assert_eq!(words, "550 refused:  Your code [redacted] ([redacted], [redacted])");
    }

    #[test]
    fn what_holds_another_secret_is_taken_out_whole() {
        let cards = [
            sample("4455667788990011", Some("4455667788990011-A7Q2"), Some("7")),
            sample("1122-7-334455", None, None),
        ];
        let words = scrubbed("no: 4455667788990011-A7Q2, 1122-7-334455, 4455667788990011", &cards);
        assert_eq!(words, "no: [redacted], [redacted], [redacted]");
    }
}
