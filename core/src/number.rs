//! Phone and line numbers in the one spelling that the service accepts (PROTOCOL §3).

use std::fmt;

/// A mobile number: ten digits, `05`, `06` or `07` first. The wire calls it `MSSIDN`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct MobileNumber(String);

/// An ADSL line: nine digits with the leading zero, such as `036362608`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct AdslNumber(String);

/// A 4G line: twelve digits with the country code and no plus, such as `213472731602`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FourGNumber(String);

/// The operator that a mobile prefix usually belongs to. Numbers are portable: only a hint, never a reason to refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OperatorHint {
    /// 05x
    Ooredoo,
    /// 06x
    Mobilis,
    /// 07x
    Djezzy,
}

/// The rule that a number breaks. Its text says what to change.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NumberError {
    /// The text is empty.
    #[error("is empty: give {expected}")]
    Empty {
        /// The form that is accepted.
        expected: &'static str,
    },
    /// The text holds spaces, dots, dashes or brackets.
    #[error("holds spaces or punctuation: give the digits alone, {expected}")]
    Separators {
        /// The form that is accepted.
        expected: &'static str,
    },
    /// The text has digits of another script, such as Arabic-Indic ones.
    #[error("is written with digits other than 0 to 9: give {expected}")]
    ForeignDigits {
        /// The form that is accepted.
        expected: &'static str,
    },
    /// The text has letters or signs.
    #[error("holds a character that is not a digit: give {expected}")]
    NotDigits {
        /// The form that is accepted.
        expected: &'static str,
    },
    /// The text is in the international form.
    #[error("is in international form: give the national form, {expected}")]
    International {
        /// The form that is accepted.
        expected: &'static str,
    },
    /// The leading zero is missing, as happens when a number is kept as an integer.
    #[error("lacks its leading zero (kept as an integer?): give {expected}")]
    MissingZero {
        /// The form that is accepted.
        expected: &'static str,
    },
    /// The country code is missing.
    #[error("lacks the country code 213: give {expected}")]
    MissingCountryCode {
        /// The form that is accepted.
        expected: &'static str,
    },
    /// The number of digits is wrong.
    #[error("has {found} digits: give {expected}")]
    Length {
        /// How many digits were found.
        found: usize,
        /// The form that is accepted.
        expected: &'static str,
    },
    /// The first digits are not those of the service.
    #[error("does not begin as such a number does: give {expected}")]
    Prefix {
        /// The form that is accepted.
        expected: &'static str,
    },
}

const MOBILE: &str = "10 digits beginning with 05, 06 or 07, such as 0778037340";
const ADSL: &str = "9 digits beginning with 0, such as 036362608";
const FOUR_G: &str = "12 digits beginning with 213, such as 213472731602";

impl MobileNumber {
    /// Accepts the service's own form and nothing else.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        only_digits(text, MOBILE)?;
        if text.starts_with("213") || text.starts_with("00213") {
            return Err(NumberError::International { expected: MOBILE });
        }
        if text.len() == 9 && text.starts_with(['5', '6', '7']) {
            return Err(NumberError::MissingZero { expected: MOBILE });
        }
        exact_length(text, 10, MOBILE)?;
        match text.as_bytes() {
            [b'0', b'5' | b'6' | b'7', ..] => Ok(Self(text.to_owned())),
            _ => Err(NumberError::Prefix { expected: MOBILE }),
        }
    }

    /// Accepts what people paste: `+213 778 03 73 40`, `00213778037340`, `0778-03-73-40`, Arabic-Indic digits.
    ///
    /// # Errors
    /// The rule that the cleaned text still breaks.
    pub fn normalize(text: &str) -> Result<Self, NumberError> {
        Self::parse(&national(&pasted_digits(text), 9))
    }

    /// The operator that the prefix usually belongs to.
    pub fn operator_hint(&self) -> OperatorHint {
        match self.0.as_bytes()[1] {
            b'5' => OperatorHint::Ooredoo,
            b'6' => OperatorHint::Mobilis,
            _ => OperatorHint::Djezzy,
        }
    }
}

