//! What a message is made of: the codes of an order, opened for as long as one message is built.

use std::fmt;

use zeroize::Zeroize;

use crate::models::Timestamp;

/// What of a card is sealed and goes to the customer (PROTOCOL §13).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Code,
    Serial,
    Transaction,
}

/// One card in plain text. Wiped when dropped; prints nothing.
pub(crate) struct CardSecrets {
    code: String,
    serial: Option<String>,
    transaction: Option<String>,
    pub(crate) processed_at: Option<Timestamp>,
}

impl Field {
    pub(super) fn letter(self) -> char {
        match self {
            Self::Code => 'c',
            Self::Serial => 's',
            Self::Transaction => 't',
        }
    }

    pub(super) fn of_letter(letter: char) -> Option<Self> {
        [Self::Code, Self::Serial, Self::Transaction].into_iter().find(|field| field.letter() == letter)
    }
}

impl CardSecrets {
    pub(crate) fn new(code: &str, serial: Option<&str>, transaction: Option<&str>) -> Self {
        let own = |text: Option<&str>| text.map(str::to_owned);
        Self { code: code.to_owned(), serial: own(serial), transaction: own(transaction), processed_at: None }
    }

    pub(super) fn get(&self, field: Field) -> Option<&str> {
        match field {
            Field::Code => Some(&self.code),
            Field::Serial => self.serial.as_deref(),
            Field::Transaction => self.transaction.as_deref(),
        }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        [Some(self.code.as_str()), self.serial.as_deref(), self.transaction.as_deref()].into_iter().flatten()
    }
}

impl Drop for CardSecrets {
    fn drop(&mut self) {
        self.code.zeroize();
        self.serial.zeroize();
        self.transaction.zeroize();
    }
}

impl fmt::Debug for CardSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The words of a gateway or a mail server as they may be kept: without anything that was in the message, short, on one
/// line. A gateway that repeats a refused message would put the code on record otherwise.
pub(super) fn scrubbed(words: &str, cards: &[CardSecrets]) -> String {
    let mut words = words.to_owned();
    for secret in cards.iter().flat_map(CardSecrets::all).filter(|secret| !secret.is_empty()) {
        if words.contains(secret) {
            let clean = words.replace(secret, "[redacted]");
            words.zeroize();
            words = clean;
        }
    }
    let clean = super::template::plain(words.trim()).chars().take(200).collect();
    words.zeroize();
    clean
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_gateway_repeats_is_taken_out() {
        let cards = [CardSecrets::new("123456789012", Some("SER-1"), Some("AT-2025-1"))];
        let words = scrubbed("550 refused:\r\nYour code 123456789012 (SER-1, AT-2025-1)", &cards);
        assert_eq!(words, "550 refused:  Your code [redacted] ([redacted], [redacted])");
        assert_eq!(format!("{cards:?}"), "[[redacted]]");
    }
}
