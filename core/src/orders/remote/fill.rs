//! How much of a gift-card order was delivered: quantity, price, charge and cards as one checked value (PROTOCOL §6).

use crate::models::{GiftCardOrder, RemoteState};
use crate::money::Dzd;

/// What an answer tells of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fill {
    state: RemoteState,
    quantity: Option<u32>,
    fulfilled: Option<u32>,
    charged: Option<Dzd>,
    price: Option<Dzd>,
    cards: u32,
}

/// What that means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Measured {
    /// By the numbers, where they say something else than the word.
    pub(super) state: RemoteState,
    pub(super) refunded: Option<Dzd>,
    /// How many cards this state must bring; at least one where anything was delivered.
    pub(super) cards_due: u32,
    /// Which rule the numbers break.
    pub(super) fault: Option<Fault>,
}

/// A rule of PROTOCOL §6 that an answer breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) rule: &'static str,
    /// The charge by the rule and the charge that was told, where they are what differs.
    pub(crate) amounts: Option<(Dzd, Dzd)>,
}

impl Fill {
    pub(super) fn of(order: &GiftCardOrder) -> Self {
        Self {
            state: order.state,
            quantity: order.quantity,
            fulfilled: order.fulfilled_quantity,
            charged: order.fulfilled_amount,
            price: order.price_per_card,
            cards: order.cards.len() as u32,
        }
    }

    /// Weighs it against what was ordered, or against the answer's own quantity where nobody can say.
    pub(super) fn measured(&self, ordered: Option<u32>) -> Measured {
        let ordered = ordered.or(self.quantity);
        let is_short = |fulfilled: u32| ordered.is_some_and(|ordered| fulfilled < ordered);
        let state = match self.state {
            RemoteState::Succeeded if self.fulfilled.is_some_and(|some| some > 0 && is_short(some)) => {
                RemoteState::Partial
            }
            RemoteState::Partial if self.is_of_nothing() => RemoteState::Refunded,
            state => state,
        };
        let at_most_ordered = |count: u32| ordered.map_or(count, |ordered| count.min(ordered));
        let cards_due = match state {
            RemoteState::Succeeded => at_most_ordered(self.fulfilled.or(ordered).unwrap_or(1)).max(1),
            RemoteState::Partial => at_most_ordered(self.fulfilled.unwrap_or(1)).max(1),
            _ => 0,
        };
        let fulfilled = match state {
            RemoteState::Refunded => Some(self.fulfilled.unwrap_or(0)),
            RemoteState::Succeeded | RemoteState::Partial => self.fulfilled,
            _ => None,
        };
        let rest = |ordered: Option<u32>| ordered?.checked_sub(fulfilled?);
        let price = self.price.filter(|price| *price >= Dzd::ZERO);
        let refunded = rest(ordered).and_then(|rest| price?.checked_mul(rest));
        let fault = if state.is_final() { self.fault(state, ordered, fulfilled) } else { None };
        Measured { state, refunded, cards_due, fault }
    }

    /// No card and no charge, whatever the word for it: the whole order came back (PROTOCOL §6, `REFUNDED`).
    fn is_of_nothing(&self) -> bool {
        let is_free = self.charged.is_none_or(|charged| charged == Dzd::ZERO);
        let is_told = self.fulfilled.is_some() || self.charged.is_some();
        self.fulfilled.unwrap_or(0) == 0 && self.cards == 0 && is_free && is_told
    }

    /// Missing cards are no fault here: an answer without them is not believed to be the end.
    fn fault(&self, state: RemoteState, ordered: Option<u32>, fulfilled: Option<u32>) -> Option<Fault> {
        let broken = |rule| Some(Fault { rule, amounts: None });
        let delivered = fulfilled.or(ordered);
        match () {
            () if self.quantity.is_some_and(|told| ordered.is_some_and(|ordered| told != ordered)) => {
                broken("the order is for another quantity than was ordered")
            }
            () if self.fulfilled.is_some_and(|some| ordered.is_some_and(|ordered| some > ordered)) => {
                broken("more was delivered than was ordered")
            }
            () if self.state != state && state == RemoteState::Partial => {
                broken("it is fulfilled with less than was ordered")
            }
            () if state == RemoteState::Succeeded && self.fulfilled == Some(0) => {
                broken("it is fulfilled with nothing")
            }
            () if state == RemoteState::Refunded && (fulfilled != Some(0) || self.cards > 0) => {
                broken("it is refunded and was delivered")
            }
            () if delivered.is_some_and(|delivered| self.cards > delivered) => {
                broken("it has more cards than were delivered")
            }
            () if self.price.is_some_and(|price| price < Dzd::ZERO) => broken("its price is below nothing"),
            () => self.wrong_charge(fulfilled),
        }
    }

