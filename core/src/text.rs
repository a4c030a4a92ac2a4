//! Rules for the texts that callers give beside an order: whose it is, who looks at it and why.

use crate::error::{Error, Result};

/// One line of 1 to `limit` characters.
pub(crate) fn checked(operation: &'static str, field: &str, text: &str, limit: usize) -> Result<()> {
    if text.is_empty() || text.chars().count() > limit || text.chars().any(char::is_control) {
        let rule = format!("must be 1 to {limit} characters on one line: correct it or leave it out");
        return Err(Error::invalid(operation, field, rule));
    }
    Ok(())
}

/// Those of them that are there.
pub(crate) fn checked_all(operation: &'static str, given: &[(&str, &Option<String>, usize)]) -> Result<()> {
    let mut given = given.iter().filter_map(|(field, text, limit)| Some((field, text.as_deref()?, limit)));
    given.try_for_each(|(field, text, limit)| checked(operation, field, text, *limit))
}
