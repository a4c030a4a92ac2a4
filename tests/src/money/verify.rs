//! The verdict: what the journal believes against what the service has in its books.

use std::collections::{BTreeMap, HashMap};

use oneclickdz::{Client, Dzd, Order, OrderListRequest, OrderState, Result, Service};
use oneclickdz_sandbox::{Charge, ChargedProduct, Ledger};
use serde::Serialize;

use super::orders::{Goods, Intended};
use super::worker;

/// A kind of gift-card order: product, denomination, quantity. The service tells equal ones apart by their ids only.
type Kind = (String, String, u32);

/// What came of all orders. Zeros prove the promises, but for `needs_review`, which only gift cards may have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Orders that were meant.
    pub orders: usize,
    /// Order requests that reached the service.
    pub sends: u64,
    /// Orders in the service's books.
    pub charges: usize,
    /// Charges beyond the one of an intended order.
    pub double_charges: usize,
    /// Charged at the service, while the journal does not know it or believes that nothing was charged.
    pub lost: usize,
    /// Believed fulfilled, partially filled or refunded, while the service's books say otherwise.
    pub false_success: usize,
    /// Left to a person.
    pub needs_review: usize,
    /// Of these, orders of mobile and internet that the service answered with 500 and never charged: it may still have
    /// acted on them for 24 hours, so that they were not sent again, and nothing proves that it would not.
    pub needs_review_after_500: usize,
    /// Of these, other orders of mobile and internet, whose fate the reference proves.
    pub needs_review_with_ref: usize,
    /// Of the gift-card orders left to a person, those that the service charged: found in its books, claimed by no
    /// record. The others were never charged.
    pub needs_review_charged: usize,
    /// Of those charged, the only one of their kind and the only one left over: these could have been found out.
    pub needs_review_provable: usize,
    /// Neither settled nor left to a person.
    pub still_open: usize,
    /// Meant, but not in the journal.
    pub unrecorded: usize,
    /// Amounts that differ between the journal and the service's books.
    pub amount_mismatches: usize,
    /// Histories that are broken or do not end where the record stands.
    pub broken_histories: usize,
    /// How many orders ended how.
    pub states: BTreeMap<&'static str, usize>,
    /// The first few findings, in words.
    pub findings: Vec<String>,
}

impl Verdict {
    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        let broken = [
            self.double_charges,
            self.lost,
            self.false_success,
            self.needs_review_with_ref,
            self.needs_review_provable,
            self.still_open,
            self.unrecorded,
            self.amount_mismatches,
            self.broken_histories,
        ];
        broken.iter().all(|count| *count == 0)
    }

    fn find(&mut self, what: impl Into<String>) {
        if self.findings.len() < 12 {
            self.findings.push(what.into());
        }
    }
}