    /// `fulfilled_amount` is `fulfilled_quantity x price_per_card`, and nothing where nothing was delivered.
    fn wrong_charge(&self, fulfilled: Option<u32>) -> Option<Fault> {
        let (charged, fulfilled) = (self.charged?, fulfilled?);
        let rule = "the charge is not the price of what was delivered";
        let by_rule = match fulfilled {
            0 => Dzd::ZERO,
            // A product that no exact decimal holds is no charge either.
            some => match self.price?.checked_mul(some) {
                Some(by_rule) => by_rule,
                None => return Some(Fault { rule, amounts: None }),
            },
        };
        (by_rule != charged).then_some(Fault { rule, amounts: Some((by_rule, charged)) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(state: RemoteState, fulfilled: u32, charged: i64, cards: u32) -> Fill {
        Fill {
            state,
            quantity: Some(4),
            fulfilled: Some(fulfilled),
            charged: Some(Dzd::whole(charged)),
            price: Some(Dzd::whole(10)),
            cards,
        }
    }

    fn measured(fill: Fill) -> (RemoteState, Option<i64>, u32, Option<&'static str>) {
        let Measured { state, refunded, cards_due, fault } = fill.measured(Some(4));
        (state, refunded.and_then(Dzd::to_whole), cards_due, fault.map(|fault| fault.rule))
    }

    #[test]
    fn numbers_that_agree_break_no_rule() {
        use RemoteState::{Partial, Refunded, Succeeded};
        for (state, fulfilled, refunded) in [(Succeeded, 4, 0), (Partial, 3, 10), (Refunded, 0, 40)] {
            let told = fill(state, fulfilled, i64::from(fulfilled) * 10, fulfilled);
            assert_eq!(measured(told), (state, Some(refunded), fulfilled, None));
        }
        let untold = Fill { fulfilled: None, charged: None, price: None, ..fill(Succeeded, 0, 0, 4) };
        assert_eq!(measured(untold), (Succeeded, None, 4, None), "what is not told breaks nothing");
        let early = Fill { fulfilled: None, ..fill(RemoteState::Pending, 0, 0, 1) };
        assert_eq!(measured(early), (RemoteState::Pending, None, 0, None), "nothing is due before the end");
    }

    #[test]
    fn numbers_go_before_words() {
        use RemoteState::{Partial, Refunded, Succeeded};
        assert_eq!(measured(fill(Partial, 0, 0, 0)), (Refunded, Some(40), 0, None));
        let (state, refunded, due, fault) = measured(fill(Succeeded, 1, 10, 1));
        assert_eq!((state, refunded, due), (Partial, Some(30), 1));
        assert_eq!(fault, Some("it is fulfilled with less than was ordered"));
        // Charged for nothing, or fulfilled with nothing: no end that could be told.
        assert_eq!(measured(fill(Partial, 0, 10, 0)).2, 1);
        assert_eq!(measured(fill(Succeeded, 0, 0, 0)).2, 1);
    }

    #[test]
    fn broken_rules_are_named_and_nothing_overflows() {
        use RemoteState::{Partial, Refunded, Succeeded};
        let wrong = fill(Partial, 2, 999, 2).measured(Some(4));
        assert_eq!(wrong.fault.and_then(|fault| fault.amounts), Some((Dzd::whole(20), Dzd::whole(999))));
        assert_eq!((wrong.state, wrong.refunded), (Partial, Some(Dzd::whole(20))));
        for broken in [
            fill(Succeeded, 5, 50, 5),
            fill(Succeeded, 4, 40, 5),
            fill(Partial, 2, 20, 3),
            fill(Refunded, 2, 20, 2),
            fill(Refunded, 0, 10, 0),
            Fill { quantity: Some(3), ..fill(Succeeded, 4, 40, 4) },
            Fill { price: Some(Dzd::whole(-10)), ..fill(Partial, 2, -20, 2) },
        ] {
            assert!(broken.measured(Some(4)).fault.is_some(), "{broken:?}");
        }
        let most = Dzd::from(rust_decimal::Decimal::MAX);
        let huge =
            Fill { price: Some(most), charged: Some(most), ..fill(Partial, 2, 0, 2) }.measured(Some(4));
        assert!(huge.fault.is_some() && huge.refunded.is_none());
        let many = Fill { quantity: Some(u32::MAX), ..fill(Partial, u32::MAX, 0, 0) };
        assert!(many.measured(Some(u32::MAX)).fault.is_some() && many.measured(Some(0)).refunded.is_none());
    }
}
