//! A model check of how two processes share the orders of one journal (docs/adr/0012).
//!
//! Every order in which the steps of two processes, the service and the clock can fall is tried, each step being one
//! transaction of the journal or one word with the service; between any two a process may be paused for as long as
//! one likes, or killed and started anew. The state machine, the policy, the decisions of `recover` and `matching`, the
//! schedule and the records are the engine's own; the journal's rules are checked against the journal in memory with the
//! steps that were met. What is told again here, and has to follow `send`, `post`, `watch`, `recover` and `matching`
//! by hand, is the order of the steps (`world`).
//!
//! Writing an intent down and marking it as `sending` are two steps here. An engine that does both in one transaction
//! has some of these histories and no others.

mod book;
mod explorer;
mod rules;
mod service;
mod world;

use book::{Book, Forgets};
use explorer::{Found, explore};
use rules::{Flaw, Rules};
use world::Shop;

use crate::journal::Intent;
use crate::models::RemoteState;

const END: book::Seconds = 49 * 3600;

/// One top-up; the service judges it the same way each time, requests and processes may be as late as they like.
const TOP_UP: Rules = Rules {
    moments: &[0, 130, END],
    orders: 1,
    is_gift_card: false,
    deaths: 0,
    second_clock_ahead: 0,
    send_before: None,
    is_sent_anew: false,
    is_tried_again: false,
    ends: &[RemoteState::Succeeded],
    is_steadfast: true,
    is_prompt: false,
    flaw: None,
};

/// Long enough for a takeover, two absences and a second send before the end.
const LONG: &[book::Seconds] = &[0, 130, 300, END];

/// One top-up; the service may judge it differently each time (a balance is low, then filled), but what was sent shows
/// or is lost within the time for which a refused one is looked for.
const FICKLE: Rules = Rules { is_steadfast: false, is_prompt: true, ..TOP_UP };

/// One order of gift cards.
const GIFT_CARD: Rules = Rules { is_gift_card: true, moments: &[0, 1500, END], ..TOP_UP };

/// Two orders of the same gift cards.
const TWINS: Rules = Rules { orders: 2, moments: &[0, END], ..GIFT_CARD };

/// More states than this are a mistake of the model.
const ALL: usize = 500_000;

fn shop(rules: Rules) -> Shop {
    let intent = match rules.is_gift_card {
        true => Intent::GiftCards { product_id: "p".into(), type_id: "t".into(), quantity: 1 },
        false => {
            Intent::Mobile { plan_code: "PREPAID_DJEZZY".into(), number: "0778037340".into(), amount: None }
        }
    };
    let forgets = Forgets {
        fences: rules.flaw == Some(Flaw::ForgetsFences),
        next_check: rules.flaw == Some(Flaw::ForgetsNextCheck),
    };
    Shop { rules, book: Book::new(intent, rules.send_before, forgets) }
}

/// Tries everything; no promise breaks, and the world is as large as it was meant to be.
fn holds(rules: Rules, at_least: usize) -> Shop {
    let shop = shop(rules);
    match explore(&shop, ALL) {
        Found::Nothing { states, is_all } => {
            assert!(is_all, "more than {states} states");
            assert!(states >= at_least, "only {states} states: most of this world is no longer reached");
        }
        Found::Broken { promise, way } => panic!("broken: {promise}\n{}", way.join("\n")),
    }
    shop
}

/// With this flaw the promise breaks.
fn breaks(rules: Rules, flaw: Flaw, expected: &str) {
    match explore(&shop(Rules { flaw: Some(flaw), ..rules }), ALL) {
        Found::Nothing { states, .. } => panic!("{flaw:?} was not noticed in {states} states"),
        Found::Broken { promise, way } => {
            assert!(promise.contains(expected), "{flaw:?}: {promise}\n{}", way.join("\n"));
        }
    }
}

#[test]
fn a_top_up_keeps_its_promises_whoever_pauses() {
    holds(Rules { moments: LONG, ..TOP_UP }, 50_000);
}

#[test]
fn a_top_up_keeps_its_promises_whoever_dies() {
    holds(Rules { deaths: 1, ..TOP_UP }, 10_000);
}

#[test]
fn a_top_up_keeps_its_promises_when_a_clock_is_wrong() {
    holds(Rules { second_clock_ahead: 100, ..TOP_UP }, 10_000);
}

#[test]
fn a_top_up_keeps_its_promises_when_it_is_sent_anew() {
    holds(Rules { is_sent_anew: true, is_tried_again: true, moments: &[0, END], ..TOP_UP }, 5_000);
}

#[test]
fn a_top_up_keeps_its_promises_when_it_must_not_be_late() {
    let ends = &[RemoteState::Succeeded, RemoteState::Refunded];
    holds(Rules { send_before: Some(120), moments: &[0, 130, END], ends, ..TOP_UP }, 10_000);
}

#[test]
fn a_top_up_keeps_its_promises_when_the_service_changes_its_mind() {
    holds(FICKLE, 5_000);
}

#[test]
fn gift_cards_keep_their_promises_whoever_pauses() {
    holds(GIFT_CARD, 5_000);
}

#[test]
fn gift_cards_keep_their_promises_whoever_dies() {
    let moments = &[0, END];
    holds(Rules { deaths: 1, is_tried_again: true, second_clock_ahead: 100, moments, ..GIFT_CARD }, 5_000);
}

/// Two orders of the same cards: too many histories for all, so the nearest ones.
#[test]
fn twins_keep_their_promises_as_far_as_was_looked() {
    match explore(&shop(TWINS), 5_000) {
        Found::Nothing { states, .. } => assert!(states >= 5_000),
        Found::Broken { promise, way } => panic!("broken: {promise}\n{}", way.join("\n")),
    }
}

#[tokio::test]
async fn the_models_journal_is_the_real_one() {
    for rules in [Rules { moments: &[0, END], ..TOP_UP }, Rules { moments: &[0, END], ..GIFT_CARD }] {
        let played = holds(rules, 1000).book.agrees_with_the_journal(150).await;
        assert!(played > 70, "only {played} steps were compared");
    }
}

#[test]
fn each_flaw_is_noticed() {
    for rules in [TOP_UP, GIFT_CARD] {
        breaks(rules, Flaw::ForgetsFences, "an old fence");
        breaks(rules, Flaw::SendsUnmarked, "told as recorded");
        breaks(rules, Flaw::OverwritesSettled, "what is settled");
    }
    breaks(FICKLE, Flaw::ForgetsNextCheck, "no order is stuck");
    breaks(TOP_UP, Flaw::TakesSendingOver, "told as refused");
    breaks(GIFT_CARD, Flaw::TakesSendingOver, "already be on its way");
    breaks(GIFT_CARD, Flaw::ResendsGiftCards, "already be on its way");
    breaks(Rules { moments: LONG, ..TOP_UP }, Flaw::UnfencedRefusal, "told as refused");
    breaks(FICKLE, Flaw::BelievesSecondRefusal, "told as refused");
    breaks(FICKLE, Flaw::IgnoresInternalServerError, "told as refused");
}

/// What no client can prevent: a request that leaves or shows only after its order was sent again, refused, and looked
/// for in vain for ten minutes more. If this test fails, a way was found; tell it in docs/adr/0012.
#[test]
fn the_known_limit_is_where_it_is_said_to_be() {
    match explore(&shop(Rules { is_prompt: false, ..FICKLE }), ALL) {
        Found::Broken { promise, .. } => assert!(promise.contains("told as refused"), "{promise}"),
        Found::Nothing { .. } => panic!("the limit is gone"),
    }
}