impl AdslNumber {
    /// Accepts the service's own form and nothing else.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        only_digits(text, ADSL)?;
        if (text.starts_with("213") && text.len() == 11) || text.starts_with("00213") {
            return Err(NumberError::International { expected: ADSL });
        }
        if text.len() == 8 && !text.starts_with('0') {
            return Err(NumberError::MissingZero { expected: ADSL });
        }
        exact_length(text, 9, ADSL)?;
        if !text.starts_with('0') {
            return Err(NumberError::Prefix { expected: ADSL });
        }
        Ok(Self(text.to_owned()))
    }

    /// Accepts what people paste: `+213 36 36 26 08`, `036 36 26 08`, Arabic-Indic digits.
    ///
    /// # Errors
    /// The rule that the cleaned text still breaks.
    pub fn normalize(text: &str) -> Result<Self, NumberError> {
        Self::parse(&national(&pasted_digits(text), 8))
    }
}

impl FourGNumber {
    /// Accepts the service's own form and nothing else.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, NumberError> {
        if text.starts_with('+') && text[1..].bytes().all(|b| b.is_ascii_digit()) {
            return Err(NumberError::NotDigits { expected: FOUR_G });
        }
        only_digits(text, FOUR_G)?;
        if !text.starts_with("213") && matches!(text.len(), 9 | 10) {
            return Err(NumberError::MissingCountryCode { expected: FOUR_G });
        }
        exact_length(text, 12, FOUR_G)?;
        if !text.starts_with("213") {
            return Err(NumberError::Prefix { expected: FOUR_G });
        }
        Ok(Self(text.to_owned()))
    }

    /// Accepts what people paste: `+213 472 73 16 02`, `0472731602`, Arabic-Indic digits.
    ///
    /// # Errors
    /// The rule that the cleaned text still breaks.
    pub fn normalize(text: &str) -> Result<Self, NumberError> {
        let national = national(&pasted_digits(text), 9);
        match national.strip_prefix('0') {
            Some(rest) => Self::parse(&format!("213{rest}")),
            None => Self::parse(&national),
        }
    }
}

macro_rules! number_text { ($($number:ty)+) => { $(
    impl $number {
        /// The digits as the service wants them.
        pub fn as_str(&self) -> &str {
            &self.0
        }
    }

    impl fmt::Display for $number {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(&self.0)
        }
    }
)+ } }
number_text!(MobileNumber AdslNumber FourGNumber);

fn only_digits(text: &str, expected: &'static str) -> Result<(), NumberError> {
    if text.is_empty() {
        return Err(NumberError::Empty { expected });
    }
    let national_of_plus = text.strip_prefix('+').unwrap_or(text);
    for c in national_of_plus.chars() {
        match c {
            '0'..='9' => {}
            ' ' | '-' | '.' | '/' | '(' | ')' | '\t' | '\n' | '\r' | '\u{a0}' | '\u{202f}' => {
                return Err(NumberError::Separators { expected });
            }
            _ if c.is_numeric() => return Err(NumberError::ForeignDigits { expected }),
            _ => return Err(NumberError::NotDigits { expected }),
        }
    }
    match text.starts_with('+') {
        true => Err(NumberError::International { expected }),
        false => Ok(()),
    }
}

fn exact_length(digits: &str, length: usize, expected: &'static str) -> Result<(), NumberError> {
    match digits.len() == length {
        true => Ok(()),
        false => Err(NumberError::Length { found: digits.len(), expected }),
    }
}

/// The pasted text without separators and direction marks, Arabic-Indic digits turned into 0 to 9.
fn pasted_digits(text: &str) -> String {
    let digit = |c: char, zero: char| char::from_digit(c as u32 - zero as u32, 10);
    text.chars()
        .filter_map(|c| match c {
            ' ' | '-' | '.' | '/' | '(' | ')' | '\t' | '\n' | '\r' | '\u{a0}' | '\u{202f}' => None,
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => None,
            '٠'..='٩' => digit(c, '٠'),
            '۰'..='۹' => digit(c, '۰'),
            _ => Some(c),
        })
        .collect()
}

