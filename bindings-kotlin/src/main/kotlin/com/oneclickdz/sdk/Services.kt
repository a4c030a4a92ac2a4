package com.oneclickdz.sdk

import java.time.Instant
import kotlinx.coroutines.flow.Flow

/** The account behind the key. */
public class Account internal constructor(private val calls: Calls) {
    /** What the service says of the key: its environment, scope and addresses (PROTOCOL §1). */
    public suspend fun validate(): KeyInfo = calls.ask<Answer.OneKeyInfo>("account.validate") { Call.Validate }.value

    /** What is left on the account, in DZD. */
    public suspend fun balance(): Balance = calls.ask<Answer.OneBalance>("account.balance") { Call.BalanceOf }.value

    /** The account's ledger (PROTOCOL §15), read page by page as far as it is collected. Give both instants or none. */
    @JvmOverloads
    public fun transactions(
        since: Instant? = null,
        until: Instant? = null,
        pageSize: Int? = null,
    ): Flow<AccountTransaction> =
        calls.stream<Answer.AccountTransactions, AccountTransaction>("account.transactions", { it.value }) {
            Stream.Transactions(ListRequest(since, until, pageSize))
        }
}

/** Top-ups for Mobilis, Djezzy, Ooredoo and Pixx. */
public class Mobile internal constructor(private val calls: Calls) {
    /** All plans, fresh from the service, sorted by the rule for their amount (PROTOCOL §3). */
    public suspend fun plans(): MobilePlans =
        calls.ask<Answer.OneMobilePlans>("mobile.plans") { Call.MobilePlansOf }.value

    /**
     * Sends a top-up, at most once for its [ref] (PROTOCOL §4, §5). It throws only when it is certain that nothing was
     * charged; in doubt the order comes back in the state `UNCERTAIN` and is followed.
     *
     * @param planCode the plan's code, from [plans].
     * @param number ten digits, such as `0778037340`.
     * @param amount whole DZD, as an `Int`, `Long` or `BigDecimal`; needed for a dynamic plan.
     * @param ref your reference, unique for ever: the same one gives the same order. Made up when absent.
     * @param owner the user of your shop whom the order belongs to.
     * @param sendBefore never send it after this instant.
     */
    @JvmOverloads
    public suspend fun send(
        planCode: String,
        number: String,
        amount: Number? = null,
        ref: String? = null,
        owner: String? = null,
        sendBefore: Instant? = null,
    ): Order {
        val exact = amount?.let { exact("mobile.send", "amount", it) }
        return send(MobileRequest(planCode, number, exact, ref, owner, sendBefore))
    }

    /** The same for a request that was made before. */
    public suspend fun send(request: MobileRequest): Order = calls.order("mobile.send", request.ref) {
        request.checkTexts("mobile.send")
        Call.MobileSend(request)
    }

    /** What a top-up would cost now, without sending it, compared with [maxPrice] and the balance, in DZD. */
    @JvmOverloads
    public suspend fun quote(request: MobileRequest, maxPrice: Number? = null): Quote =
        calls.ask<Answer.OneQuote>("mobile.quote", request.ref) {
            request.checkTexts("mobile.quote")
            Call.MobileQuote(request, maxPrice?.let { exact("mobile.quote", "max_price", it) })
        }.value

    /** One top-up as the service tells it, by the service's id. */
    public suspend fun checkById(id: String): MobileTopup = calls.ask<Answer.OneMobileTopup>("mobile.check_id") {
        checkText("mobile.check_id", "id", id)
        Call.MobileById(id)
    }.value

    /** One top-up as the service tells it, by its reference. Not found, shortly after a lost answer, proves nothing. */
    public suspend fun checkByRef(ref: String): MobileTopup =
        calls.ask<Answer.OneMobileTopup>("mobile.check_ref", ref) {
            checkText("mobile.check_ref", "ref", ref)
            Call.MobileByRef(ref)
        }.value

    /** All top-ups, read page by page as far as they are collected. Give both instants or none. */
    @JvmOverloads
    public fun list(since: Instant? = null, until: Instant? = null, pageSize: Int? = null): Flow<MobileTopup> =
        calls.stream<Answer.MobileTopups, MobileTopup>("mobile.list", { it.value }) {
            Stream.Mobile(ListRequest(since, until, pageSize))
        }
}

/** Cards for Algérie Télécom lines. */
public class Internet internal constructor(private val calls: Calls) {
    /** The cards on sale for a type of line, with cost and stock. */
    public suspend fun products(type: InternetType): List<InternetProduct> =
        calls.ask<Answer.InternetProducts>("internet.products") { Call.ProductsOf(type) }.value

