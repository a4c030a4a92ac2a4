//! What comes out: the results of calls.

use oneclickdz as core;

use crate::border::Cross;
use crate::failure::{ErrorInfo, Failure};
use crate::models::{
    AccountTransaction, AuditEntry, AuditReport, Balance, Card, Delivery, GiftCardCatalog, GiftCardOrder,
    GiftCardProduct, Health, ImportReport, InAppCards, InternetLine, InternetProduct, InternetTopup, KeyInfo,
    MobilePlans, MobileTopup, Order, OrderEvent, Payment, PaymentLink, PurgeReport, Quote, Reconciliation,
    RekeyReport,
};

/// A finished call.
#[derive(uniffi::Record)]
pub struct Done {
    /// The call's ticket.
    pub ticket: i64,
    /// What came of it.
    pub answer: Answer,
}

macro_rules! answers { ($( $name:ident: $from:ty => $to:ty; )+) => {
    /// What came of a call.
    #[derive(uniffi::Enum)]
    #[allow(clippy::large_enum_variant, reason = "an answer is moved twice and read once")]
    pub enum Answer {
        /// It failed.
        Failure {
            /// Why.
            info: ErrorInfo,
        },
        /// It is done and has nothing to tell.
        Nothing,
        /// The sequence has ended.
        End,
        $(
            /// A value of the engine.
            $name {
                /// The result.
                value: $to,
            },
        )+
    }

    $( impl From<$from> for Answer {
        fn from(value: $from) -> Self {
            Self::$name { value: value.cross() }
        }
    } )+
} }

answers! {
    OneHealth: core::Health => Health;
    OneKeyInfo: core::KeyInfo => KeyInfo;
    OneBalance: core::Balance => Balance;
    OneMobilePlans: core::MobilePlans => MobilePlans;
    OneMobileTopup: core::MobileTopup => MobileTopup;
    OneInternetLine: core::InternetLine => InternetLine;
    OneInternetTopup: core::InternetTopup => InternetTopup;
    OneGiftCardCatalog: core::GiftCardCatalog => GiftCardCatalog;
    OneGiftCardProduct: core::GiftCardProduct => GiftCardProduct;
    OneGiftCardOrder: core::GiftCardOrder => GiftCardOrder;
    OnePaymentLink: core::PaymentLink => PaymentLink;
    OnePayment: core::Payment => Payment;
    OneQuote: core::Quote => Quote;
    OneReconciliation: core::Reconciliation => Reconciliation;
    OnePurgeReport: core::PurgeReport => PurgeReport;
    OneRekeyReport: core::RekeyReport => RekeyReport;
    OneImportReport: core::ImportReport => ImportReport;
    OneAuditReport: core::AuditReport => AuditReport;
    OneOrder: core::Order => Order;
    OneDelivery: core::Delivery => Delivery;
    OneInAppCards: core::InAppCards => InAppCards;
    Truth: bool => bool;
    Cards: Vec<core::Card> => Vec<Card>;
    AuditEntries: Vec<core::AuditEntry> => Vec<AuditEntry>;
    Lines: Vec<String> => Vec<String>;
    Deliveries: Vec<core::Delivery> => Vec<Delivery>;
    Orders: Vec<core::Order> => Vec<Order>;
    OrderEvents: Vec<core::OrderEvent> => Vec<OrderEvent>;
    InternetProducts: Vec<core::InternetProduct> => Vec<InternetProduct>;
    AccountTransactions: Vec<core::AccountTransaction> => Vec<AccountTransaction>;
    MobileTopups: Vec<core::MobileTopup> => Vec<MobileTopup>;
    InternetTopups: Vec<core::InternetTopup> => Vec<InternetTopup>;
    GiftCardOrders: Vec<core::GiftCardOrder> => Vec<GiftCardOrder>;
}

impl From<core::OrderHandle> for Answer {
    fn from(handle: core::OrderHandle) -> Self {
        handle.order().clone().into()
    }
}

impl From<core::DeliveryHandle> for Answer {
    fn from(handle: core::DeliveryHandle) -> Self {
        handle.delivery().clone().into()
    }
}

impl From<()> for Answer {
    fn from((): ()) -> Self {
        Self::Nothing
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Self {
        Self::Failure { info: failure.info() }
    }
}
