//! Closed sets of words. Where the service's set is open, `Unknown` stands for a new word and the record beside it
//! keeps the word itself.

/// The table of enums: `Name { Variant = "snake_case_word", }`.
#[macro_export]
macro_rules! boundary_enums { ($($expand:tt)+) => { $($expand)+! {
    /// Which of the two worlds a key belongs to. Only the key decides: host and paths are the same (PROTOCOL §1).
    Environment {
        /// Play money.
        Sandbox = "sandbox",
        /// Real money.
        Production = "production",
        /// A word that this version does not know.
        Unknown = "unknown",
    }
    /// What a key may do.
    KeyScope {
        /// Reads and orders.
        ReadWrite = "read_write",
        /// Reads only.
        ReadOnly = "read_only",
        /// A word that this version does not know.
        Unknown = "unknown",
    }
    /// The three kinds of orders.
    Service {
        /// Mobile top-up.
        Mobile = "mobile",
        /// ADSL or 4G card.
        Internet = "internet",
        /// Gift cards.
        GiftCards = "gift_cards",
    }
    /// Where an order stands, as the engine believes on proof (docs/adr/0007).
    OrderState {
        /// The intent is written down; nothing was sent.
        Recorded = "recorded",
        /// A request may have left.
        Sending = "sending",
        /// The service gave an id and works on it.
        Accepted = "accepted",
        /// `QUEUED`: done in 12 to 48 hours; neither a success nor a failure (PROTOCOL §6).
        Deferred = "deferred",
        /// Nobody knows yet whether the order exists or how it ends. Do not refund, do not buy again.
        Uncertain = "uncertain",
        /// Uncertain for longer than the service promises, or a match that cannot be proven: a person decides.
        NeedsReview = "needs_review",
        /// Delivered and charged.
        Fulfilled = "fulfilled",
        /// Some cards were delivered and charged, the rest was charged back (gift cards).
        PartiallyFilled = "partially_filled",
        /// Not delivered, charged back.
        Refunded = "refunded",
        /// The service said no before charging.
        Refused = "refused",
        /// Never sent, and never will be: its `send_before` has passed.
        Expired = "expired",
    }
    /// What the service's own status word says (PROTOCOL §6).
    RemoteState {
        /// Being worked on.
        Pending = "pending",
        /// Delivered.
        Succeeded = "succeeded",
        /// Some cards delivered, the rest charged back.
        Partial = "partial",
        /// Charged back.
        Refunded = "refunded",
        /// `QUEUED`: done in 12 to 48 hours.
        Deferred = "deferred",
        /// `UNKNOWN_ERROR`: settles within 24 hours, one way or the other.
        Uncertain = "uncertain",
        /// A word that this version does not know: not final.
        Unknown = "unknown",
    }
    /// What a reader of a status should do next (PROTOCOL §7).
    PollAdvice {
        /// Ask again in 5 to 10 seconds.
        Continue = "continue",
        /// Nothing will change any more.
        Stop = "stop",
        /// Ask again in hours.
        Later = "later",
    }
    /// Fixed-line or 4G internet.
    InternetType {
        /// ADSL or fibre over the landline; nine-digit numbers.
        Adsl = "adsl",
        /// 4G; twelve-digit numbers with the country code.
        FourG = "four_g",
    }
    /// The ways on which codes are sent to a customer.
    DeliveryChannel {
        /// E-mail over SMTP.
        Email = "email",
        /// Text messages through the shop's gateway.
        Sms = "sms",
    }
    /// How the connection to a mail server is encrypted.
    EmailSecurity {
        /// In plain text first, then encrypted; a server that cannot is not used.
        StartTls = "start_tls",
        /// From the first byte.
        Tls = "tls",
        /// Not at all: for a server on this machine only.
        None = "none",
    }
    /// The texts that a shop can replace by its own.
    TemplateKind {
        /// The subject of an e-mail. Never holds a code.
        EmailSubject = "email_subject",
        /// The plain text of an e-mail.
        EmailText = "email_text",
        /// The HTML of an e-mail.
        EmailHtml = "email_html",
        /// A text message.
        Sms = "sms",
    }
    /// The mobile operators that plans are sold for.
    Operator {
        /// Mobilis, 06x.
        Mobilis = "mobilis",
        /// Djezzy, 07x.
        Djezzy = "djezzy",
        /// Ooredoo, 05x.
        Ooredoo = "ooredoo",
        /// Pixx.
        Pixx = "pixx",
        /// Mobilis wholesale.
        GMobilis = "g_mobilis",
        /// A word that this version does not know.
        Unknown = "unknown",
    }
    /// What kind of movement a line of the account's ledger is (PROTOCOL §15).
    TransactionKind {
        /// Money paid in.
        Deposit = "deposit",
        /// A mobile top-up charged back.
        RefundFlexy = "refund_flexy",
        /// An internet card charged back.
        RefundAdsl = "refund_adsl",
        /// A gift-card order charged back, wholly or in part.
        RefundOrder = "refund_order",
        /// Received from another account.
        Receive = "receive",
        /// Loyalty points turned into balance.
        PointExchange = "point_exchange",
        /// A mobile top-up.
        Flexy = "flexy",
        /// An internet card.
        Adsl = "adsl",
        /// A gift-card order.
        Order = "order",
        /// Money taken out.
        Withdraw = "withdraw",
        /// Sent to another account.
        Send = "send",
        /// A service fee.
        Service = "service",
        /// A word that this version does not know.
        Unknown = "unknown",
    }
    /// Who pays the fee of a payment link (PROTOCOL §6).
    FeeMode {
        /// The merchant; the default.
        NoFee = "no_fee",
        /// Half and half.
        SplitFee = "split_fee",
        /// The customer.
        CustomerFee = "customer_fee",
    }
    /// Where a payment stands.
    PaymentState {
        /// Not started, or at the bank.
        Pending = "pending",
        /// Credited to the balance: fulfil now, and only now.
        Confirmed = "confirmed",
        /// Declined, cancelled or expired: create a new link.
        Failed = "failed",
        /// A word that this version does not know: not final.
        Unknown = "unknown",
    }
    /// Whether money may have moved when a call failed.
    Outcome {
        /// Nothing that could move money left this machine.
        NotSent = "not_sent",
        /// The service answered and did nothing.
        Refused = "refused",
        /// The order may exist. Look it up by its `ref`; do not refund, do not buy again.
        Unknown = "unknown",
    }
    /// Whether the same call may be made again (PROTOCOL §8, §9).
    RetryAdvice {
        /// It would fail again, or do harm.
        Never = "never",
        /// At any time, with a pause.
        Safe = "safe",
        /// Only after the order was looked up by its `ref`.
        CheckFirst = "check_first",
        /// After the time that the error names.
        AfterWait = "after_wait",
    }
    /// What went wrong. The word is stable: programs may compare it.
    ErrorKind {
        /// A value breaks a rule; `field` names it where that is known. The outcome tells who refused it: `not_sent` this
        /// library, `refused` the service.
        Validation = "validation",
        /// The number is not valid for the service.
        InvalidNumber = "invalid_number",
        /// The card or product is out of stock.
        OutOfStock = "out_of_stock",
        /// The balance is too low; `required` and `available` tell by how much when the service says so.
        InsufficientBalance = "insufficient_balance",
        /// The service already has an order with this `ref`.
        DuplicatedRef = "duplicated_ref",
        /// This `ref` already stands for another request.
        RefConflict = "ref_conflict",
        /// No order, product or payment of that name, or not yours.
        NotFound = "not_found",
        /// The path is unknown to the service's router: says nothing about any order.
        EndpointNotFound = "endpoint_not_found",
        /// The payment link has expired.
        LinkExpired = "link_expired",
        /// The key is missing, wrong, expired or revoked. All calls with it stop until it is changed.
        Authentication = "authentication",
        /// Too many bad keys came from this address: about 15 minutes of silence.
        IpBlocked = "ip_blocked",
        /// This address is not on the key's list.
        IpNotAllowed = "ip_not_allowed",
        /// The key or the API is switched off.
        ApiDisabled = "api_disabled",
        /// The key may not do this.
        Forbidden = "forbidden",
        /// The key is of the other environment than the one expected. Nothing was sent.
        EnvironmentMismatch = "environment_mismatch",
        /// Too many requests; `retry_after` says how long to wait.
        RateLimited = "rate_limited",
        /// The service failed. On a send the order often completes anyway (PROTOCOL §5).
        InternalServerError = "internal_server_error",
        /// The service is down for the moment.
        ServiceUnavailable = "service_unavailable",
        /// The service could not verify the key in time; the key is not at fault.
        AuthUnavailable = "auth_unavailable",
        /// The service refused with a code that this version does not know; `wire_code` has it.
        Refused = "refused",
        /// No connection, or it broke.
        Transport = "transport",
        /// The time given was over.
        Timeout = "timeout",
        /// The answer is not what the service sends: HTML, empty, cut off, a redirect, a missing field.
        UnreadableResponse = "unreadable_response",
        /// The answer is larger than the limit of the configuration.
        ResponseTooLarge = "response_too_large",
        /// The client is configured in a way that cannot work.
        Config = "config",
        /// The time to wait is over, or nothing will be learnt within it, and the order goes on; the error carries it.
        StillPending = "still_pending",
        /// The journal cannot be read or written. Nothing was sent.
        Journal = "journal",
        /// Cards are bought only with a vault key, which seals them; none was given. Nothing was sent.
        VaultKeyMissing = "vault_key_missing",
        /// The card was sealed with a key that this client was not given.
        VaultKeyLost = "vault_key_lost",
        /// The sealed card was changed, or belongs to another order.
        VaultTampered = "vault_tampered",
        /// The source of the vault's keys gave none for the moment.
        VaultUnavailable = "vault_unavailable",
        /// The order has no cards to show yet.
        OrderNotReady = "order_not_ready",
        /// No order of this reference, or it belongs to another owner.
        OrderNotFound = "order_not_found",
        /// The order's codes were destroyed after their retention time.
        AlreadyPurged = "already_purged",
        /// A card could not be delivered; the cause is kept.
        DeliveryFailed = "delivery_failed",
        /// The client was closed.
        Closed = "closed",
        /// A defect of this library.
        Internal = "internal",
    }
    /// What a comparison of the journal with the service's books found (PROTOCOL §11, §15).
    FindingKind {
        /// The service has an order, or a charge, that the journal lacks.
        MissingHere = "missing_here",
        /// The journal has an order by the service's id, and the service shows none, or another one, under it.
        MissingThere = "missing_there",
        /// The two sides tell different states.
        StateDiffers = "state_differs",
        /// The two sides tell different amounts.
        AmountDiffers = "amount_differs",
        /// A refund that only one side knows: the ledger has one for an order that is neither `refunded` nor
        /// `partially_filled` here, or it has none for an order that is.
        RefundNotSeen = "refund_not_seen",
        /// An order that should have been charged has no charge in the ledger.
        ChargeNotSeen = "charge_not_seen",
        /// A gift-card purchase at the service that no order of the journal claims.
        GiftCardsUnclaimed = "gift_cards_unclaimed",
        /// The ledger's balances do not follow from each other, or do not lead to the account's balance.
        BalanceDiffers = "balance_differs",
    }
    /// What an entry of the audit log tells.
    AuditEvent {
        /// A request for an order may have left.
        OrderSent = "order_sent",
        /// An order reached its end; the entry's `detail` is its state.
        OrderSettled = "order_settled",
        /// A person decided on an order; `detail` is the state.
        OrderDecided = "order_decided",
        /// A comparison with the service's books changed an order; `detail` is its state.
        OrderRepaired = "order_repaired",
        /// An order's codes were shown.
        CardRevealed = "card_revealed",
        /// An order's codes were asked for and not shown; `detail` is the error's word.
        RevealRefused = "reveal_refused",
        /// A delivery was asked for; `detail` is the message's id.
        DeliveryQueued = "delivery_queued",
        /// A channel took an order's codes; `detail` is the message's id.
        CardDelivered = "card_delivered",
        /// A delivery was given up; `detail` is the message's id.
        DeliveryFailed = "delivery_failed",
        /// An order's codes were destroyed.
        CardsPurged = "cards_purged",
        /// A card of another program's store was taken over.
        CardImported = "card_imported",
        /// A vault key was used to seal for the first time; `detail` is its id.
        KeyAdded = "key_added",
        /// Cards were sealed anew; `detail` is the new key's id.
        CardsRekeyed = "cards_rekeyed",
    }
    /// Where a delivery stands.
    DeliveryState {
        /// Not yet taken by its channel; it is tried again by itself.
        Waiting = "waiting",
        /// Its channel took it.
        Sent = "sent",
        /// Given up.
        Failed = "failed",
    }
    /// Languages of texts for people.
    Language {
        /// العربية
        Arabic = "ar",
        /// Français
        French = "fr",
        /// English
        English = "en",
    }
    /// Which spelling of two gift-card paths is tried first; the other one follows where the service's router does not know
    /// the first (PROTOCOL §18 rows 1 and 2).
    GiftCardPaths {
        /// `/checkOrder`, `/checkProduct`: what callers have seen the service answer to. The default.
        CamelCase = "camel_case",
        /// `/check-order`, `/check-product`: the Arabic guides.
        KebabCase = "kebab_case",
    }
} } }

