//! What comes out of the engine.

use rust_decimal::Decimal;

use super::{
    AuditEvent, DeliveryChannel, DeliveryState, Environment, FindingKind, InternetType, KeyScope, Language,
    Operator, OrderState, PaymentState, RemoteState, Service, Timestamp, TransactionKind,
};
use crate::money::Dzd;
use crate::secret::SecretText;

/// The table of records: `Name { field: Type, }`. Types are plain names (`String`, `u32`, `bool`, `Dzd`, `Decimal`,
/// `Timestamp`, `SecretText`, other records and enums) in `Option` or `Vec`, which a binding defines in its own scope.
#[macro_export]
macro_rules! boundary_records { ($($expand:tt)+) => { $($expand)+! {
    /// The service's health report (PROTOCOL §16).
    Health {
        /// Whether the API itself is well.
        is_ok: bool,
        /// The service's own word for it: `ok` or `error`.
        api: String,
        /// One entry per operator, in the service's order.
        operators: Vec<OperatorHealth>,
    }
    /// Whether top-ups for one operator work at the moment.
    OperatorHealth {
        /// `mobilis`, `ooredoo`, `djezzy`, `mobilisFixedPlans` (Pixx and Sama plans); more may appear.
        operator: String,
        /// Whether the service says `up`.
        is_up: bool,
        /// The service's own word.
        status: String,
    }
    /// What the service says of the key (PROTOCOL §1). The key itself, which the service echoes, is dropped.
    KeyInfo {
        /// The account's login, a phone number with country code.
        username: Option<String>,
        /// Sandbox or production.
        environment: Environment,
        /// The service's own word for the environment.
        environment_word: Option<String>,
        /// What the key may do.
        scope: KeyScope,
        /// The service's own word for the scope.
        scope_word: Option<String>,
        /// Whether the key is switched on.
        is_enabled: bool,
        /// Addresses that may use the key; empty means any.
        allowed_ips: Vec<String>,
    }
    /// What is left on the account.
    Balance {
        /// In DZD.
        amount: Dzd,
    }
    /// One line of the account's ledger (PROTOCOL §15).
    AccountTransaction {
        /// The line's id.
        id: Option<String>,
        /// The kind of movement.
        kind: TransactionKind,
        /// The service's own word for the kind.
        kind_word: Option<String>,
        /// The service's word for the direction; its values are not documented.
        operation: Option<String>,
        /// How much, in DZD.
        amount: Option<Dzd>,
        /// The balance before, in DZD.
        old_balance: Option<Dzd>,
        /// The balance after, in DZD.
        new_balance: Option<Dzd>,
        /// The id of the order behind it.
        order_id: Option<String>,
        /// A remark, such as the number.
        note: Option<String>,
        /// When it happened.
        time: Option<Timestamp>,
    }
    /// All mobile plans, by the rule for their amount (PROTOCOL §3).
    MobilePlans {
        /// Plans whose amount the caller chooses within limits.
        dynamic: Vec<DynamicPlan>,
        /// Plans with an amount of their own.
        fixed: Vec<FixedPlan>,
        /// Plans that ask which offers a number accepts.
        get_menu: Vec<DynamicPlan>,
    }
    /// A plan whose amount the caller chooses.
    DynamicPlan {
        /// What `plan_code` of a send wants.
        code: String,
        /// The name for people; may hold Arabic and emoji.
        name: Option<String>,
        /// The operator.
        operator: Operator,
        /// The service's own word for the operator.
        operator_word: Option<String>,
        /// The price as a ratio of the face value: 0.98 means 2 % off. Missing on some plans.
        cost: Option<Decimal>,
        /// Whether it may be offered.
        is_enabled: bool,
        /// The least amount in DZD.
        min_amount: Option<Dzd>,
        /// The largest amount in DZD.
        max_amount: Option<Dzd>,
    }
    /// A plan with an amount of its own.
    FixedPlan {
        /// What `plan_code` of a send wants.
        code: String,
        /// The name for people; may hold Arabic and emoji.
        name: Option<String>,
        /// The operator.
        operator: Operator,
        /// The service's own word for the operator.
        operator_word: Option<String>,
        /// The price as a ratio of the face value: 0.98 means 2 % off. Missing on some plans.
        cost: Option<Decimal>,
        /// Whether it may be offered.
        is_enabled: bool,
        /// The amount in DZD.
        amount: Option<Dzd>,
    }
    /// A mobile top-up as the service tells it.
    MobileTopup {
        /// The service's id.
        id: Option<String>,
        /// The reference as the service keeps it, perhaps with an `API-<username>-` prefix.
        r#ref: Option<String>,
        /// The service's own status word.
        status: String,
        /// What the word means.
        state: RemoteState,
        /// The plan.
        plan_code: Option<String>,
        /// The plan's name.
        plan_name: Option<String>,
        /// The operator, in the service's word.
        operator: Option<String>,
        /// The number (`MSSIDN` on the wire).
        number: Option<String>,
        /// The face value in DZD.
        amount: Option<Dzd>,
        /// What was charged in DZD; 0 after a refund.
        charged: Option<Dzd>,
        /// Why it was refunded, in Arabic, for the end customer.
        refund_message: Option<String>,
        /// Offers that the number would accept instead.
        suggested_offers: Vec<SuggestedOffer>,
        /// A related order; its meaning is not documented.
        follow_order_id: Option<String>,
        /// A related order; its meaning is not documented.
        retry_order_id: Option<String>,
        /// When it was created.
        created_at: Option<Timestamp>,
        /// When it last changed.
        updated_at: Option<Timestamp>,
    }
    /// An offer that a number accepts.
    SuggestedOffer {
        /// The name for people.
        name: Option<String>,
        /// What `plan_code` of a send wants.
        plan_code: Option<String>,
        /// The amount in DZD.
        amount: Option<Dzd>,
    }
    /// An internet card on sale.
    InternetProduct {
        /// The face value in DZD: what `value` of a send wants.
        value: Dzd,
        /// What the account is charged, in DZD. Wholesale: not for end customers.
        cost: Option<Dzd>,
        /// Whether it is in stock.
        is_available: bool,
    }
    /// What the service knows of an internet line.
    InternetLine {
        /// The client number, partly masked.
        client_number: Option<String>,
        /// The subscription's name; seen for ADSL only.
        offer: Option<String>,
        /// The type that the line has; `None` for a word that this version does not know.
        r#type: Option<InternetType>,
        /// The service's own word for the type, such as `4GLTE`.
        type_word: Option<String>,
    }
    /// An internet top-up as the service tells it.
    InternetTopup {
        /// The service's id.
        id: Option<String>,
        /// The reference as the service keeps it, perhaps with an `API-<username>-` prefix.
        r#ref: Option<String>,
        /// The service's own status word.
        status: String,
        /// What the word means.
        state: RemoteState,
        /// ADSL or 4G.
        r#type: Option<InternetType>,
        /// The service's own word for the type.
        type_word: Option<String>,
        /// The line.
        number: Option<String>,
        /// The face value in DZD.
        value: Option<Dzd>,
        /// The card, once fulfilled.
        card: Option<InternetCard>,
        /// When it was created.
        created_at: Option<Timestamp>,
    }
    /// An internet card: what the customer types in (PROTOCOL §13).
    InternetCard {
        /// The code. Secret.
        code: SecretText,
        /// The operator's transaction number (`num_trans`), the proof of purchase.
        transaction_number: Option<String>,
        /// When the operator processed it (`date_traitement`), if that text is an instant.
        processed_at: Option<Timestamp>,
        /// `date_traitement` as sent.
        processed_at_text: Option<String>,
    }
    /// The gift-card catalogue.
    GiftCardCatalog {
        /// Categories in the service's order.
        categories: Vec<GiftCardCategory>,
        /// How many categories there are.
        total_categories: u32,
        /// How many products there are.
        total_products: u32,
    }
    /// One category of the catalogue.
    GiftCardCategory {
        /// The name for people.
        title: Option<String>,
        /// Its products.
        products: Vec<GiftCardListing>,
    }
    /// One product as the catalogue lists it.
    GiftCardListing {
        /// What `product_id` of an order wants.
        id: String,
        /// The name for people.
        title: Option<String>,
        /// Whether it may be offered.
        is_enabled: bool,
        /// The region where the cards work.
        region: Option<String>,
    }
    /// One product with its live stock and prices.
    GiftCardProduct {
        /// What `product_id` of an order wants.
        id: Option<String>,
        /// The name for people.
        title: Option<String>,
        /// Its denominations.
        types: Vec<GiftCardType>,
    }
    /// One denomination of a product.
    GiftCardType {
        /// What `type_id` of an order wants.
        id: String,
        /// The name for people.
        name: Option<String>,
        /// What the account is charged per card, in DZD. Wholesale: not for end customers.
        price: Option<Dzd>,
        /// How many are in stock, when the service says so.
        quantity: Option<u32>,
        /// Whether at least one can be bought.
        is_in_stock: bool,
    }
    /// A gift-card order as the service tells it.
    GiftCardOrder {
        /// The service's id.
        id: Option<String>,
        /// The service's own status word.
        status: String,
        /// What the word means.
        state: RemoteState,
        /// The product.
        product_id: Option<String>,
        /// The denomination.
        type_id: Option<String>,
        /// How many were ordered.
        quantity: Option<u32>,
        /// How many were delivered.
        fulfilled_quantity: Option<u32>,
        /// What was charged for the delivered ones, in DZD.
        fulfilled_amount: Option<Dzd>,
        /// The price of one, in DZD.
        price_per_card: Option<Dzd>,
        /// What was charged back, in DZD, once the order has ended: `(quantity - fulfilled) x price` (PROTOCOL §6).
        refunded: Option<Dzd>,
        /// The cards that were delivered.
        cards: Vec<GiftCard>,
        /// When it was ordered.
        time: Option<Timestamp>,
    }
    /// A gift card.
    GiftCard {
        /// The code (`value` on the wire). Secret.
        code: SecretText,
        /// The serial number. Secret.
        serial: Option<SecretText>,
    }
    /// A card in the clear, from a reveal that is on record.
    Card {
        /// Its place in the order, from 0.
        index: u32,
        /// The code. Secret.
        code: SecretText,
        /// The serial number of a gift card. Secret.
        serial: Option<SecretText>,
        /// The operator's transaction number of an internet card, the proof of purchase. Secret.
        transaction_number: Option<SecretText>,
        /// When the operator processed an internet card, if its text is an instant.
        processed_at: Option<Timestamp>,
        /// `date_traitement` of an internet card, as sent.
        processed_at_text: Option<String>,
    }
    /// A message with codes on its way to a customer.
    Delivery {
        /// The same for all tries: what the channel knows the message by.
        id: String,
        /// The order whose cards it brings.
        r#ref: String,
        /// By which way.
        channel: DeliveryChannel,
        /// The address or number.
        to: String,
        /// The language of its text.
        language: Language,
        /// Where it stands.
        state: DeliveryState,
        /// How often it was tried.
        attempts: u32,
        /// When it is tried next, while it waits.
        next_attempt_at: Option<Timestamp>,
        /// What the channel said when it last failed.
        last_error: Option<String>,
        /// What the channel said when it took the message: its id there, or the server's answer.
        receipt: Option<String>,
        /// When it was asked for.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
    /// One text message for a gateway.
    SmsMessage {
        /// The same for all tries of this message.
        id: String,
        /// The number as it was given.
        to: String,
        /// The text, with the codes in it. Secret.
        text: SecretText,
        /// Which of the order's messages it is, from 1.
        part: u32,
        /// How many messages the order has become.
        parts: u32,
        /// In how many segments the network sends it.
        segments: u32,
    }
    /// An order's codes with the words around them, for the shop's own pages. `to_json` gives the whole as JSON.
    InAppCards {
        /// The order's reference.
        r#ref: String,
        /// `adsl`, `four_g` or `gift_card`.
        service: String,
        /// The language of the words.
        language: Language,
        /// `ltr` or `rtl`: how the page is to be laid out. Codes are read from the left in both.
        direction: String,
        /// That the cards are ready.
        headline: String,
        /// What was bought.
        title: String,
        /// The line of an internet card.
        number: Option<String>,
        /// The face value of an internet card, in whole DZD.
        value: Option<String>,
        /// Whether fewer cards were delivered than ordered.
        is_partial: bool,
        /// The cards, in the order of the service.
        cards: Vec<Card>,
        /// What the steps are about.
        usage_title: String,
        /// How the first card is used, step by step; one step has its code in it. Secret.
        steps: Vec<SecretText>,
        /// Whom to ask.
        help: String,
        /// That codes are worth money.
        warning: String,
    }
    /// What a purge destroyed.
    PurgeReport {
        /// Orders whose codes are gone.
        orders: u32,
        /// Cards that they had.
        cards: u32,
    }
    /// What sealing anew came to.
    RekeyReport {
        /// The id of the key that everything readable is sealed with now.
        key_id: String,
        /// Sealed fields (a code, a serial) that were sealed anew.
        resealed: u32,
        /// Sealed fields left as they were, because their key was not given or they were changed.
        unreadable: u32,
    }
    /// What importing a card came to.
    ImportReport {
        /// The order's reference.
        r#ref: String,
        /// Whether the order was new to the journal.
        is_new_order: bool,
        /// Whether the order had its card already, so that nothing was changed.
        is_known: bool,
    }
    /// One entry of the audit log. Never holds a code.
    AuditEntry {
        /// Its place in the log; give the last one read to go on after it.
        cursor: String,
        /// When it was written.
        at: Timestamp,
        /// What happened.
        event: AuditEvent,
        /// The order's reference, where it is about one.
        r#ref: Option<String>,
        /// Whom the order belongs to.
        owner: Option<String>,
        /// Who did it, where a person or program was named.
        actor: Option<String>,
        /// By which way: `reveal`, `email`, `sms`, `watch` and so on.
        method: Option<String>,
        /// The network address it came from, where given.
        address: Option<String>,
        /// The program it came from, such as a `User-Agent`, where given.
        agent: Option<String>,
        /// Why, where given.
        reason: Option<String>,
        /// What the event says there is.
        detail: Option<String>,
        /// The SHA-256 over this entry and the hash before it, in hexadecimal.
        hash: String,
    }
    /// Whether the audit log is as it was written.
    AuditReport {
        /// Whether every entry follows from the one before.
        is_intact: bool,
        /// How many entries were checked.
        entries: u32,
        /// The last entry's place and hash, `cursor:hash`. Kept elsewhere, it proves later that none was cut off.
        head: Option<String>,
        /// The first entry that does not follow, by its place.
        broken_at: Option<String>,
        /// What is wrong with it, in English.
        detail: Option<String>,
    }
    /// A payment link that was created.
    PaymentLink {
        /// What `check` wants. Store it with the order.
        payment_ref: String,
        /// Where the customer pays.
        payment_url: String,
        /// Whether it is play money.
        is_sandbox: Option<bool>,
        /// When it was created.
        created_at: Option<Timestamp>,
        /// When an unused link dies: 20 minutes after its creation (PROTOCOL §6).
        expires_at: Option<Timestamp>,
    }
    /// Where a payment stands.
    Payment {
        /// What the status word means.
        state: PaymentState,
        /// The service's own status word.
        status: String,
        /// The reference.
        payment_ref: Option<String>,
        /// The service's sentence about the status.
        status_text: Option<String>,
        /// The amount in DZD. Compare it with the order.
        amount: Option<Dzd>,
        /// The currency, when the service names it.
        currency: Option<String>,
        /// Whether it is play money. Compare it with the key's environment.
        is_sandbox: Option<bool>,
        /// The bank's reference.
        transaction_ref: Option<String>,
        /// The fee in DZD.
        fee: Option<Dzd>,
        /// The amount less the fee, in DZD.
        net_amount: Option<Dzd>,
        /// How it was paid.
        payment_method: Option<String>,
        /// When the payment was created.
        created_at: Option<Timestamp>,
        /// When it ended.
        completed_at: Option<Timestamp>,
    }
    /// What an order would cost now, from a look before it is sent. The service's answer to the send still decides.
    Quote {
        /// Mobile, internet or gift cards.
        service: Service,
        /// What the account would be charged in DZD; nothing where the service names no price.
        price: Option<Dzd>,
        /// What is on the account in DZD.
        balance: Dzd,
        /// What would be left in DZD, where the price is known.
        balance_after: Option<Dzd>,
        /// Whether the balance is known to cover the price. `false` only where the price is unknown: a balance that
        /// is too low is an error.
        is_affordable: bool,
    }
    /// The journal compared with the service's books for a window of time.
    Reconciliation {
        /// The window's first instant.
        since: Timestamp,
        /// The window's last instant.
        until: Timestamp,
        /// What does not agree; empty when all does.
        findings: Vec<Finding>,
        /// Orders of the journal that were recorded in the window.
        records_compared: u32,
        /// Orders of the service that were compared.
        orders_compared: u32,
        /// Lines of the account's ledger that were compared.
        transactions_compared: u32,
        /// What was on the account in DZD when the comparison began.
        balance: Dzd,
    }
    /// One thing on which the journal and the service do not agree.
    Finding {
        /// What it is.
        kind: FindingKind,
        /// Mobile, internet or gift cards; nothing for the balance.
        service: Option<Service>,
        /// The order's reference, where one is known.
        r#ref: Option<String>,
        /// The service's id of the order, where one is known.
        order_id: Option<String>,
        /// What the journal, or the line before, leads to expect, in DZD.
        expected: Option<Dzd>,
        /// What the service tells, in DZD.
        actual: Option<Dzd>,
        /// Whether the service's word was noted, as an entry of its own in the order's history.
        is_repaired: bool,
        /// What was found, in English.
        detail: String,
    }
    /// One transition of one order.
    OrderEvent {
        /// The event's stable id; give the last one handled to `ack`, and begin after it next time.
        cursor: String,
        /// When it happened.
        at: Timestamp,
        /// Where the order came from; nothing for a new one.
        from: Option<OrderState>,
        /// The order right after it.
        order: Order,
    }
    /// One order as the journal last saw it.
    Order {
        /// The caller's reference, the order's identity.
        r#ref: String,
        /// Mobile, internet or gift cards.
        service: Service,
        /// Where it stands.
        state: OrderState,
        /// The shop's own user id, given at the send.
        owner: Option<String>,
        /// The service's id, once known.
        id: Option<String>,
        /// The reference that the service gave back; it may carry a prefix.
        returned_ref: Option<String>,
        /// The service's last status word.
        status: Option<String>,
        /// The account's balance right after the send in DZD, when the service says so.
        new_balance: Option<Dzd>,
        /// What the order costs or has cost in DZD, once known.
        charged: Option<Dzd>,
        /// What came back in DZD, once known.
        refunded: Option<Dzd>,
        /// How many cards it brought; `cards().reveal` shows them.
        card_count: u32,
        /// Why it was refunded, in Arabic, for the end customer.
        refund_message: Option<String>,
        /// Offers that the number would accept instead.
        suggested_offers: Vec<SuggestedOffer>,
        /// Who decided on it by hand and why, where a person had to.
        decision: Option<String>,
        /// How many requests were sent for it; more than one only with the same `ref`.
        attempts: u32,
        /// What went wrong last, as an error's stable word.
        last_error: Option<String>,
        /// The request id of the last failure, for the service's support.
        last_request_id: Option<String>,
        /// When the engine looks again.
        next_check_at: Option<Timestamp>,
        /// When the intent was recorded.
        created_at: Timestamp,
        /// When it last changed.
        updated_at: Timestamp,
    }
} } }

macro_rules! core_records { ($(
    $(#[$meta:meta])* $name:ident { $( $(#[$field_meta:meta])* $field:ident: $type:ty, )* }
)*) => { $(
    $(#[$meta])*
    #[derive(Clone, Debug, PartialEq, Eq)]
    pub struct $name { $( $(#[$field_meta])* pub $field: $type, )* }
)* } }

crate::boundary_records!(core_records);

impl Order {
    /// Whether the order has reached its end.
    pub fn is_settled(&self) -> bool {
        self.state.is_settled()
    }
}
