//! Values that must never be seen by accident: the API key, card codes and serials.

use std::fmt;

use zeroize::Zeroize;

/// A value that prints as `[redacted]`, cannot be serialised and is wiped from memory when dropped.
///
/// The only way to its content is [`Secret::expose`], so that a search for that word finds every place where a
/// secret is read on purpose.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Secret<T: Zeroize>(T);

/// A secret text: an API key, a card code, a serial number.
pub type SecretText = Secret<String>;

impl<T: Zeroize> Secret<T> {
    /// Hides a value.
    pub fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself. Show it to its owner; never log it, never store it in plain text.
    pub fn expose(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl From<&str> for SecretText {
    fn from(text: &str) -> Self {
        Self::new(text.to_owned())
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl<T: Zeroize> fmt::Display for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_nothing_of_the_value() {
        let secret = SecretText::from("1234-5678");
        assert_eq!(format!("{secret:?} {secret}"), "[redacted] [redacted]");
        assert_eq!(secret.expose(), "1234-5678");
    }
}
