//! The account's ledger, read as a book: what it says of each order, and whether its balances follow from each other
//! (PROTOCOL §15). Pure.

use std::collections::HashMap;

use crate::models::{AccountTransaction, Service, Timestamp, TransactionKind};
use crate::money::Dzd;
use crate::orders::matching::oldest_first;

/// What the ledger says of one order, in DZD. Nothing where it has no line of the kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Moves {
    pub(super) charged: Option<Dzd>,
    pub(super) refunded: Option<Dzd>,
    /// When its last line was written.
    pub(super) at: Option<Timestamp>,
}

/// The movements of all orders, and those lines of orders that name none.
#[derive(Debug, Default)]
pub(super) struct Movements {
    pub(super) by_order: HashMap<(Service, String), Moves>,
    unlinked: Vec<(Service, Direction, Dzd)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Charge,
    Refund,
}

/// A place where the balance does not go on as it should, in DZD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Break {
    pub(super) order_id: Option<String>,
    pub(super) expected: Dzd,
    pub(super) actual: Dzd,
    pub(super) is_inside_line: bool,
}

/// The kinds of lines that belong to orders.
fn meaning(kind: TransactionKind) -> Option<(Service, Direction)> {
    Some(match kind {
        TransactionKind::Flexy => (Service::Mobile, Direction::Charge),
        TransactionKind::Adsl => (Service::Internet, Direction::Charge),
        TransactionKind::Order => (Service::GiftCards, Direction::Charge),
        TransactionKind::RefundFlexy => (Service::Mobile, Direction::Refund),
        TransactionKind::RefundAdsl => (Service::Internet, Direction::Refund),
        TransactionKind::RefundOrder => (Service::GiftCards, Direction::Refund),
        _ => return None,
    })
}

/// How much a line is about: its amount, whose sign is not documented, or what it did to the balance.
fn size(line: &AccountTransaction) -> Option<Dzd> {
    line.amount.map(magnitude).or_else(|| Some(magnitude(line.new_balance? - line.old_balance?)))
}

fn magnitude(amount: Dzd) -> Dzd {
    Dzd::from(amount.as_decimal().abs())
}

impl Movements {
    pub(super) fn of(lines: &[AccountTransaction]) -> Self {
        let mut all = Self::default();
        for line in lines {
            let (Some((service, direction)), Some(size)) = (meaning(line.kind), size(line)) else { continue };
            let Some(id) = line.order_id.clone() else {
                all.unlinked.push((service, direction, size));
                continue;
            };
            let moves = all.by_order.entry((service, id)).or_default();
            let sum = match direction {
                Direction::Charge => &mut moves.charged,
                Direction::Refund => &mut moves.refunded,
            };
            *sum = Some(sum.unwrap_or_default() + size);
            moves.at = moves.at.max(line.time);
        }
        all
    }

    /// Takes a line that names no order and could be the one that is missed. Without an amount any will do.
    pub(super) fn take_unlinked(
        &mut self,
        service: Service,
        direction: Direction,
        amount: Option<Dzd>,
    ) -> bool {
        let fits = |line: &(Service, Direction, Dzd)| {
            (line.0, line.1) == (service, direction) && amount.is_none_or(|amount| amount == line.2)
        };
        let found = self.unlinked.iter().position(fits);
        found.map(|at| self.unlinked.swap_remove(at)).is_some()
    }
}

/// Every place where the balances do not follow from each other. Lines may come in any order; lines of one instant
/// are taken in the order that makes sense, if there is one.
pub(super) fn breaks(lines: &[AccountTransaction]) -> Vec<Break> {
    walk(lines).0
}

/// Whether an account's balance is where the ledger leads, or where it led before those lines that are not older than
/// `read_at`, which is when the balance was asked for. Otherwise where it leads, in DZD.
pub(super) fn leads_to(lines: &[AccountTransaction], balance: Dzd, read_at: Timestamp) -> Result<(), Dzd> {
    let Some(end) = walk(lines).1 else { return Ok(()) };
    let may_be_newer = lines.iter().filter(|line| line.time.is_none_or(|time| time >= read_at));
    let mut passed = may_be_newer.filter_map(|line| line.old_balance);
    match end == balance || passed.any(|passed| passed == balance) {
        true => Ok(()),
        false => Err(end),
    }
}

/// From the oldest line to the newest: the breaks, and the last balance where it can be told.
fn walk(lines: &[AccountTransaction]) -> (Vec<Break>, Option<Dzd>) {
    let mut found = Vec::new();
    let mut before: Option<Dzd> = None;
    for group in by_instant(lines).chunk_by(|a, b| a.time == b.time) {
        found.extend(group.iter().filter_map(|line| inner_break(line)));
        match path(before, group) {
            Some(end) => before = end,
            None => found.extend(group.iter().filter_map(|line| outer_break(&mut before, line))),
        }
    }
    (found, before)
}

/// Oldest first. The service lists newest first, so lines of one instant are turned round.
fn by_instant(lines: &[AccountTransaction]) -> Vec<&AccountTransaction> {
    oldest_first(lines.iter().rev().collect(), |line| line.time)
}

/// A line whose own amount is not what it did to the balance.
fn inner_break(line: &AccountTransaction) -> Option<Break> {
    let (amount, old, new) = (line.amount?, line.old_balance?, line.new_balance?);
    let actual = magnitude(new - old);
    let expected = magnitude(amount);
    let order_id = line.order_id.clone();
    (expected != actual).then_some(Break { order_id, expected, actual, is_inside_line: true })
}

