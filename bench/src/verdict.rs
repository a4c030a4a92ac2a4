//! Lines of figures, each with its goal and whether it was met.

use std::fmt::Display;
use std::io::{Write, stdout};

use crate::calls::Result;

/// What a figure is measured against.
pub(crate) enum Goal {
    AtMost(f64),
    AtLeast(f64),
    /// Only told.
    Told,
}

pub(crate) fn title(text: impl Display) -> Result<()> {
    Ok(writeln!(stdout(), "\n{text}")?)
}

pub(crate) fn note(text: impl Display) -> Result<()> {
    Ok(writeln!(stdout(), "  {text}")?)
}

/// One figure. Without a value, such as that of orders that nobody saw settle, no goal is met.
pub(crate) fn line(what: &str, value: Option<f64>, unit: &str, goal: &Goal) -> Result<()> {
    let figure = value.map_or_else(|| "none".to_owned(), |value| format!("{}{unit}", digits(value)));
    let verdict = match (goal, value) {
        (Goal::Told, _) => String::new(),
        (Goal::AtMost(most), value) => {
            let is_met = value.is_some_and(|value| value <= *most);
            format!("goal at most {}{unit}: {}", digits(*most), word(is_met))
        }
        (Goal::AtLeast(least), value) => {
            let is_met = value.is_some_and(|value| value >= *least);
            format!("goal at least {}{unit}: {}", digits(*least), word(is_met))
        }
    };
    Ok(writeln!(stdout(), "{}", format!("  {what:<66} {figure:>12}   {verdict}").trim_end())?)
}

fn word(is_met: bool) -> &'static str {
    if is_met { "met" } else { "MISSED" }
}

/// Three digits that count, more before the point.
fn digits(value: f64) -> String {
    match value.abs() {
        small if small < 0.0995 && small > 0.0 => format!("{value:.4}"),
        small if small < 9.95 => format!("{value:.2}"),
        middle if middle < 99.5 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keep_three_digits() {
        let told = [0.0, 0.0123, 0.7, 5.5, 12.34, 1234.5].map(digits);
        assert_eq!(told, ["0.00", "0.0123", "0.70", "5.50", "12.3", "1234"]);
    }
}
