package com.oneclickdz.sdk

import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.map

/** An order as it was when last looked at, with the means to follow it. */
public class Order internal constructor(private val calls: Calls, snapshot: OrderSnapshot) : OrderFields(snapshot) {
    /**
     * Follows the order to its end, for at most [timeout]; gives [StillPending] at once where nothing will be learnt within it (the
     * service has put it off; `NEEDS_REVIEW`). Cancelling ends the waiting, never the order.
     *
     * @throws OneClickDzException.Authentication when the key is refused, [OneClickDzException.NotFound] when the service no longer
     *   knows an order that it told of before, [OneClickDzException.Closed] when the client is closed meanwhile.
     */
    public suspend fun await(timeout: Duration = 5.minutes): AwaitResult {
        val answer = try {
            calls.waitAtMost("orders.wait", timeout) { Call.Wait(ref, it) }
        } catch (pending: OneClickDzException.StillPending) {
            return StillPending(Order(calls, pending.info.order ?: snapshot), pending.info)
        }
        return Settled(Order(calls, (answer as Answer.OneOrder).value))
    }

    /**
     * The order's changes from here on, up to its end, which is the last one. The next change is asked for when the last
     * one was taken; whoever stops collecting ends nothing but that.
     */
    public fun updates(): Flow<Order> =
        calls.stream<Answer.Orders, OrderSnapshot>("orders.updates", { it.value }) {
            Stream.Updates(ref, state, status, id)
        }.map { Order(calls, it) }

    /** The order as the journal has it now, without asking the service. */
    public suspend fun refresh(): Order = Orders(calls).get(ref)

    override fun equals(other: Any?): Boolean = other is Order && other.snapshot == snapshot

    override fun hashCode(): Int = snapshot.hashCode()

    override fun toString(): String = snapshot.toString()
}

/** What waiting for an order came to. */
public sealed interface AwaitResult {
    /** The order as it stands. */
    public val order: Order
}

/** The order has reached its end; its `state` tells which. */
public data class Settled(override val order: Order) : AwaitResult

/**
 * The time is over, or nothing will be learnt within it, and the order goes on. Not a failure: neither the customer's money nor the order may be given up for
 * it.
 *
 * @property info why it is not settled yet, in words.
 */
public data class StillPending(override val order: Order, public val info: ErrorInfo) : AwaitResult
