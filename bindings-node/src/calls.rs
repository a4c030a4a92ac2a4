//! The calls that JavaScript can start, declared once: expanded to code in `engine.rs`, and by `tools/models.rs` to the
//! types that `index.d.ts` is checked against.
//!
//! A name is the way to the method in `index.d.ts`. One with a sign in front has no method of this shape there: `#` is for
//! this package's own use, `~` stands before those whose arguments JavaScript arranges otherwise.

/// Calls that answer once: name, arguments, result, and what is done.
macro_rules! engine_calls { ($($expand:tt)+) => { $($expand)+! {
    "Client.ping" () -> Health: |client| client.ping();
    "Account.validate" () -> KeyInfo: |client| client.account().validate();
    "Account.balance" () -> Balance: |client| client.account().balance();
    "Mobile.plans" () -> MobilePlans: |client| client.mobile().plans();
    "Mobile.send" (request: MobileRequest) -> Order: |client| client.mobile().send(request);
    "~Mobile.quote" (request: MobileRequest, max_price: Option<Dzd>) -> Quote:
        |client| client.mobile().quote(&request, max_price);
    "Mobile.checkById" (id: String) -> MobileTopup: |client| client.mobile().check_by_id(&id);
    "Mobile.checkByRef" (r#ref: String) -> MobileTopup: |client| client.mobile().check_by_ref(&r#ref);
    "Internet.products" (r#type: InternetType) -> Vec<InternetProduct>:
        |client| client.internet().products(r#type);
    "Internet.checkNumber" (r#type: InternetType, number: String) -> InternetLine:
        |client| client.internet().check_number(r#type, &number);
    "Internet.send" (request: InternetRequest) -> Order: |client| client.internet().send(request);
    "~Internet.quote" (request: InternetRequest, max_price: Option<Dzd>) -> Quote:
        |client| client.internet().quote(&request, max_price);
    "Internet.checkById" (id: String) -> InternetTopup: |client| client.internet().check_by_id(&id);
    "Internet.checkByRef" (r#ref: String) -> InternetTopup: |client| client.internet().check_by_ref(&r#ref);
    "GiftCards.catalog" () -> GiftCardCatalog: |client| client.gift_cards().catalog();
    "GiftCards.product" (id: String) -> GiftCardProduct: |client| client.gift_cards().product(&id);
    "GiftCards.order" (request: GiftCardRequest) -> Order: |client| client.gift_cards().order(request);
    "~GiftCards.quote" (request: GiftCardRequest, max_price: Option<Dzd>) -> Quote:
        |client| client.gift_cards().quote(&request, max_price);
    "GiftCards.checkOrder" (id: String) -> GiftCardOrder: |client| client.gift_cards().check_order(&id);
    "PaymentLinks.create" (request: PaymentLinkRequest) -> PaymentLink:
        |client| client.payment_links().create(request);
    "PaymentLinks.check" (payment_ref: String) -> Payment: |client| client.payment_links().check(&payment_ref);
    "Orders.resume" () -> (): |client| client.orders().resume();
    "Orders.get" (r#ref: String) -> Order: |client| client.orders().get(&r#ref);
    "Orders.list" (request: OrderListRequest) -> Vec<Order>: |client| client.orders().list(request);
    "Orders.ack" (cursor: String) -> (): |client| client.orders().ack(&cursor);
    "Orders.history" (r#ref: String) -> Vec<OrderEvent>: |client| client.orders().history(&r#ref);
    "~Orders.resolve" (r#ref: String, decision: OrderState, actor: String, note: String) -> Order:
        |client| client.orders().resolve(&r#ref, decision, &actor, &note);
    "~Orders.reconcile" (since: Timestamp, until: Timestamp) -> Reconciliation:
        |client| client.orders().reconcile(since, until);
    "~Order.wait" (r#ref: String, wait_ms: u32) -> Order:
        |client| async {
            // Only the waiting is held meanwhile, not the order.
            let wait = client.orders().get(&r#ref).await?.wait(milliseconds(wait_ms));
            wait.await
        };
    "~Cards.reveal" (request: RevealRequest) -> Vec<Card>: |client| client.cards().reveal(request);
    "Cards.purge" (request: PurgeRequest) -> PurgeReport: |client| client.cards().purge(request);
    "Cards.rekey" () -> RekeyReport: |client| client.cards().rekey();
    "Cards.import" (request: ImportRequest) -> ImportReport: |client| client.cards().import(request);
    "Audit.verify" (head: Option<String>) -> AuditReport: |client| async {
        match head {
            Some(head) => client.audit().verify_against(&head).await,
            None => client.audit().verify().await,
        }
    };
    "Courier.deliver" (request: DeliveryRequest) -> Delivery: |client| client.delivery().deliver(request);
    "Courier.get" (id: String) -> Delivery: |client| client.delivery().get(&id);
    "Courier.list" (r#ref: String) -> Vec<Delivery>: |client| client.delivery().list(&r#ref);
    "~Courier.inApp" (request: RevealRequest, language: Language, title: Option<String>) -> InAppCards:
        |client| client.delivery().in_app(request, language, title);
    "~Delivery.wait" (id: String, wait_ms: u32) -> Delivery:
        |client| async {
            let wait = client.delivery().get(&id).await?.wait(milliseconds(wait_ms));
            wait.await
        };
    "#closeWithin" (at_most_ms: u32) -> bool:
        |client| async { Ok(client.close_within(milliseconds(at_most_ms)).await) };
} } }

/// What comes bit by bit: name, arguments, what each item is, and how it is opened, which may happen again where the first
/// time was dropped half-way.
macro_rules! engine_streams { ($($expand:tt)+) => { $($expand)+! {
    "Account.transactions" (request: ListRequest) -> AccountTransaction:
        |client| async { client.account().transactions(request) };
    "Mobile.list" (request: ListRequest) -> MobileTopup: |client| async { client.mobile().list(request) };
    "Internet.list" (request: ListRequest) -> InternetTopup: |client| async { client.internet().list(request) };
    "GiftCards.list" (request: ListRequest) -> GiftCardOrder: |client| async { client.gift_cards().list(request) };
    // The order's changes, beside what the caller has seen of it.
    "~Order.updates" (r#ref: String, state: OrderState, status: Option<String>, id: Option<String>) -> Order:
        |client| async {
            let order = client.orders().get(&r#ref).await?;
            let is_seen = (order.state, &order.status, &order.id) == (state, &status, &id);
            let unseen = (!is_seen).then(|| order.order().clone());
            Ok(Updates { unseen, later: order.updates() })
        };
    "~Orders.events" (after: Option<String>) -> OrderEvent:
        |client| async { client.orders().events(after.as_deref()).await };
    "~Audit.entries" (after: Option<String>) -> AuditEntry: |client| async { client.audit().entries(after.as_deref()) };
    "#auditLines" () -> String: |client| async { client.audit().entries(None).map(Lines) };
} } }
