//! The service's status words and what they mean (PROTOCOL §6, §18 rows 10 to 12 and 32).

use super::{InternetType, PaymentState, RemoteState};

/// A status word without case and with one separator: `Unknown-Error` is `UNKNOWN_ERROR`.
fn plain(word: &str) -> String {
    word.trim().to_ascii_uppercase().replace(['-', ' '], "_")
}

impl RemoteState {
    /// The meaning of a status word of a mobile, internet or gift-card order.
    pub fn of_status(word: &str) -> Self {
        match plain(word).as_str() {
            "PENDING" | "HANDLING" => Self::Pending,
            "FULFILLED" | "SUCCESS" => Self::Succeeded,
            "PARTIALLY_FILLED" => Self::Partial,
            "REFUNDED" | "FAILED" => Self::Refunded,
            "QUEUED" => Self::Deferred,
            "UNKNOWN_ERROR" => Self::Uncertain,
            _ => Self::Unknown,
        }
    }
}

impl InternetType {
    /// The type that a caller names: `adsl` or `four_g`, or the service's own `ADSL` and `4G`, in any case.
    pub fn of_text(text: &str) -> Option<Self> {
        match plain(text).as_str() {
            "ADSL" => Some(Self::Adsl),
            "4G" | "FOUR_G" => Some(Self::FourG),
            _ => None,
        }
    }
}

impl PaymentState {
    /// The meaning of a status word of a payment link.
    pub fn of_status(word: &str) -> Self {
        match plain(word).as_str() {
            "PENDING" => Self::Pending,
            "CONFIRMED" => Self::Confirmed,
            "FAILED" => Self::Failed,
            _ => Self::Unknown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::PollAdvice;

    #[test]
    fn row_10_queued_is_deferred_and_not_final() {
        let state = RemoteState::of_status("QUEUED");
        assert_eq!(
            (state, state.is_final(), state.poll_advice()),
            (RemoteState::Deferred, false, PollAdvice::Later)
        );
    }

    #[test]
    fn row_11_unknown_error_is_uncertain_and_not_final() {
        let state = RemoteState::of_status("UNKNOWN_ERROR");
        assert_eq!(
            (state, state.is_final(), state.poll_advice()),
            (RemoteState::Uncertain, false, PollAdvice::Later)
        );
    }

    #[test]
    fn row_12_aliases_of_the_arabic_pages() {
        assert_eq!(RemoteState::of_status("SUCCESS"), RemoteState::Succeeded);
        assert_eq!(RemoteState::of_status("FAILED"), RemoteState::Refunded);
    }

    #[test]
    fn row_32_partially_filled_is_final() {
        assert!(RemoteState::of_status("PARTIALLY_FILLED").is_final());
    }

    #[test]
    fn a_new_word_is_never_final() {
        for word in ["", "REVERSED", "مكتمل"] {
            let state = RemoteState::of_status(word);
            assert_eq!((state, state.poll_advice()), (RemoteState::Unknown, PollAdvice::Continue));
            assert!(!PaymentState::of_status(word).is_final());
        }
    }
}
