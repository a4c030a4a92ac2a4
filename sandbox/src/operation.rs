//! The names of the calls this service answers, as used by fault rules, request counters and logs.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! operations {
    ($( $(#[$doc:meta])* $variant:ident = $name:literal, $write:literal; )*) => {
        /// One call of the service's interface.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation { $( $(#[$doc])* $variant, )* }

        impl Operation {
            /// Every operation, in the order of its counter.
            pub const ALL: &'static [Operation] = &[ $( Operation::$variant, )* ];

            /// The name used in fault rules, request counters and logs.
            pub fn name(self) -> &'static str {
                match self { $( Operation::$variant => $name, )* }
            }

            /// Whether the call creates something, which a read-only key may not do.
            pub fn is_write(self) -> bool {
                match self { $( Operation::$variant => $write, )* }
            }
        }
    };
}

operations! {
    /// `GET /v3/ping`
    Ping = "ping", false;
    /// `GET /v3/validate`
    Validate = "validate", false;
    /// `GET /v3/account/balance`
    AccountBalance = "account.balance", false;
    /// `GET /v3/account/transactions`
    AccountTransactions = "account.transactions", false;
    /// `GET /v3/mobile/plans`
    MobilePlans = "mobile.plans", false;
    /// `POST /v3/mobile/send`
    MobileSend = "mobile.send", true;
    /// `GET /v3/mobile/check-id/{id}`
    MobileCheckId = "mobile.check_id", false;
    /// `GET /v3/mobile/check-ref/{ref}`
    MobileCheckRef = "mobile.check_ref", false;
    /// `GET /v3/mobile/list`
    MobileList = "mobile.list", false;
    /// `GET /v3/internet/products`
    InternetProducts = "internet.products", false;
    /// `GET /v3/internet/check-number`
    InternetCheckNumber = "internet.check_number", false;
    /// `POST /v3/internet/send`
    InternetSend = "internet.send", true;
    /// `GET /v3/internet/check-id/{id}`
    InternetCheckId = "internet.check_id", false;
    /// `GET /v3/internet/check-ref/{ref}`
    InternetCheckRef = "internet.check_ref", false;
    /// `GET /v3/internet/list`
    InternetList = "internet.list", false;
    /// `GET /v3/gift-cards/catalog`
    GiftCatalog = "gift_cards.catalog", false;
    /// `GET /v3/gift-cards/checkProduct/{productId}`
    GiftCheckProduct = "gift_cards.check_product", false;
    /// `POST /v3/gift-cards/placeOrder`
    GiftPlaceOrder = "gift_cards.place_order", true;
    /// `GET /v3/gift-cards/checkOrder/{orderId}`
    GiftCheckOrder = "gift_cards.check_order", false;
    /// `GET /v3/gift-cards/list`
    GiftList = "gift_cards.list", false;
    /// `POST /v3/ocpay/createLink`
    LinkCreate = "payment_links.create", true;
    /// `GET /v3/ocpay/checkPayment/{ref}`
    LinkCheck = "payment_links.check", false;
}

impl Operation {
    /// Position in [`Operation::ALL`], for counters.
    pub(crate) fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of operations: a name, a glob (`*`, `mobile.*`, `*.send`) or a class (`reads`, `writes`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Pattern {
    text: String,
    matches: u32,
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    /// A sentence when the text matches no operation at all: a rule that can never fire is a mistake.
    pub fn parse(text: &str) -> Result<Pattern, String> {
        let mut matches = 0u32;
        for operation in Operation::ALL {
            let hit = match text {
                "reads" => !operation.is_write(),
                "writes" => operation.is_write(),
                _ => glob(text, operation.name()),
            };
            if hit {
                matches |= 1 << operation.index();
            }
        }
        if matches == 0 {
            return Err(format!(
                "operation '{text}' matches nothing: use a name such as mobile.send, a glob such as *.send or \
                 mobile.*, or one of *, reads, writes"
            ));
        }
        Ok(Pattern { text: text.to_owned(), matches })
    }

    /// Whether the pattern covers this operation.
    pub fn covers(&self, operation: Operation) -> bool {
        self.matches & (1 << operation.index()) != 0
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl TryFrom<String> for Pattern {
    type Error = String;

    fn try_from(text: String) -> Result<Pattern, String> {
        Pattern::parse(&text)
    }
}

impl From<Pattern> for String {
    fn from(pattern: Pattern) -> String {
        pattern.text
    }
}

/// Matches `*` against any run of characters; everything else literally.
fn glob(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((head, rest)) => name.strip_prefix(head).is_some_and(|tail| {
            (0..=tail.len()).any(|skip| tail.get(skip..).is_some_and(|remainder| glob(rest, remainder)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_cover_names_globs_and_classes() {
        let sends = Pattern::parse("*.send").unwrap();
        assert!(sends.covers(Operation::MobileSend) && sends.covers(Operation::InternetSend));
        assert!(!sends.covers(Operation::GiftPlaceOrder));
        assert!(Pattern::parse("mobile.*").unwrap().covers(Operation::MobileList));
        assert!(Pattern::parse("*").unwrap().covers(Operation::Ping));
        assert!(Pattern::parse("writes").unwrap().covers(Operation::LinkCreate));
        assert!(!Pattern::parse("reads").unwrap().covers(Operation::LinkCreate));
        assert!(Pattern::parse("mobile.sent").is_err());
    }
}
