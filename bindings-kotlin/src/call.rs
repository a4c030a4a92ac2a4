//! What goes in: one call of the engine.

use std::time::Duration;

use futures_util::FutureExt;
use oneclickdz::Client;

use crate::answer::Answer;
use crate::border::{Dzd, Enter, Timestamp};
use crate::engine::Work;
use crate::models::{
    DeliveryRequest, GiftCardRequest, ImportRequest, InternetRequest, InternetType, Language, MobileRequest,
    OrderListRequest, OrderState, PaymentLinkRequest, PurgeRequest, Request, RevealRequest,
};

macro_rules! calls { ($(
    $name:ident { $($field:ident: $type:ty),* } |$client:ident| $call:expr;
)+) => {
    /// One call of the engine, with what it needs.
    #[derive(uniffi::Enum)]
    #[allow(missing_docs, reason = "each is a method of the engine, documented there")]
    pub enum Call { $( $name { $($field: $type),* }, )+ }

    impl Call {
        /// Makes the call.
        pub(crate) fn run(self, client: Client) -> Work {
            match self { $(
                Self::$name { $($field),* } => {
                    let $client = client;
                    async move { Ok(Answer::from($call)) }.boxed()
                }
            )+ }
        }
    }
} }

calls! {
    Ping {} |client| client.ping().await?;
    Validate {} |client| client.account().validate().await?;
    BalanceOf {} |client| client.account().balance().await?;
    MobilePlansOf {} |client| client.mobile().plans().await?;
    MobileSend { request: MobileRequest } |client| client.mobile().send(request.engines("mobile.send")?).await?;
    MobileQuote { request: MobileRequest, max_price: Option<Dzd> } |client| {
        let operation = "mobile.quote";
        let most = max_price.enter(operation, "max_price")?;
        client.mobile().quote(&request.engines(operation)?, most).await?
    };
    MobileById { id: String } |client| client.mobile().check_by_id(&id).await?;
    MobileByRef { order_ref: String } |client| client.mobile().check_by_ref(&order_ref).await?;
    ProductsOf { line: InternetType } |client| {
        client.internet().products(line.enter("internet.products", "type")?).await?
    };
    CheckNumber { line: InternetType, number: String } |client| {
        client.internet().check_number(line.enter("internet.check_number", "type")?, &number).await?
    };
    InternetSend { request: InternetRequest } |client| {
        client.internet().send(request.engines("internet.send")?).await?
    };
    InternetQuote { request: InternetRequest, max_price: Option<Dzd> } |client| {
        let operation = "internet.quote";
        let most = max_price.enter(operation, "max_price")?;
        client.internet().quote(&request.engines(operation)?, most).await?
    };
    InternetById { id: String } |client| client.internet().check_by_id(&id).await?;
    InternetByRef { order_ref: String } |client| client.internet().check_by_ref(&order_ref).await?;
    Catalog {} |client| client.gift_cards().catalog().await?;
    Product { id: String } |client| client.gift_cards().product(&id).await?;
    GiftCardSend { request: GiftCardRequest } |client| {
        client.gift_cards().order(request.engines("gift_cards.place_order")?).await?
    };
    GiftCardQuote { request: GiftCardRequest, max_price: Option<Dzd> } |client| {
        let operation = "gift_cards.quote";
        let most = max_price.enter(operation, "max_price")?;
        client.gift_cards().quote(&request.engines(operation)?, most).await?
    };
    GiftCardById { id: String } |client| client.gift_cards().check_order(&id).await?;
    CreateLink { request: PaymentLinkRequest } |client| {
        client.payment_links().create(request.engines("payment_links.create")?).await?
    };
    CheckPayment { payment_ref: String } |client| client.payment_links().check(&payment_ref).await?;
    Resume {} |client| client.orders().resume().await?;
    OrderOf { order_ref: String } |client| client.orders().get(&order_ref).await?;
    Wait { order_ref: String, at_most_ms: i64 } |client| {
        let time = Duration::from_millis(at_most_ms.unsigned_abs());
        // Only the waiting is held meanwhile, not the order.
        let wait = client.orders().get(&order_ref).await?.wait(time);
        wait.await?
    };
    OrdersOf { request: OrderListRequest } |client| {
        client.orders().list(request.engines("orders.list")?).await?
    };
    History { order_ref: String } |client| client.orders().history(&order_ref).await?;
    Ack { cursor: String } |client| client.orders().ack(&cursor).await?;
    Resolve { order_ref: String, decision: OrderState, actor: String, note: String } |client| {
        let decision = decision.enter("orders.resolve", "decision")?;
        client.orders().resolve(&order_ref, decision, &actor, &note).await?
    };
    Reconcile { since: Timestamp, until: Timestamp } |client| {
        let operation = "orders.reconcile";
        let (since, until) = (since.enter(operation, "since")?, until.enter(operation, "until")?);
        client.orders().reconcile(since, until).await?
    };
    Reveal { request: RevealRequest } |client| client.cards().reveal(request.engines("cards.reveal")?).await?;
    Purge { request: PurgeRequest } |client| client.cards().purge(request.engines("cards.purge")?).await?;
    Rekey {} |client| client.cards().rekey().await?;
    Import { request: ImportRequest } |client| client.cards().import(request.engines("cards.import")?).await?;
    VerifyAudit { head: Option<String> } |client| match head {
        Some(head) => client.audit().verify_against(&head).await?,
        None => client.audit().verify().await?,
    };
    Deliver { request: DeliveryRequest } |client| {
        client.delivery().deliver(request.engines("delivery.deliver")?).await?
    };
    DeliveryOf { id: String } |client| client.delivery().get(&id).await?;
    WaitForDelivery { id: String, at_most_ms: i64 } |client| {
        let time = Duration::from_millis(at_most_ms.unsigned_abs());
        let wait = client.delivery().get(&id).await?.wait(time);
        wait.await?
    };
    DeliveriesOf { order_ref: String } |client| client.delivery().list(&order_ref).await?;
    InApp { request: RevealRequest, language: Language, title: Option<String> } |client| {
        let operation = "delivery.in_app";
        let language = language.enter(operation, "language")?;
        client.delivery().in_app(request.engines(operation)?, language, title).await?
    };
}

impl Call {
    /// Whether it waits for something that may take as long as it likes.
    pub(crate) fn is_wait(&self) -> bool {
        matches!(self, Self::Wait { .. } | Self::WaitForDelivery { .. })
    }
}