macro_rules! core_enums { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$variant_meta:meta])* $variant:ident = $word:literal, )* }
)*) => { $(
    $(#[$meta])*
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub enum $name { $( $(#[$variant_meta])* $variant, )* }

    impl $name {
        /// Every value, in the order of the declaration.
        pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

        /// The stable snake_case word.
        pub const fn as_str(self) -> &'static str {
            match self { $(Self::$variant => $word,)* }
        }

        /// The value of a stable word.
        pub fn from_word(word: &str) -> Option<Self> {
            Self::ALL.iter().copied().find(|value| value.as_str() == word)
        }
    }

    impl std::fmt::Display for $name {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(self.as_str())
        }
    }
)* } }

crate::boundary_enums!(core_enums);

impl OrderState {
    /// Whether the order has reached its end (docs/adr/0007).
    pub const fn is_settled(self) -> bool {
        matches!(
            self,
            Self::Fulfilled | Self::PartiallyFilled | Self::Refunded | Self::Refused | Self::Expired
        )
    }
}

impl RemoteState {
    /// Whether the service will not change it any more.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Succeeded | Self::Partial | Self::Refunded)
    }

    /// What to do after reading it.
    pub const fn poll_advice(self) -> PollAdvice {
        match self {
            Self::Succeeded | Self::Partial | Self::Refunded => PollAdvice::Stop,
            Self::Deferred | Self::Uncertain => PollAdvice::Later,
            Self::Pending | Self::Unknown => PollAdvice::Continue,
        }
    }
}

impl PaymentState {
    /// Whether the payment has ended.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Confirmed | Self::Failed)
    }
}