/// `+213`, `00213` or `213` before exactly `length` digits becomes the leading zero; `(0)` after it is dropped.
fn national(digits: &str, length: usize) -> String {
    let without_code = digits
        .strip_prefix("+213")
        .or_else(|| digits.strip_prefix("00213"))
        .or_else(|| digits.strip_prefix("213"));
    match without_code {
        Some(rest) if rest.len() == length => format!("0{rest}"),
        Some(rest) if rest.len() == length + 1 && rest.starts_with('0') => rest.to_owned(),
        _ => digits.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mobile_error(text: &str) -> NumberError {
        MobileNumber::parse(text).expect_err(text)
    }

    #[test]
    fn accepts_the_documented_forms() {
        for text in ["0778037340", "0665983439", "0556121212", "0600000001"] {
            assert_eq!(MobileNumber::parse(text).expect(text).as_str(), text);
        }
        for text in ["036362608", "031417237", "021123456"] {
            assert_eq!(AdslNumber::parse(text).expect(text).as_str(), text);
        }
        assert_eq!(FourGNumber::parse("213472731602").expect("4G").as_str(), "213472731602");
    }

    #[test]
    fn names_each_rule_that_a_mobile_number_breaks() {
        let expected = MOBILE;
        assert_eq!(mobile_error(""), NumberError::Empty { expected });
        assert_eq!(mobile_error("0778 037 340"), NumberError::Separators { expected });
        assert_eq!(mobile_error("+213778037340"), NumberError::International { expected });
        assert_eq!(mobile_error("213778037340"), NumberError::International { expected });
        assert_eq!(mobile_error("778037340"), NumberError::MissingZero { expected });
        assert_eq!(mobile_error("07780373"), NumberError::Length { found: 8, expected });
        assert_eq!(mobile_error("0878037340"), NumberError::Prefix { expected });
        assert_eq!(mobile_error("07780373AB"), NumberError::NotDigits { expected });
        assert_eq!(mobile_error("٠٧٧٨٠٣٧٣٤٠"), NumberError::ForeignDigits { expected });
        assert_eq!(mobile_error("😀"), NumberError::NotDigits { expected });
    }

    #[test]
    fn names_each_rule_that_a_line_breaks() {
        let adsl = |text: &str| AdslNumber::parse(text).expect_err(text);
        assert_eq!(adsl("36362608"), NumberError::MissingZero { expected: ADSL });
        assert_eq!(adsl("+21336362608"), NumberError::International { expected: ADSL });
        assert_eq!(adsl("123456"), NumberError::Length { found: 6, expected: ADSL });
        assert_eq!(adsl("936362608"), NumberError::Prefix { expected: ADSL });
        let four_g = |text: &str| FourGNumber::parse(text).expect_err(text);
        assert_eq!(four_g("472731602"), NumberError::MissingCountryCode { expected: FOUR_G });
        assert_eq!(four_g("0472731602"), NumberError::MissingCountryCode { expected: FOUR_G });
        assert_eq!(four_g("+213472731602"), NumberError::NotDigits { expected: FOUR_G });
        assert_eq!(four_g("21347273160"), NumberError::Length { found: 11, expected: FOUR_G });
        assert_eq!(four_g("214472731602"), NumberError::Prefix { expected: FOUR_G });
    }

    #[test]
    fn normalizes_what_people_paste_only_when_asked() {
        for text in
            ["+213 778 03 73 40", "00213778037340", "0778-03-73-40", "+213 (0) 778 037 340", "٠٧٧٨٠٣٧٣٤٠"]
        {
            assert_eq!(MobileNumber::normalize(text).expect(text).as_str(), "0778037340");
        }
        assert_eq!(AdslNumber::normalize("+213 36 36 26 08").expect("ADSL").as_str(), "036362608");
        for text in ["+213 472 73 16 02", "0472731602", "213472731602"] {
            assert_eq!(FourGNumber::normalize(text).expect(text).as_str(), "213472731602");
        }
        assert!(MobileNumber::normalize("+33 6 12 34 56 78").is_err());
    }

    #[test]
    fn hints_at_the_operator() {
        assert_eq!(MobileNumber::parse("0556121212").expect("05").operator_hint(), OperatorHint::Ooredoo);
        assert_eq!(MobileNumber::parse("0665983439").expect("06").operator_hint(), OperatorHint::Mobilis);
        assert_eq!(MobileNumber::parse("0778037340").expect("07").operator_hint(), OperatorHint::Djezzy);
    }

    proptest! {
        #[test]
        fn any_text_is_a_number_or_a_named_rule(text in ".{0,40}") {
            let _ = (MobileNumber::parse(&text), AdslNumber::parse(&text), FourGNumber::parse(&text));
            let _ = (MobileNumber::normalize(&text), AdslNumber::normalize(&text), FourGNumber::normalize(&text));
        }

        #[test]
        fn every_number_of_the_documented_pattern_is_accepted(text in "0[567][0-9]{8}") {
            prop_assert_eq!(MobileNumber::normalize(&text), MobileNumber::parse(&text));
        }
    }
}
