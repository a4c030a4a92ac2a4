package com.oneclickdz.sdk

import java.time.Instant
import kotlin.time.Duration
import kotlin.time.toKotlinDuration

/**
 * One account of the service. Make one and keep it: it holds the connections, the budget of requests and the journal.
 *
 * Making it touches nothing: no file, no thread, no library before the first call. All calls are suspend functions that
 * never block their thread; cancelling one ends the waiting, never an order. Everything may be used from any thread.
 */
public class Client internal constructor(private val calls: Calls) : AutoCloseable {
    @JvmOverloads
    public constructor(config: ClientConfig = ClientConfig()) : this(Calls(Session(config)))

    /** The account: key, balance, ledger. */
    public val account: Account = Account(calls)

    /** Mobile top-ups. */
    public val mobile: Mobile = Mobile(calls)

    /** ADSL and 4G cards. */
    public val internet: Internet = Internet(calls)

    /** Gift cards. */
    public val giftCards: GiftCards = GiftCards(calls)

    /** Payment links. */
    public val paymentLinks: PaymentLinks = PaymentLinks(calls)

    /** The orders of the journal. */
    public val orders: Orders = Orders(calls)

    /** The codes of internet cards and gift cards. */
    public val cards: Cards = Cards(calls)

    /** The codes of cards on their way to customers. */
    public val delivery: Courier = Courier(calls)

    /** The audit log. */
    public val audit: Audit = Audit(calls)

    /** The service's health. Needs no key and sends none (PROTOCOL §1). */
    public suspend fun ping(): Health = calls.ask<Answer.OneHealth>("ping") { Call.Ping }.value

    /** The same as [Orders.reconcile]. */
    public suspend fun reconcile(since: Instant, until: Instant): Reconciliation = orders.reconcile(since, until)

    /**
     * Loads the library and checks the configuration now instead of with the first call.
     *
     * @throws OneClickDzException.Config naming the setting, its rule and the remedy; also where the package has no
     *   native library for this machine.
     */
    public suspend fun ready() {
        calls.session.engine("client.build", calls.session.limit)
    }

    /** The same client with another limit for the time of each call. It is closed with this one. */
    public fun withTimeout(timeout: Duration): Client = Client(calls.within("timeout", timeout))

    /** The same for Java. */
    public fun withTimeout(timeout: java.time.Duration): Client = withTimeout(timeout.toKotlinDuration())

    /** Changes the key, after a rotation or after the old one was refused. */
    public suspend fun setApiKey(key: String): Unit = calls.session.changeKey(key)

    /** The calls as futures, for Java. */
    public fun futures(): ClientFutures = ClientFutures(this)

    /**
     * Ends the client: waits and flows end with [OneClickDzException.Closed], as do later calls; orders go on with the
     * next client of the same journal. Safe at any time, from any thread, more than once.
     */
    override fun close(): Unit = calls.session.close()

    /**
     * The same, and waits, for at most [atMost], until no order and no message to a customer is on its way out any more; says
     * whether that is so. An order that is left is in the journal, and the next client finds out what became of it. A message
     * that is left may be sent once more, under the same id.
     */
    public suspend fun closeWithin(atMost: Duration): Boolean = calls.session.closeWithin(atMost)

    public companion object {
        /**
         * A reference that no other call makes. Keep it with your order **before** you send. The first use of the library in a
         * process loads it, on the thread that calls this; after [ready] or any other call nothing is left to be loaded.
         */
        @JvmStatic
        @JvmOverloads
        public fun makeRef(prefix: String = "order"): String {
            checkText("make_ref", "prefix", prefix)
            Natives.load()
            return borderMakeRef(prefix)
        }

        /**
         * Gives the engine's log lines, of all clients, to a logger from a level on; null ends it. The lines hold neither keys nor
         * codes. Loads nothing.
         */
        @JvmStatic
        @JvmOverloads
        public fun setLogger(logger: Logger?, level: LogLevel = LogLevel.WARN): Unit = Logs.set(logger, level)
    }
}