/// Compares the whole journal with the service's books.
///
/// # Errors
/// `journal` when it cannot be read.
pub async fn verdict(client: &Client, intended: &[Intended], ledger: &Ledger) -> Result<Verdict> {
    let orders = worker::all(client, OrderListRequest::new()).await?;
    let orders: HashMap<String, Order> =
        orders.into_iter().map(|order| (order.r#ref.clone(), order)).collect();
    let sends = ["mobile.send", "internet.send", "gift_cards.place_order"];
    let mut verdict = Verdict {
        orders: intended.len(),
        sends: sends.iter().filter_map(|name| ledger.requests.get(name)).sum(),
        charges: ledger.charges.len(),
        ..Verdict::default()
    };
    for order in orders.values() {
        *verdict.states.entry(order.state.as_str()).or_default() += 1;
        if !order.is_settled() && order.state != OrderState::NeedsReview {
            verdict.still_open += 1;
            if verdict.still_open <= 2 {
                verdict.find(format!("still open: {order:?}"));
            }
        }
    }
    with_ref(&mut verdict, intended, &orders, ledger);
    gift_cards(&mut verdict, intended, &orders, ledger);
    histories(&mut verdict, client, &orders).await?;
    Ok(verdict)
}

/// Mobile and internet: the reference tells which charge belongs to which order.
fn with_ref(verdict: &mut Verdict, intended: &[Intended], orders: &HashMap<String, Order>, ledger: &Ledger) {
    let mut charges: HashMap<&str, Vec<&Charge>> = HashMap::new();
    for charge in &ledger.charges {
        if !matches!(charge.product, ChargedProduct::GiftCards { .. }) {
            charges.entry(charge.reference.as_deref().unwrap_or_default()).or_default().push(charge);
        }
    }
    let with_ref = intended.iter().filter(|order| !matches!(order.goods, Goods::GiftCards { .. }));
    for Intended { r#ref, .. } in with_ref {
        let charged = charges.remove(r#ref.as_str()).unwrap_or_default();
        if charged.len() > 1 {
            verdict.double_charges += charged.len() - 1;
            verdict.find(format!("charged {} times: {ref}", charged.len()));
        }
        let charge = charged.first();
        let Some(order) = orders.get(r#ref) else {
            verdict.unrecorded += 1;
            verdict.lost += usize::from(charge.is_some());
            verdict.find(format!("not in the journal, charge {charge:?}: {ref}"));
            continue;
        };
        let is_after_500 = order.last_error.as_deref() == Some("internal_server_error") && charge.is_none();
        if order.state == OrderState::NeedsReview {
            verdict.needs_review += 1;
        }
        if order.state == OrderState::NeedsReview && is_after_500 {
            verdict.needs_review_after_500 += 1;
        } else if order.state == OrderState::NeedsReview {
            verdict.needs_review_with_ref += 1;
            verdict.find(format!("needs review, charge {charge:?}: {order:?}"));
        }
        beliefs(verdict, order, charge.copied());
    }
    for (r#ref, charged) in charges {
        verdict.lost += charged.len();
        verdict.find(format!("charged without being meant: {ref}"));
    }
}

/// Gift cards: the service knows no reference, so the ids that the journal claims decide.
fn gift_cards(
    verdict: &mut Verdict,
    intended: &[Intended],
    orders: &HashMap<String, Order>,
    ledger: &Ledger,
) {
    let mut unclaimed: HashMap<&str, &Charge> = HashMap::new();
    let mut charged: HashMap<Kind, usize> = HashMap::new();
    for charge in &ledger.charges {
        if let Some(kind) = kind_of(charge) {
            *charged.entry(kind).or_default() += 1;
            unclaimed.insert(&charge.order_id, charge);
        }
    }
    let mut meant: HashMap<Kind, usize> = HashMap::new();
    let mut in_review: HashMap<Kind, usize> = HashMap::new();
    for order in intended {
        let Goods::GiftCards { product, kind, quantity } = &order.goods else { continue };
        let kind = (product.clone(), kind.clone(), *quantity);
        *meant.entry(kind.clone()).or_default() += 1;
        let Some(order) = orders.get(&order.r#ref) else {
            verdict.unrecorded += 1;
            verdict.find(format!("not in the journal: {}", order.r#ref));
            continue;
        };
        match (order.state, &order.id) {
            (OrderState::NeedsReview, None) => {
                verdict.needs_review += 1;
                *in_review.entry(kind).or_default() += 1;
            }
            (_, Some(id)) => {
                verdict.needs_review += usize::from(order.state == OrderState::NeedsReview);
                // Of two records with one id, the second finds nothing left: a false success.
                let charge = unclaimed.remove(id.as_str()).filter(|charge| kind_of(charge) == Some(kind));
                beliefs(verdict, order, charge);
            }
            _ => beliefs(verdict, order, None),
        }
    }
    for (kind, charges) in charged {
        let beyond = charges.saturating_sub(meant.get(&kind).copied().unwrap_or_default());
        verdict.double_charges += beyond;
        if beyond > 0 {
            verdict.find(format!("{beyond} charge(s) more than meant: {kind:?}"));
        }
    }
    let mut left_over: HashMap<Kind, usize> = HashMap::new();
    for kind in unclaimed.into_values().filter_map(kind_of) {
        *left_over.entry(kind).or_default() += 1;
    }
    for (kind, charges) in left_over {
        let review = in_review.get(&kind).copied().unwrap_or_default();
        verdict.needs_review_charged += charges.min(review);
        verdict.needs_review_provable += usize::from(charges == 1 && review == 1 && meant[&kind] == 1);
        let lost = charges.saturating_sub(review);
        verdict.lost += lost;
        if lost > 0 {
            verdict.find(format!("{lost} charge(s) that no record accounts for: {kind:?}"));
        }
    }
}

fn kind_of(charge: &Charge) -> Option<Kind> {
    match &charge.product {
        ChargedProduct::GiftCards { product_id, type_id, quantity, .. } => {
            Some((product_id.clone(), type_id.clone(), *quantity))
        }
        _ => None,
    }
}

/// What the journal believes of an order against the one charge that is its own.
fn beliefs(verdict: &mut Verdict, order: &Order, charge: Option<&Charge>) {
    let word = match order.state {
        OrderState::Fulfilled => Some("FULFILLED"),
        OrderState::PartiallyFilled => Some("PARTIALLY_FILLED"),
        OrderState::Refunded => Some("REFUNDED"),
        _ => None,
    };
    match (word, charge) {
        (Some(word), Some(charge)) if charge.status == word => {
            let is_same_id = order.id.as_deref() == Some(&charge.order_id);
            if !is_same_id || !amounts_agree(order, charge) {
                verdict.amount_mismatches += 1;
                verdict.find(format!("another amount or id: {order:?} {charge:?}"));
            }
        }
        (Some(_), charge) => {
            verdict.false_success += 1;
            verdict.find(format!("false success: {order:?} {charge:?}"));
        }
        (None, Some(charge)) if matches!(order.state, OrderState::Refused | OrderState::Expired) => {
            verdict.lost += 1;
            verdict.find(format!("believed not charged: {order:?} {charge:?}"));
        }
        (None, _) => {}
    }
}

/// What the order cost in the end. The service does not always say it, so an absent amount contradicts nothing.
fn amounts_agree(order: &Order, charge: &Charge) -> bool {
    let kept = Dzd::from(charge.amount - charge.refunded);
    match (order.service, order.charged, order.refunded) {
        (Service::GiftCards, Some(charged), _) => charged == kept,
        (_, Some(charged), _) if order.state == OrderState::Fulfilled => charged == kept,
        _ => true,
    }
}

/// Every step follows from the one before, and the last one leads to where the record stands.
async fn histories(verdict: &mut Verdict, client: &Client, orders: &HashMap<String, Order>) -> Result<()> {
    let mut events = client.orders().events(Some("0")).await?;
    let mut last: HashMap<String, OrderState> = HashMap::new();
    while let Some(event) = events.try_next().await? {
        let before = last.insert(event.order.r#ref.clone(), event.order.state);
        if before != event.from {
            verdict.broken_histories += 1;
            verdict.find(format!("a step from {:?} where {before:?} was: {}", event.from, event.order.r#ref));
        }
    }
    for order in orders.values() {
        if last.get(&order.r#ref) != Some(&order.state) {
            verdict.broken_histories += 1;
            verdict.find(format!("the history of {} does not end in {}", order.r#ref, order.state));
        }
    }
    Ok(())
}
