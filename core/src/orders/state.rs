//! The life of an order, pure: no clock, no network, no disk (docs/adr/0007).

use crate::models::{OrderState, RemoteState};

/// How often the service must have answered "not found", apart in time, before a lost request may be sent again.
pub(crate) const ABSENCES_THAT_PROVE: u32 = 2;

/// Something that was learnt about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The first byte of the first request may leave.
    SendStarts,
    /// The first byte of a further request with the same reference may leave.
    ResendStarts {
        /// How often the service was asked in vain since the last request.
        absences: u32,
    },
    /// The caller sends an order anew that was refused for a reason of the way, not of the order.
    SentAnew,
    /// The service gave an id.
    Accepted,
    /// The service said no before charging.
    Refused {
        /// An earlier request for this order may have taken effect, so that the no speaks of this one only.
        may_exist_already: bool,
    },
    /// The service knows nothing of any request of an order that it refused when it was sent again.
    NeverTaken {
        /// How often it was asked in vain since the refusal.
        absences: u32,
    },
    /// Nobody can tell whether the request took effect.
    OutcomeLost,
    /// The service's own word for the order.
    Seen(RemoteState),
    /// It was never sent and is too late to be.
    TimeIsUp,
    /// It cannot be found out; a person decides.
    GivenUp,
    /// A person has decided, having looked into the service's books.
    Decided(OrderState),
}

/// A step that would break a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Forbidden;

/// Where an order goes.
pub(crate) fn next(state: OrderState, event: Event) -> Result<OrderState, Forbidden> {
    use OrderState as State;
    match (state, event) {
        // What is proven stays proven, however often it is told again.
        (settled, Event::Seen(_) | Event::Accepted) if settled.is_settled() => Ok(settled),
        // A refused order has charged nothing, so its caller may send it again, under the same reference.
        (State::Refused, Event::SentAnew) => Ok(State::Sending),
        (settled, _) if settled.is_settled() => Err(Forbidden),

        (State::Recorded, Event::SendStarts) => Ok(State::Sending),
        (State::Recorded, Event::TimeIsUp) => Ok(State::Expired),
        (State::Recorded, _) => Err(Forbidden),

        (State::Uncertain, Event::ResendStarts { absences }) if absences >= ABSENCES_THAT_PROVE => {
            Ok(State::Sending)
        }
        // A worker that lost its lease in mid-send may still bring the service's answer.
        (State::Sending | State::Uncertain | State::NeedsReview, Event::Accepted) => Ok(State::Accepted),
        (further @ (State::Accepted | State::Deferred), Event::Accepted) => Ok(further),
        (State::Sending, Event::Refused { may_exist_already: false }) => Ok(State::Refused),
        (State::Sending, Event::Refused { may_exist_already: true } | Event::OutcomeLost) => {
            Ok(State::Uncertain)
        }

        (State::Uncertain, Event::NeverTaken { absences }) if absences >= ABSENCES_THAT_PROVE => {
            Ok(State::Refused)
        }

        (State::Accepted | State::Deferred | State::Uncertain, Event::GivenUp) => Ok(State::NeedsReview),
        (State::NeedsReview, Event::Decided(decision))
            if decision.is_settled() && decision != State::Expired =>
        {
            Ok(decision)
        }

        (_, Event::Seen(seen)) => Ok(match seen {
            RemoteState::Succeeded => State::Fulfilled,
            RemoteState::Partial => State::PartiallyFilled,
            RemoteState::Refunded => State::Refunded,
            RemoteState::Deferred => State::Deferred,
            RemoteState::Uncertain => State::Uncertain,
            RemoteState::Pending | RemoteState::Unknown => State::Accepted,
        }),
        _ => Err(Forbidden),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_event() -> impl Strategy<Value = Event> {
        prop_oneof![
            Just(Event::SendStarts),
            Just(Event::SentAnew),
            (0u32..4).prop_map(|absences| Event::ResendStarts { absences }),
            Just(Event::Accepted),
            any::<bool>().prop_map(|may_exist_already| Event::Refused { may_exist_already }),
            (0u32..4).prop_map(|absences| Event::NeverTaken { absences }),
            Just(Event::OutcomeLost),
            prop::sample::select(RemoteState::ALL).prop_map(Event::Seen),
            Just(Event::TimeIsUp),
            Just(Event::GivenUp),
            prop::sample::select(OrderState::ALL).prop_map(Event::Decided),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]

        #[test]
        fn no_history_breaks_a_promise(events in prop::collection::vec(any_event(), 0..60)) {
            let mut state = OrderState::Recorded;
            let mut may_have_left = false;
            for event in events {
                let Ok(following) = next(state, event) else { continue };
                let is_decision = matches!(event, Event::Decided(_));
                let is_anew = state == OrderState::Refused && event == Event::SentAnew;
                prop_assert!(!state.is_settled() || following == state || is_anew, "what is settled stays settled");
                if following == OrderState::Sending && state != OrderState::Sending {
                    let is_first = event == Event::SendStarts && !may_have_left;
                    let is_proven = matches!(event, Event::ResendStarts { absences } if absences >= 2);
                    prop_assert!(is_first || is_proven || is_anew, "a second send needs proof: {:?}", event);
                    may_have_left = true;
                }
                prop_assert!(!(may_have_left && following == OrderState::Recorded), "no way back before the send");
                prop_assert!(!may_have_left || following != OrderState::Expired || is_decision, "what may have left never expires");
                let is_missed = matches!(event, Event::NeverTaken { absences } if absences >= 2);
                prop_assert!(
                    following != OrderState::Refused
                        || state == OrderState::Sending
                        || is_missed
                        || is_decision
                        || state == following,
                    "only the answer to a request, proven absence, or a person, refuses"
                );
                state = following;
            }
        }
    }

    #[test]
    fn an_unknown_outcome_is_never_told_as_a_failure() {
        assert_eq!(next(OrderState::Sending, Event::OutcomeLost), Ok(OrderState::Uncertain));
        assert_eq!(next(OrderState::Uncertain, Event::Refused { may_exist_already: false }), Err(Forbidden));
        assert_eq!(
            next(OrderState::Sending, Event::Refused { may_exist_already: true }),
            Ok(OrderState::Uncertain)
        );
        assert_eq!(next(OrderState::Accepted, Event::Refused { may_exist_already: false }), Err(Forbidden));
    }

    #[test]
    fn no_second_send_while_uncertain() {
        for absences in 0..ABSENCES_THAT_PROVE {
            assert_eq!(next(OrderState::Uncertain, Event::ResendStarts { absences }), Err(Forbidden));
        }
        assert_eq!(next(OrderState::Uncertain, Event::SendStarts), Err(Forbidden));
        assert_eq!(next(OrderState::NeedsReview, Event::ResendStarts { absences: 9 }), Err(Forbidden));
    }

    #[test]
    fn queued_and_unknown_error_go_on() {
        let deferred = next(OrderState::Accepted, Event::Seen(RemoteState::Deferred)).expect("deferred");
        assert!(!deferred.is_settled());
        assert_eq!(next(deferred, Event::Seen(RemoteState::Succeeded)), Ok(OrderState::Fulfilled));
        let uncertain = next(OrderState::Accepted, Event::Seen(RemoteState::Uncertain)).expect("uncertain");
        assert_eq!(next(uncertain, Event::Seen(RemoteState::Refunded)), Ok(OrderState::Refunded));
    }
}
