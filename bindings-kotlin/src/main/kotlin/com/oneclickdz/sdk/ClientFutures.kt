package com.oneclickdz.sdk

import java.time.Duration
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.function.Consumer
import kotlin.time.toKotlinDuration
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.future.future

/**
 * The client's calls for Java, as futures. A call that fails completes its future with a [OneClickDzException]; cancelling
 * a future ends the waiting, never an order.
 */
public class ClientFutures internal constructor(private val client: Client) {
    /** One that fails leaves the others alone. */
    private val scope = CoroutineScope(SupervisorJob() + Dispatchers.Default)

    private fun <T> later(call: suspend () -> T): CompletableFuture<T> = scope.future { call() }

    /** See [Client.ready]. */
    public fun ready(): CompletableFuture<Unit> = later { client.ready() }

    /** See [Client.ping]. */
    public fun ping(): CompletableFuture<Health> = later { client.ping() }

    /** See [Client.setApiKey]. */
    public fun setApiKey(key: String): CompletableFuture<Unit> = later { client.setApiKey(key) }

    /** See [Account.validate]. */
    public fun validate(): CompletableFuture<KeyInfo> = later { client.account.validate() }

    /** See [Account.balance]. */
    public fun balance(): CompletableFuture<Balance> = later { client.account.balance() }

    /** See [Mobile.plans]. */
    public fun mobilePlans(): CompletableFuture<MobilePlans> = later { client.mobile.plans() }

    /** See [Mobile.send]. */
    public fun send(request: MobileRequest): CompletableFuture<Order> = later { client.mobile.send(request) }

    /** See [Internet.send]. */
    public fun send(request: InternetRequest): CompletableFuture<Order> = later { client.internet.send(request) }

    /** See [GiftCards.order]. */
    public fun send(request: GiftCardRequest): CompletableFuture<Order> = later { client.giftCards.order(request) }

    /** See [Mobile.quote]. */
    public fun quote(request: MobileRequest, maxPrice: Number?): CompletableFuture<Quote> =
        later { client.mobile.quote(request, maxPrice) }

    /** See [Internet.quote]. */
    public fun quote(request: InternetRequest, maxPrice: Number?): CompletableFuture<Quote> =
        later { client.internet.quote(request, maxPrice) }

    /** See [GiftCards.quote]. */
    public fun quote(request: GiftCardRequest, maxPrice: Number?): CompletableFuture<Quote> =
        later { client.giftCards.quote(request, maxPrice) }

    /** See [Mobile.checkById]. */
    public fun checkMobileById(id: String): CompletableFuture<MobileTopup> = later { client.mobile.checkById(id) }

    /** See [Mobile.checkByRef]. */
    public fun checkMobileByRef(ref: String): CompletableFuture<MobileTopup> = later { client.mobile.checkByRef(ref) }

    /** See [Internet.checkById]. */
    public fun checkInternetById(id: String): CompletableFuture<InternetTopup> = later { client.internet.checkById(id) }

    /** See [Internet.checkByRef]. */
    public fun checkInternetByRef(ref: String): CompletableFuture<InternetTopup> = later { client.internet.checkByRef(ref) }

    /** See [GiftCards.checkOrder]. */
    public fun checkGiftCardOrder(id: String): CompletableFuture<GiftCardOrder> = later { client.giftCards.checkOrder(id) }

    /** See [Internet.products]. */
    public fun internetProducts(type: InternetType): CompletableFuture<List<InternetProduct>> =
        later { client.internet.products(type) }

    /** See [Internet.checkNumber]. */
    public fun checkNumber(type: InternetType, number: String): CompletableFuture<InternetLine> =
        later { client.internet.checkNumber(type, number) }

    /** See [GiftCards.catalog]. */
    public fun catalog(): CompletableFuture<GiftCardCatalog> = later { client.giftCards.catalog() }

    /** See [GiftCards.product]. */
    public fun product(id: String): CompletableFuture<GiftCardProduct> = later { client.giftCards.product(id) }

    /** See [PaymentLinks.create]. */
    public fun createPaymentLink(request: PaymentLinkRequest): CompletableFuture<PaymentLink> =
        later { client.paymentLinks.create(request) }

