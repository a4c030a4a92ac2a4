//! The money side of a comparison: the journal's amounts against the ledger, the ledger against the balance.

use super::comparison::{Comparison, Key, about, by_id, of_order};
use super::ledger::{self, Direction, Moves};
use crate::error::Result;
use crate::journal::{Intent, Record};
use crate::models::{AccountTransaction, Finding, FindingKind, Order, OrderState, Service, Timestamp};
use crate::money::Dzd;
use crate::orders::{policy, schedule};
use crate::transport::wire::mobile::is_get_menu;

impl Comparison<'_> {
    /// What the ledger says of each order, and of orders that nobody else knows.
    pub(super) async fn compare_ledger(&mut self) -> Result<()> {
        let told = self.records.keys().filter(|key| !self.doubted.contains(*key));
        for key in by_id(told.cloned().collect()) {
            let Some(record) = self.records.get(&key).cloned() else { continue };
            let moves = self.moves(&key);
            if self.is_of_window(&record) {
                self.compare_charge(&record, moves);
            }
            self.compare_refund(&record, moves);
        }
        let is_settled_down = |at: Timestamp| schedule::age(at, self.now) >= policy::LISTED_WITHIN;
        let is_asked_for = |(key, moves): &(&Key, &Moves)| {
            let is_inside = moves.at.is_some_and(|at| self.is_inside(at) && is_settled_down(at));
            is_inside && !self.records.contains_key(*key) && !self.shown.contains(*key)
        };
        let unknown: Vec<(Key, Moves)> = (self.movements.by_order.iter())
            .filter(is_asked_for)
            .map(|(key, moves)| (key.clone(), *moves))
            .collect();
        let known = self.known(unknown.iter().map(|(key, _)| key.clone())).await?;
        for (key, moves) in unknown.into_iter().filter(|(key, _)| !known.contains(key)) {
            let (kind, actual, what) = match (moves.charged, key.0) {
                (Some(charged), Service::GiftCards) => (FindingKind::GiftCardsUnclaimed, charged, "a charge"),
                (Some(charged), _) => (FindingKind::MissingHere, charged, "a charge"),
                (None, _) => (FindingKind::RefundNotSeen, moves.refunded.unwrap_or_default(), "a refund"),
            };
            let detail = format!("the ledger has {what} for an order that no list and no record shows");
            let finding = of_order(kind, key.0, &key.1, detail);
            self.findings.push(Finding { actual: Some(actual), ..finding });
        }
        Ok(())
    }

    fn compare_charge(&mut self, record: &Record, moves: Moves) {
        let expected = gross(&record.order);
        if let Some(actual) = moves.charged {
            if expected.is_some_and(|expected| expected != actual) {
                let detail = "what was charged and what came back here is not what the ledger charged";
                let finding = about(FindingKind::AmountDiffers, record, detail.to_owned());
                self.findings.push(Finding { expected, actual: Some(actual), ..finding });
            }
            return;
        }
        let is_free = expected == Some(Dzd::ZERO)
            || matches!(&record.intent, Intent::Mobile { plan_code, .. } if is_get_menu(plan_code));
        let is_charged = !matches!(record.order.state, OrderState::Refused | OrderState::Expired);
        if is_free || !is_charged || self.is_young(record) || record.order.updated_at > self.books_until {
            return;
        }
        if !self.movements.take_unlinked(record.order.service, Direction::Charge, expected) {
            let detail = "the ledger has no charge for it".to_owned();
            let finding = about(FindingKind::ChargeNotSeen, record, detail);
            self.findings.push(Finding { expected, ..finding });
        }
    }

    fn compare_refund(&mut self, record: &Record, moves: Moves) {
        let order = &record.order;
        let is_back = matches!(order.state, OrderState::Refunded | OrderState::PartiallyFilled);
        let expected = order.refunded;
        let (kind, actual, detail) = match (moves.refunded, expected) {
            (Some(actual), _) if !is_back => {
                let detail = format!("the ledger has a refund for an order that is `{}`", order.state);
                (FindingKind::RefundNotSeen, Some(actual), detail)
            }
            // Of an order from before the window only a part of the refunds may have been read.
            (Some(actual), Some(expected)) if expected != actual && self.is_of_window(record) => {
                (FindingKind::AmountDiffers, Some(actual), "the ledger has another refund".to_owned())
            }
            (None, Some(expected)) if is_back && expected > Dzd::ZERO && self.is_of_window(record) => {
                let is_late = order.updated_at > self.books_until
                    || schedule::age(order.updated_at, self.now) < policy::LISTED_WITHIN;
                if is_late || self.movements.take_unlinked(order.service, Direction::Refund, Some(expected)) {
                    return;
                }
                (FindingKind::RefundNotSeen, None, "the ledger has no refund for it".to_owned())
            }
            _ => return,
        };
        self.findings.push(Finding { expected, actual, ..about(kind, record, detail) });
    }

    /// Whether each line begins where the one before ended, and, where the ledger was read up to the present, whether
    /// it leads to the account's balance.
    pub(super) fn compare_balance(&mut self, lines: &[AccountTransaction], balance: Dzd) {
        for found in ledger::breaks(lines) {
            let detail = match found.is_inside_line {
                true => "a line's amount is not what it did to the balance",
                false => "a line does not begin with the balance that the one before left",
            };
            self.balance_differs(found.order_id, found.expected, found.actual, detail);
        }
        if self.books_until < self.now + policy::CLOCK_SKEW {
            return;
        }
        if let Err(expected) = ledger::leads_to(lines, balance, self.now - policy::CLOCK_SKEW) {
            self.balance_differs(
                None,
                expected,
                balance,
                "the ledger does not lead to the account's balance",
            );
        }
    }

    fn balance_differs(&mut self, order_id: Option<String>, expected: Dzd, actual: Dzd, detail: &str) {
        self.findings.push(Finding {
            kind: FindingKind::BalanceDiffers,
            service: None,
            r#ref: None,
            order_id,
            expected: Some(expected),
            actual: Some(actual),
            is_repaired: false,
            detail: detail.to_owned(),
        });
    }
}

/// What an order took from the account when it was accepted, in DZD, where the journal can tell.
fn gross(order: &Order) -> Option<Dzd> {
    match order.state {
        OrderState::Refunded => order.refunded?.checked_add(order.charged.unwrap_or_default()),
        OrderState::PartiallyFilled => order.refunded?.checked_add(order.charged?),
        _ => order.charged?.checked_add(order.refunded.unwrap_or_default()),
    }
}