fn outer_break(before: &mut Option<Dzd>, line: &AccountTransaction) -> Option<Break> {
    let expected = std::mem::replace(before, line.new_balance)?;
    let actual = line.old_balance?;
    let order_id = line.order_id.clone();
    (expected != actual).then_some(Break { order_id, expected, actual, is_inside_line: false })
}

/// Where lines of one instant lead, if they can be put in an order in which each begins where the one before ended:
/// each balance is then left as often as it is reached, but for the first and the last. A round without a known
/// beginning leads nobody knows where.
fn path(before: Option<Dzd>, group: &[&AccountTransaction]) -> Option<Option<Dzd>> {
    if let ([line], None) = (group, before) {
        return Some(line.new_balance);
    }
    let mut reached: HashMap<Dzd, i64> = HashMap::new();
    for line in group {
        *reached.entry(line.new_balance?).or_default() += 1;
        *reached.entry(line.old_balance?).or_default() -= 1;
    }
    reached.retain(|_, times| *times != 0);
    let is_at = |times| move |(_, count): &(&Dzd, &i64)| **count == times;
    let (start, end) = (reached.iter().find(is_at(-1)), reached.iter().find(is_at(1)));
    match (reached.len(), before) {
        (0, None) => Some(None),
        (0, Some(start)) => group.iter().any(|line| line.old_balance == Some(start)).then_some(Some(start)),
        (2, before) => {
            let is_start = start.is_some_and(|(start, _)| before.is_none_or(|before| before == *start));
            end.filter(|_| is_start).map(|(end, _)| Some(*end))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(second: i64, kind: TransactionKind, old: i64, new: i64) -> AccountTransaction {
        AccountTransaction {
            id: None,
            kind,
            kind_word: None,
            operation: None,
            amount: Some(Dzd::whole((new - old).abs())),
            old_balance: Some(Dzd::whole(old)),
            new_balance: Some(Dzd::whole(new)),
            order_id: Some("a".to_owned()),
            note: None,
            time: Timestamp::from_timestamp(second, 0),
        }
    }

    fn flexy(second: i64, old: i64, new: i64) -> AccountTransaction {
        line(second, TransactionKind::Flexy, old, new)
    }

    #[test]
    fn a_ledger_in_any_order_is_whole() {
        let newest_first = [flexy(3, 70, 50), flexy(2, 90, 70), flexy(1, 100, 90)];
        assert_eq!(breaks(&newest_first), []);
        let oldest_first: Vec<_> = newest_first.iter().rev().cloned().collect();
        assert_eq!(breaks(&oldest_first), []);
        let one_instant = [flexy(1, 90, 70), flexy(1, 100, 90), flexy(1, 70, 50), flexy(2, 50, 40)];
        assert_eq!(breaks(&one_instant), []);
        let round = [flexy(1, 100, 90), line(1, TransactionKind::RefundFlexy, 90, 100), flexy(2, 100, 60)];
        assert_eq!(breaks(&round), []);
    }

    #[test]
    fn a_jump_and_a_wrong_amount_are_found() {
        let jump = [flexy(2, 50, 40), flexy(1, 100, 90)];
        let expected = Break {
            order_id: Some("a".to_owned()),
            expected: Dzd::whole(90),
            actual: Dzd::whole(50),
            is_inside_line: false,
        };
        assert_eq!(breaks(&jump), [expected]);
        let at_once = [flexy(1, 50, 40), flexy(1, 100, 90)];
        assert_eq!(breaks(&at_once).len(), 1);
        let wrong = AccountTransaction { amount: Some(Dzd::whole(7)), ..flexy(1, 100, 90) };
        assert!(breaks(&[wrong])[0].is_inside_line);
    }

    #[test]
    fn a_balance_read_between_two_lines_is_explained() {
        let lines = [flexy(20, 90, 80), flexy(10, 100, 90)];
        let at = |second| Timestamp::from_timestamp(second, 0).expect("an instant");
        assert_eq!(leads_to(&lines, Dzd::whole(80), at(30)), Ok(()));
        assert_eq!(leads_to(&lines, Dzd::whole(90), at(15)), Ok(()), "the last line came after the question");
        assert_eq!(leads_to(&lines, Dzd::whole(90), at(30)), Err(Dzd::whole(80)));
        assert_eq!(leads_to(&[], Dzd::whole(1), at(0)), Ok(()), "nothing is known");
    }

    #[test]
    fn movements_add_up_by_order() {
        let refund = line(2, TransactionKind::RefundFlexy, 90, 100);
        let unlinked = AccountTransaction { order_id: None, ..flexy(3, 100, 95) };
        let mut all = Movements::of(&[refund, flexy(1, 100, 90), unlinked]);
        let moves = all.by_order[&(Service::Mobile, "a".to_owned())];
        assert_eq!((moves.charged, moves.refunded), (Some(Dzd::whole(10)), Some(Dzd::whole(10))));
        assert!(!all.take_unlinked(Service::Mobile, Direction::Charge, Some(Dzd::whole(6))));
        assert!(all.take_unlinked(Service::Mobile, Direction::Charge, Some(Dzd::whole(5))));
        assert!(!all.take_unlinked(Service::Mobile, Direction::Charge, None));
    }
}