    /** See [PaymentLinks.check]. */
    public fun checkPayment(paymentRef: String): CompletableFuture<Payment> =
        later { client.paymentLinks.check(paymentRef) }

    /** See [Orders.get]. */
    public fun order(ref: String): CompletableFuture<Order> = later { client.orders.get(ref) }

    /** See [Orders.list]. */
    public fun orders(request: OrderListRequest): CompletableFuture<List<Order>> = later { client.orders.list(request) }

    /** See [Orders.resume]. */
    public fun resume(): CompletableFuture<Unit> = later { client.orders.resume() }

    /** See [Orders.ack]. */
    public fun ack(cursor: String): CompletableFuture<Unit> = later { client.orders.ack(cursor) }

    /** See [Orders.history]. */
    public fun history(ref: String): CompletableFuture<List<OrderEvent>> = later { client.orders.history(ref) }

    /** See [Orders.resolve]. */
    public fun resolve(ref: String, decision: OrderState, actor: String, note: String): CompletableFuture<Order> =
        later { client.orders.resolve(ref, decision, actor, note) }

    /** See [Orders.reconcile]. */
    public fun reconcile(since: Instant, until: Instant): CompletableFuture<Reconciliation> =
        later { client.orders.reconcile(since, until) }

    /** See [Cards.reveal]. */
    public fun reveal(request: RevealRequest): CompletableFuture<List<Card>> = later { client.cards.reveal(request) }

    /** See [Cards.purge]. */
    public fun purge(olderThan: Instant, actor: String?, reason: String?): CompletableFuture<PurgeReport> =
        later { client.cards.purge(olderThan, actor, reason) }

    /** See [Cards.rekey]. */
    public fun rekey(): CompletableFuture<RekeyReport> = later { client.cards.rekey() }

    /** See [Cards.import]. */
    public fun importCard(request: ImportRequest): CompletableFuture<ImportReport> = later { client.cards.import(request) }

    /** See [Audit.verify]. */
    public fun verifyAudit(head: String?): CompletableFuture<AuditReport> = later { client.audit.verify(head) }

    /** See [Audit.export]. */
    public fun exportAudit(to: Appendable): CompletableFuture<Int> = later { client.audit.export(to) }

    /** See [Courier.deliver]. */
    public fun deliver(request: DeliveryRequest): CompletableFuture<Delivery> = later { client.delivery.deliver(request) }

    /** See [Courier.get]. */
    public fun delivery(id: String): CompletableFuture<Delivery> = later { client.delivery.get(id) }

    /** See [Courier.list]. */
    public fun deliveries(ref: String): CompletableFuture<List<Delivery>> = later { client.delivery.list(ref) }

    /** See [Courier.inApp]. */
    public fun inApp(request: RevealRequest, language: Language, title: String?): CompletableFuture<InAppCards> =
        later { client.delivery.inApp(request, language, title) }

    /** See [Delivery.refresh]. */
    public fun refresh(delivery: Delivery): CompletableFuture<Delivery> = later { delivery.refresh() }

    /** See [Delivery.await]. */
    public fun await(delivery: Delivery, timeout: Duration): CompletableFuture<Delivery> =
        later { delivery.await(timeout.toKotlinDuration()) }

    /** See [Client.closeWithin]. */
    public fun closeWithin(atMost: Duration): CompletableFuture<Boolean> = later { client.closeWithin(atMost.toKotlinDuration()) }

    /** See [Order.refresh]. */
    public fun refresh(order: Order): CompletableFuture<Order> = later { order.refresh() }

    /** See [Order.await]. */
    public fun await(order: Order, timeout: Duration): CompletableFuture<AwaitResult> =
        later { order.await(timeout.toKotlinDuration()) }

    /** A whole list, such as [Mobile.list] or [Account.transactions]. */
    public fun <T : Any> all(flow: Flow<T>): CompletableFuture<List<T>> = later { flow.toList() }

    /**
     * Gives each item of a flow, such as [Orders.events] or [Order.updates], to a consumer, one after the other. Cancel the
     * future to stop.
     */
    public fun <T : Any> each(flow: Flow<T>, consumer: Consumer<T>): CompletableFuture<Unit> =
        later { flow.collect { consumer.accept(it) } }
}