    /** Asks whether a line exists for a type. Advised before a send (PROTOCOL §5). */
    public suspend fun checkNumber(type: InternetType, number: String): InternetLine =
        calls.ask<Answer.OneInternetLine>("internet.check_number") {
            checkText("internet.check_number", "number", number)
            Call.CheckNumber(type, number)
        }.value

    /**
     * Buys a card, at most once for its [ref] (PROTOCOL §4, §5). It throws only when it is certain that nothing was
     * charged.
     *
     * @param number ADSL: nine digits with the zero. 4G: twelve with the country code.
     * @param value a face value of [products], in whole DZD.
     */
    @JvmOverloads
    public suspend fun send(
        type: InternetType,
        number: String,
        value: Number,
        ref: String? = null,
        owner: String? = null,
        sendBefore: Instant? = null,
    ): Order = send(InternetRequest(type, number, exact("internet.send", "value", value), ref, owner, sendBefore))

    /** The same for a request that was made before. */
    public suspend fun send(request: InternetRequest): Order = calls.order("internet.send", request.ref) {
        request.checkTexts("internet.send")
        Call.InternetSend(request)
    }

    /** What a card would cost now, without buying it, compared with [maxPrice] and the balance, in DZD. */
    @JvmOverloads
    public suspend fun quote(request: InternetRequest, maxPrice: Number? = null): Quote =
        calls.ask<Answer.OneQuote>("internet.quote", request.ref) {
            request.checkTexts("internet.quote")
            Call.InternetQuote(request, maxPrice?.let { exact("internet.quote", "max_price", it) })
        }.value

    /** One order as the service tells it, by the service's id; with the card once fulfilled. */
    public suspend fun checkById(id: String): InternetTopup = calls.ask<Answer.OneInternetTopup>("internet.check_id") {
        checkText("internet.check_id", "id", id)
        Call.InternetById(id)
    }.value

    /** One order as the service tells it, by its reference. */
    public suspend fun checkByRef(ref: String): InternetTopup =
        calls.ask<Answer.OneInternetTopup>("internet.check_ref", ref) {
            checkText("internet.check_ref", "ref", ref)
            Call.InternetByRef(ref)
        }.value

    /** All orders, read page by page as far as they are collected. Give both instants or none. */
    @JvmOverloads
    public fun list(since: Instant? = null, until: Instant? = null, pageSize: Int? = null): Flow<InternetTopup> =
        calls.stream<Answer.InternetTopups, InternetTopup>("internet.list", { it.value }) {
            Stream.Internet(ListRequest(since, until, pageSize))
        }
}

/** Cards for PSN, iTunes, Steam and others. */
public class GiftCards internal constructor(private val calls: Calls) {
    /** All products by category. Changes seldom: keep it for a day (PROTOCOL §10). */
    public suspend fun catalog(): GiftCardCatalog =
        calls.ask<Answer.OneGiftCardCatalog>("gift_cards.catalog") { Call.Catalog }.value

    /** One product's denominations with live stock and your prices. */
    public suspend fun product(id: String): GiftCardProduct =
        calls.ask<Answer.OneGiftCardProduct>("gift_cards.check_product") {
            checkText("gift_cards.check_product", "product_id", id)
            Call.Product(id)
        }.value

    /**
     * Buys cards. The service knows no reference for them, so a lost answer is never followed by a second request: the
     * order is `UNCERTAIN` until the service's list proves what became of it, else `NEEDS_REVIEW` (PROTOCOL §5).
     */
    @JvmOverloads
    public suspend fun order(
        productId: String,
        typeId: String,
        quantity: Int = 1,
        ref: String? = null,
        owner: String? = null,
        sendBefore: Instant? = null,
    ): Order = order(GiftCardRequest(productId, typeId, quantity, ref, owner, sendBefore))

    /** The same for a request that was made before. */
    public suspend fun order(request: GiftCardRequest): Order = calls.order("gift_cards.place_order", request.ref) {
        request.checkTexts("gift_cards.place_order")
        Call.GiftCardSend(request)
    }

    /** What cards would cost now, without buying them, compared with [maxPrice] and the balance, in DZD. */
    @JvmOverloads
    public suspend fun quote(request: GiftCardRequest, maxPrice: Number? = null): Quote =
        calls.ask<Answer.OneQuote>("gift_cards.quote", request.ref) {
            request.checkTexts("gift_cards.quote")
            Call.GiftCardQuote(request, maxPrice?.let { exact("gift_cards.quote", "max_price", it) })
        }.value

