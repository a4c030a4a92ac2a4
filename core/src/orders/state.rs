//! The life of an order, pure: no clock, no network, no disk (docs/adr/0007).

use crate::models::{OrderState, RemoteState};

/// Something that was learnt about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// The next byte may leave.
    SendStarts,
    /// The caller sends an order anew that was refused for a reason of the way, not of the order.
    SentAnew,
    /// The service gave an id.
    Accepted,
    /// The service said no before charging.
    Refused,
    /// Nobody can tell whether the request took effect.
    OutcomeLost,
    /// The service's own word for the order.
    Seen(RemoteState),
    /// It was never sent and is too late to be.
    TimeIsUp,
}

/// A step that would break a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Forbidden;

/// Where an order goes.
pub(crate) fn next(state: OrderState, event: Event) -> Result<OrderState, Forbidden> {
    use OrderState as State;
    match (state, event) {
        // What is proven stays proven, however often it is told again.
        (settled, Event::Seen(_)) if settled.is_settled() => Ok(settled),
        // A refused order has charged nothing, so its caller may send it again, under the same reference.
        (State::Refused, Event::SentAnew) => Ok(State::Sending),
        (settled, _) if settled.is_settled() => Err(Forbidden),

        (State::Recorded, Event::SendStarts) => Ok(State::Sending),
        (State::Recorded, Event::TimeIsUp) => Ok(State::Expired),
        (State::Recorded, _) => Err(Forbidden),

        (State::Sending, Event::Accepted) => Ok(State::Accepted),
        (State::Sending, Event::Refused) => Ok(State::Refused),
        (State::Sending, Event::OutcomeLost) => Ok(State::Uncertain),

        (_, Event::Seen(seen)) => Ok(match seen {
            RemoteState::Succeeded => State::Fulfilled,
            RemoteState::Partial => State::PartiallyFilled,
            RemoteState::Refunded => State::Refunded,
            RemoteState::Deferred => State::Deferred,
            RemoteState::Uncertain => State::Uncertain,
            RemoteState::Pending | RemoteState::Unknown => State::Accepted,
        }),

        (
            _,
            Event::SendStarts
            | Event::SentAnew
            | Event::Accepted
            | Event::Refused
            | Event::OutcomeLost
            | Event::TimeIsUp,
        ) => Err(Forbidden),
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
            Just(Event::Accepted),
            Just(Event::Refused),
            Just(Event::OutcomeLost),
            Just(Event::TimeIsUp),
            prop::sample::select(RemoteState::ALL).prop_map(Event::Seen),
        ]
    }

    proptest! {
        #[test]
        fn no_history_breaks_a_promise(events in prop::collection::vec(any_event(), 0..40)) {
            let mut state = OrderState::Recorded;
            let mut sends = 0;
            let mut may_have_left = false;
            for event in events {
                let Ok(following) = next(state, event) else { continue };
                let is_anew = state == OrderState::Refused && event == Event::SentAnew;
                if state.is_settled() && !is_anew {
                    prop_assert_eq!(following, state, "what is settled stays settled");
                }
                if event == Event::SendStarts {
                    sends += 1;
                    may_have_left = true;
                }
                prop_assert!(!(may_have_left && following == OrderState::Recorded), "no way back before the send");
                prop_assert!(!(may_have_left && following == OrderState::Expired), "what may have left never expires");
                state = following;
            }
            prop_assert!(sends <= 1, "one send, but for what the caller sends anew");
        }
    }

    #[test]
    fn an_unknown_outcome_is_never_told_as_a_failure() {
        assert_eq!(next(OrderState::Sending, Event::OutcomeLost), Ok(OrderState::Uncertain));
        assert_eq!(next(OrderState::Uncertain, Event::Refused), Err(Forbidden));
        assert_eq!(next(OrderState::Accepted, Event::Refused), Err(Forbidden));
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
