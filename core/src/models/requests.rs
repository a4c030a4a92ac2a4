//! What goes into the engine.

use super::{DeliveryChannel, FeeMode, InternetType, Language, OrderState, Service, Timestamp};
use crate::money::Dzd;

/// The table of requests: `Name { required { field: Type, } optional { field: Type, } }`; an optional field is an
/// `Option` of its type and may be left out.
#[macro_export]
macro_rules! boundary_requests { ($($expand:tt)+) => { $($expand)+! {
    /// A mobile top-up to send.
    MobileRequest {
        required {
            /// The plan's code, case-sensitive, from `plans()`.
            plan_code: String,
            /// Ten digits, `05`, `06` or `07` first, such as `0778037340`.
            number: String,
        }
        optional {
            /// Whole DZD. Required for a dynamic plan; a fixed plan has its own.
            amount: Dzd,
            /// Your reference, unique for ever, up to 100 bytes: the same one gives the same order. Made up when absent.
            r#ref: String,
            /// The user of your shop whom the order belongs to, up to 200 characters.
            owner: String,
            /// Never send it after this instant.
            send_before: Timestamp,
        }
    }
    /// An internet card to buy.
    InternetRequest {
        required {
            /// ADSL or 4G.
            r#type: InternetType,
            /// ADSL: nine digits with the zero, `036362608`. 4G: twelve with the country code, `213472731602`.
            number: String,
            /// A face value of `products()`, in whole DZD.
            value: Dzd,
        }
        optional {
            /// Your reference, unique for ever, up to 100 bytes: the same one gives the same order. Made up when absent.
            r#ref: String,
            /// The user of your shop whom the order belongs to, up to 200 characters.
            owner: String,
            /// Never send it after this instant.
            send_before: Timestamp,
        }
    }
    /// Gift cards to buy.
    GiftCardRequest {
        required {
            /// The product's id, from `catalog()`.
            product_id: String,
            /// The denomination's id, from `product()`.
            type_id: String,
            /// How many, at least 1.
            quantity: u32,
        }
        optional {
            /// Your reference, up to 100 bytes, kept on this side only: the service knows none for gift cards. Made up when
            /// absent.
            r#ref: String,
            /// The user of your shop whom the order belongs to, up to 200 characters.
            owner: String,
            /// Never send it after this instant.
            send_before: Timestamp,
        }
    }
    /// A payment link to create.
    PaymentLinkRequest {
        required {
            /// What is paid for, 1 to 200 characters.
            title: String,
            /// Whole DZD, 500 to 500 000.
            amount: Dzd,
        }
        optional {
            /// Up to 1000 characters of markdown.
            description: String,
            /// Who pays the fee; the merchant when absent.
            fee_mode: FeeMode,
            /// Shown after the payment, up to 500 characters.
            success_text: String,
            /// Where the customer goes after the payment; http or https.
            redirect_url: String,
        }
    }
    /// Which orders of the journal to list, oldest first.
    OrderListRequest {
        required {}
        optional {
            /// Only those in this state.
            state: OrderState,
            /// Only those of this service.
            service: Service,
            /// Only those recorded from this instant on.
            since: Timestamp,
            /// Only those recorded before this instant.
            until: Timestamp,
            /// Only those after the order of this `ref`, for the next page.
            after: String,
            /// At most so many, 1 to 1000; 100 when absent.
            limit: u32,
        }
    }
    /// Codes to send to a customer.
    DeliveryRequest {
        required {
            /// The order's reference.
            r#ref: String,
            /// By which way.
            channel: DeliveryChannel,
            /// The e-mail address, or the mobile number: ten digits, or `+` and the country code.
            to: String,
            /// The language of the message.
            language: Language,
        }
        optional {
            /// The user of your shop whom it is for. Must be the order's owner where the order has one.
            owner: String,
            /// Who asks for it, for the audit log, up to 200 characters. The owner when absent.
            actor: String,
            /// What you call what was bought, such as `PlayStation 10 $`, up to 200 characters.
            title: String,
            /// A word of yours, up to 100 characters, that makes this another message, when the customer has lost the first one.
            /// The same request is the same message otherwise, and is not sent twice.
            again: String,
            /// The network address of the one who asks, for the audit log, up to 200 characters.
            address: String,
            /// The program of the one who asks, such as a `User-Agent`, for the audit log, up to 500 characters.
            agent: String,
        }
    }
    /// Cards to show, on record.
    RevealRequest {
        required {
            /// The order's reference.
            r#ref: String,
        }
        optional {
            /// The user of your shop who asks. Must be the order's owner where the order has one.
            owner: String,
            /// Who looks: a user, a clerk, a program, up to 200 characters. The owner when absent; one of the two is needed.
            actor: String,
            /// Why, for the audit log, up to 500 characters.
            reason: String,
            /// The network address of the one who looks, for the audit log, up to 200 characters.
            address: String,
            /// The program of the one who looks, such as a `User-Agent`, for the audit log, up to 500 characters.
            agent: String,
        }
    }
    /// Codes to destroy: of orders that were last revealed or delivered before an instant.
    PurgeRequest {
        required {
            /// Orders whose last look is older than this.
            older_than: Timestamp,
        }
        optional {
            /// Who asks for it, for the audit log, up to 200 characters.
            actor: String,
            /// Why, for the audit log, up to 500 characters.
            reason: String,
        }
    }
    /// An internet card that another program kept the way the service's documentation shows: AES-256-GCM with an IV of
    /// 16 bytes, and IV, text and tag apart, in hexadecimal. Its key must be one of the client's vault keys.
    ImportRequest {
        required {
            /// The reference that the order has or gets in the journal.
            r#ref: String,
            /// `encryptedCard.iv`: 32 hexadecimal digits.
            iv: String,
            /// `encryptedCard.encryptedData`: the code, hexadecimal.
            encrypted_data: String,
            /// `encryptedCard.authTag`: 32 hexadecimal digits.
            auth_tag: String,
            /// ADSL or 4G.
            r#type: InternetType,
            /// The line.
            number: String,
            /// The face value in whole DZD.
            value: Dzd,
        }
        optional {
            /// The service's id (`topupId`).
            id: String,
            /// The user of your shop whom the order belongs to, up to 200 characters.
            owner: String,
            /// `numTrans`.
            transaction_number: String,
            /// `dateTraitement`, as it was kept.
            processed_at_text: String,
            /// When it was fulfilled (`fulfilledAt`); now when absent.
            fulfilled_at: Timestamp,
            /// Who imports, for the audit log, up to 200 characters.
            actor: String,
        }
    }
    /// Which part of a list to read. Both instants or none: the service wants them together (PROTOCOL §11).
    ListRequest {
        required {}
        optional {
            /// From this instant on.
            since: Timestamp,
            /// Up to this instant.
            until: Timestamp,
            /// How many to ask for at once, 1 to 100; 100 when absent.
            page_size: u32,
        }
    }
} } }

macro_rules! core_requests { ($(
    $(#[$meta:meta])* $name:ident {
        required { $( $(#[$required_meta:meta])* $required:ident: $required_type:ty, )* }
        optional { $( $(#[$optional_meta:meta])* $optional:ident: $optional_type:ty, )* }
    }
)*) => { $(
    $(#[$meta])*
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct $name {
        $( $(#[$required_meta])* pub $required: $required_type, )*
        $( $(#[$optional_meta])* pub $optional: Option<$optional_type>, )*
    }

    impl $name {
        /// A request with its required fields; set the optional ones by name.
        #[allow(clippy::new_without_default, reason = "one of the requests has no required field")]
        pub fn new($( $required: impl Into<$required_type>, )*) -> Self {
            Self { $( $required: $required.into(), )* $( $optional: None, )* }
        }

        $(
            $(#[$optional_meta])*
            #[must_use]
            pub fn $optional(mut self, $optional: impl Into<$optional_type>) -> Self {
                self.$optional = Some($optional.into());
                self
            }
        )*
    }
)* } }

crate::boundary_requests!(core_requests);