    /** One order as the service tells it, with its cards once fulfilled. */
    public suspend fun checkOrder(id: String): GiftCardOrder =
        calls.ask<Answer.OneGiftCardOrder>("gift_cards.check_order") {
            checkText("gift_cards.check_order", "id", id)
            Call.GiftCardById(id)
        }.value

    /** All orders, read page by page as far as they are collected, cards included. Give both instants or none. */
    @JvmOverloads
    public fun list(since: Instant? = null, until: Instant? = null, pageSize: Int? = null): Flow<GiftCardOrder> =
        calls.stream<Answer.GiftCardOrders, GiftCardOrder>("gift_cards.list", { it.value }) {
            Stream.GiftCards(ListRequest(since, until, pageSize))
        }
}

/** Links on which a customer pays into the account's balance. */
public class PaymentLinks internal constructor(private val calls: Calls) {
    /** Creates a single-use link that lives for 20 minutes (PROTOCOL §6). [amount] is in whole DZD. */
    @JvmOverloads
    public suspend fun create(
        title: String,
        amount: Number,
        description: String? = null,
        feeMode: FeeMode? = null,
        successText: String? = null,
        redirectUrl: String? = null,
    ): PaymentLink {
        val exact = exact("payment_links.create", "amount", amount)
        return create(PaymentLinkRequest(title, exact, description, feeMode, successText, redirectUrl))
    }

    /** The same for a request that was made before. */
    public suspend fun create(request: PaymentLinkRequest): PaymentLink =
        calls.ask<Answer.OnePaymentLink>("payment_links.create") {
            request.checkTexts("payment_links.create")
            Call.CreateLink(request)
        }.value

    /** Where a payment stands. Fulfil on `CONFIRMED` only, and compare amount and environment with the order. */
    public suspend fun check(paymentRef: String): Payment = calls.ask<Answer.OnePayment>("payment_links.check") {
        checkText("payment_links.check", "payment_ref", paymentRef)
        Call.CheckPayment(paymentRef)
    }.value
}

/** The orders that this journal knows. */
public class Orders internal constructor(private val calls: Calls) {
    /** Takes up the unsettled orders of the journal now, not with the first order of this process. */
    public suspend fun resume() {
        calls.ask<Answer.Nothing>("orders.resume") { Call.Resume }
    }

    /** One order by its [ref], as the journal has it, without asking the service. */
    public suspend fun get(ref: String): Order = calls.order("orders.get", ref) {
        checkText("orders.get", "ref", ref)
        Call.OrderOf(ref)
    }

    /** Orders of the journal, oldest first, without asking the service. */
    @JvmOverloads
    public suspend fun list(request: OrderListRequest = OrderListRequest()): List<Order> =
        calls.ask<Answer.Orders>("orders.list") {
            request.checkTexts("orders.list")
            Call.OrdersOf(request)
        }.value.map { Order(calls, it) }

    /**
     * Every transition of every order [after] a cursor, or after the last one acknowledged. At least once: a shop that was
     * down receives what it missed. At most a hundred are read ahead of the collector.
     */
    @JvmOverloads
    public fun events(after: String? = null): Flow<OrderEvent> =
        calls.stream<Answer.OrderEvents, OrderEvent>("orders.events", { it.value }) {
            checkText("orders.events", "after", after)
            Stream.Events(after)
        }

    /** The history of one order, oldest first. */
    public suspend fun history(ref: String): List<OrderEvent> = calls.ask<Answer.OrderEvents>("orders.history", ref) {
        checkText("orders.history", "ref", ref)
        Call.History(ref)
    }.value

    /** Remembers that all events up to this cursor are handled. */
    public suspend fun ack(cursor: String) {
        calls.ask<Answer.Nothing>("orders.ack") {
            checkText("orders.ack", "cursor", cursor)
            Call.Ack(cursor)
        }
    }

    /** Compares the journal with the service's own books for the orders recorded in a window of time. */
    public suspend fun reconcile(since: Instant, until: Instant): Reconciliation =
        calls.ask<Answer.OneReconciliation>("orders.reconcile") { Call.Reconcile(since, until) }.value

    /** Settles an order that needs a person's decision; [actor] and [note] say who decided and why. */
    public suspend fun resolve(ref: String, decision: OrderState, actor: String, note: String): Order =
        calls.order("orders.resolve", ref) {
            checkText("orders.resolve", "ref", ref)
            checkText("orders.resolve", "actor", actor)
            checkText("orders.resolve", "note", note)
            Call.Resolve(ref, decision, actor, note)
        }
}
