//! One line per assumption, in the words of `docs/assumptions.md`.

use oneclickdz::{Error, ErrorKind};

/// What a check found.
pub(crate) enum Verdict {
    Held(String),
    Broken(String),
    Unchecked(String),
}

pub(crate) fn held(seen: impl Into<String>) -> Verdict {
    Verdict::Held(seen.into())
}

pub(crate) fn broken(seen: impl Into<String>) -> Verdict {
    Verdict::Broken(seen.into())
}

pub(crate) fn unchecked(reason: impl Into<String>) -> Verdict {
    Verdict::Unchecked(reason.into())
}

/// A failure that says nothing about the assumption leaves it unchecked; any other one contradicts it.
pub(crate) fn blame(error: &Error) -> Verdict {
    match error.kind() {
        ErrorKind::Transport
        | ErrorKind::Timeout
        | ErrorKind::RateLimited
        | ErrorKind::InternalServerError
        | ErrorKind::ServiceUnavailable
        | ErrorKind::AuthUnavailable
        | ErrorKind::OutOfStock
        | ErrorKind::InsufficientBalance
        | ErrorKind::Authentication
        | ErrorKind::IpBlocked
        | ErrorKind::StillPending
        | ErrorKind::Closed => unchecked(error.to_string()),
        _ => broken(error.to_string()),
    }
}

/// A check that may fail on its way.
pub(crate) fn settle(outcome: oneclickdz::Result<Verdict>) -> Verdict {
    outcome.unwrap_or_else(|error| blame(&error))
}

/// Held when `is_so`, else not, with the same words of what was seen.
pub(crate) fn held_if(is_so: bool, seen: impl Into<String>) -> Verdict {
    if is_so { held(seen) } else { broken(seen) }
}

/// Number, name and claim of each assumption that this program checks.
const CLAIMS: &[(&str, &str, &str)] = &[
    ("A01", "key-environment", "`/v3/validate` tells the key's environment"),
    ("A02", "ping-without-key", "`/v3/ping` answers without a key"),
    ("A03", "spends-nothing", "a sandbox key leaves the balance alone"),
    ("A10", "not-found-enveloped", "an unknown order is an enveloped 404"),
    ("A11", "router-404", "an unknown path is a 404 without envelope, told from an unknown product"),
    ("A14", "pace", "the engine's default pace meets no 429"),
    ("A20", "balance", "the balance is a decimal number"),
    (
        "A21",
        "plan-kinds",
        "dynamic plans name their limits, fixed plans their amount, GetMenu codes are known",
    ),
    ("A22", "plan-cost-ratio", "a plan's cost is a ratio of the face value"),
    ("A23", "charge-is-ratio", "a top-up is charged its face value times the plan's cost"),
    ("A24", "fixed-with-amount", "a fixed plan accepts its own amount"),
    ("A25", "fixed-without-amount", "a fixed plan may be sent without an amount"),
    ("A26", "get-menu", "GetMenu takes the amount 0 and answers offers on the order"),
    ("A30", "ref-echoed", "`topupRef` is the reference as sent"),
    ("A31", "ref-lookup", "`check-ref` finds an order by the reference as sent"),
    ("A32", "visible-at-once", "an accepted order can be looked up at once"),
    ("A33", "same-ref-adopted", "the same reference and request sent again lead to the first order"),
    ("A34", "ref-conflict", "the same reference for another number is told apart and sells nothing"),
    ("A35", "ref-100-bytes", "a reference of 100 bytes survives"),
    ("A36", "ref-any-marks", "a reference with / ? # & + % and a space survives"),
    ("A40", "mobile-fulfilled", "a top-up of an ordinary number ends FULFILLED"),
    ("A41", "mobile-refunded", "0600000001 ends REFUNDED with a message and nothing charged"),
    ("A42", "mobile-offers", "0600000002 ends REFUNDED with suggested offers"),
    ("A43", "mobile-unknown-error", "0600000003 becomes UNKNOWN_ERROR"),
    ("A44", "status-words", "every status word met is known"),
    ("A45", "order-times", "orders carry their time, in UTC"),
    ("A50", "internet-products", "both lists of internet cards name value and cost in DZD"),
    ("A51", "four-g-word", "`check-number` names 4G in a word that is known"),
    ("A52", "internet-adsl", "an ADSL card ends FULFILLED with code, transaction number and time"),
    ("A53", "internet-4g", "a 4G card ends FULFILLED with code, transaction number and time"),
    ("A60", "gift-catalog", "the catalogue names categories and products"),
    ("A61", "gift-product-path", "the product is at `/checkProduct`"),
    ("A62", "gift-order-path", "the order is at `/checkOrder`"),
    ("A63", "gift-order", "a gift card ends FULFILLED with code and serial and names what was ordered"),
    ("A64", "gift-refund", "the type TEST_REFUND ends REFUNDED"),
    ("A65", "gift-partial", "the type TEST_PARTIAL delivers half of the cards"),
    ("A70", "list-page-size", "lists honour the page size and go on with other items"),
    ("A71", "list-newest-first", "lists begin with the newest order"),
    ("A72", "list-range", "`from` and `to` select by time"),
    ("A73", "list-shows-new", "a new order is in its list at once, for all three services"),
    ("A74", "ledger-words", "every kind of movement in the ledger is known"),
    ("A80", "payment-link", "a payment link is created with reference, address and time"),
    ("A81", "payment-check", "a new link is PENDING and known to be play money"),
];

/// What was said so far.
#[derive(Default)]
pub(crate) struct Report {
    said: Vec<&'static str>,
    held: usize,
    broken: usize,
    unchecked: usize,
    stopped: Option<&'static str>,
}

impl Report {
    pub(crate) fn say(&mut self, name: &'static str, verdict: Verdict) {
        let known = CLAIMS.iter().find(|(_, known, _)| *known == name);
        let (id, _, claim) = known.copied().unwrap_or(("A??", name, "an assumption without a number"));
        let (word, seen) = match verdict {
            Verdict::Held(seen) => (count(&mut self.held, "held"), seen),
            Verdict::Broken(seen) => (count(&mut self.broken, "did not hold"), seen),
            Verdict::Unchecked(seen) => (count(&mut self.unchecked, "could not be checked"), seen),
        };
        println!("{word:<21} {id} {name}: {claim} ({seen})");
        self.said.push(name);
    }

    /// The reason why the rest is not looked at.
    pub(crate) fn stop(&mut self, reason: &'static str) {
        self.stopped = Some(reason);
    }

    /// Says what is left to say and whether all that could be checked held.
    pub(crate) fn finish(mut self) -> bool {
        let reason = self.stopped.unwrap_or("the check was not reached");
        for (_, name, _) in CLAIMS {
            if !self.said.contains(name) {
                self.say(name, unchecked(reason));
            }
        }
        println!(
            "\n{} held, {} did not hold, {} could not be checked. docs/assumptions.md says what the engine does where \
             one does not hold, and which further ones can only be checked by hand.",
            self.held, self.broken, self.unchecked
        );
        self.broken == 0
    }
}

fn count(counter: &mut usize, word: &'static str) -> &'static str {
    *counter += 1;
    word
}
