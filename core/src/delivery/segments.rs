//! How a text message is cut by the network (3GPP TS 23.038, 23.040), and how to keep a code in one piece.

use std::ops::Range;

use zeroize::Zeroizing;

use super::template::Filled;

/// One sign each in the network's own alphabet of 7 bits.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Two signs each: an escape goes before them.
const EXTENDED: &str = "\u{c}^{}\\[~]|€";

/// How a message is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Alphabet {
    /// 160 signs alone, 153 in a part of a longer message.
    Gsm7,
    /// 70 units of UTF-16 alone, 67 in a part of a longer message.
    Ucs2,
}

impl Alphabet {
    /// The cheaper alphabet that has every sign of the text.
    pub(crate) fn of(text: &str) -> Self {
        match text.chars().all(|sign| BASIC.contains(sign) || EXTENDED.contains(sign)) {
            true => Self::Gsm7,
            false => Self::Ucs2,
        }
    }

    fn units(self, sign: char) -> usize {
        match self {
            Self::Gsm7 if EXTENDED.contains(sign) => 2,
            Self::Gsm7 => 1,
            Self::Ucs2 => sign.len_utf16(),
        }
    }

    fn total(self, text: &str) -> usize {
        text.chars().map(|sign| self.units(sign)).sum()
    }

    const fn alone(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    const fn part(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }
}

/// Where the network is in a message that it sends in parts. A sign of two units never lies in two parts.
struct Cut {
    alphabet: Alphabet,
    segments: u32,
    used: usize,
}

impl Cut {
    fn new(alphabet: Alphabet) -> Self {
        Self { alphabet, segments: 1, used: 0 }
    }

    fn take(&mut self, sign: char) {
        let units = self.alphabet.units(sign);
        if self.used + units > self.alphabet.part() {
            self.segments += 1;
            self.used = 0;
        }
        self.used += units;
    }

    fn has_room(&self, text: &str) -> bool {
        let mut ahead = Self { ..*self };
        text.chars().for_each(|sign| ahead.take(sign));
        ahead.segments == self.segments
    }

    fn is_full(&self) -> bool {
        self.used >= self.alphabet.part()
    }
}

/// A message as the network will send it.
pub(super) struct Message {
    pub(super) text: Zeroizing<String>,
    pub(super) segments: u32,
}

/// A secret that is longer than one part of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLong;

/// Lays a text out so that each of its secrets lies in one part of the message, by moving a secret that would be cut to
/// the beginning of the next part.
pub(super) fn lay_out(filled: &Filled) -> Result<Message, TooLong> {
    let text = filled.text.as_str();
    let alphabet = Alphabet::of(text);
    let copy = |capacity| Zeroizing::new(String::with_capacity(capacity));
    if alphabet.total(text) <= alphabet.alone() {
        let mut whole = copy(text.len());
        whole.push_str(text);
        return Ok(Message { text: whole, segments: 1 });
    }
    let mut laid = copy(text.len() + filled.secrets.len() * alphabet.part());
    let mut cut = Cut::new(alphabet);
    let mut at = 0;
    for Range { start, end } in filled.secrets.iter().cloned() {
        append(&mut laid, &mut cut, &text[at..start]);
        let secret = &text[start..end];
        if alphabet.total(secret) > alphabet.part() {
            return Err(TooLong);
        }
        while !cut.is_full() && !cut.has_room(secret) {
            append(&mut laid, &mut cut, " ");
        }
        append(&mut laid, &mut cut, secret);
        at = end;
    }
    append(&mut laid, &mut cut, &text[at..]);
    Ok(Message { text: laid, segments: cut.segments })
}

fn append(laid: &mut String, cut: &mut Cut, text: &str) {
    for sign in text.chars() {
        cut.take(sign);
        laid.push(sign);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn filled(parts: &[(String, String)]) -> Filled {
        let (mut text, mut secrets) = (String::new(), Vec::new());
        for (before, secret) in parts {
            text.push_str(before);
            secrets.push(text.len()..text.len() + secret.len());
            text.push_str(secret);
        }
        Filled { text: Zeroizing::new(text), secrets }
    }

    /// The parts as a network cuts them, told by the rule alone.
    fn parts(text: &str) -> Vec<String> {
        let alphabet = Alphabet::of(text);
        let cost = |sign: char| match alphabet {
            Alphabet::Gsm7 => 1 + usize::from("^{}\\[~]|€\u{c}".contains(sign)),
            Alphabet::Ucs2 => sign.len_utf16(),
        };
        let (alone, limit) = if alphabet == Alphabet::Gsm7 { (160, 153) } else { (70, 67) };
        if text.chars().map(cost).sum::<usize>() <= alone {
            return vec![text.to_owned()];
        }
        let (mut parts, mut used) = (vec![String::new()], 0);
        for sign in text.chars() {
            if used + cost(sign) > limit {
                parts.push(String::new());
                used = 0;
            }
            used += cost(sign);
            parts.last_mut().expect("one").push(sign);
        }
        parts
    }

    #[test]
    fn counts_by_the_standard() {
        let count = |text: &str| {
            let text = filled(&[(text.to_owned(), String::new())]);
            lay_out(&text).map(|message| message.segments)
        };
        assert_eq!((BASIC.chars().count(), EXTENDED.chars().count()), (127, 10), "the escape is the 128th");
        for (sign, length, segments) in [
            ("a", 160, 1),
            ("a", 161, 2),
            ("a", 306, 2),
            ("a", 307, 3),
            ("€", 80, 1),
            ("€", 81, 2),
            ("€", 152, 2),
            ("€", 153, 3),
            ("ش", 70, 1),
            ("ش", 71, 2),
            ("ش", 134, 2),
            ("ش", 135, 3),
            ("😀", 35, 1),
            ("😀", 36, 2),
            ("😀", 66, 2),
            ("😀", 67, 3),
        ] {
            assert_eq!(count(&sign.repeat(length)), Ok(segments), "{length} of {sign}");
        }
    }

    #[test]
    fn a_secret_that_no_part_can_hold_is_refused() {
        assert!(lay_out(&filled(&[("x".to_owned(), "1".repeat(160))])).is_err());
        assert!(lay_out(&filled(&[("ش".to_owned(), "1".repeat(70))])).is_err());
        assert!(lay_out(&filled(&[("ش".to_owned(), "1".repeat(67))])).is_ok());
    }

    proptest! {
        #[test]
        fn no_secret_is_ever_cut_and_nothing_is_lost(
            parts_of in prop::collection::vec(("[a-z €\\[]{0,180}|[ء-ي 😀a]{0,90}", "[0-9A-Z\\-€]{1,30}"), 1..6)
        ) {
            // Different lengths do not make different secrets: each gets a number of its own.
            let numbered: Vec<_> = parts_of
                .iter()
                .enumerate()
                .map(|(n, (before, secret))| (before.clone(), format!("<{n}{secret}{n}>")))
                .collect();
            let filled = filled(&numbered);
            let message = lay_out(&filled).map_err(|_| TestCaseError::fail("refused"))?;
            let cut = parts(&message.text);
            prop_assert_eq!(cut.len() as u32, message.segments);
            for (_, secret) in &numbered {
                prop_assert!(cut.iter().any(|part| part.contains(secret.as_str())), "{secret} is cut");
            }
            let without_padding = |text: &str| text.replace(' ', "");
            prop_assert_eq!(without_padding(&message.text), without_padding(&filled.text));
        }
    }
}
