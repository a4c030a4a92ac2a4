package com.oneclickdz.sdk

import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/** The codes of cards on their way to customers: by e-mail, by text message, or into the shop's own pages. */
public class Courier internal constructor(private val calls: Calls) {
    /**
     * Has an order's codes sent to its customer. The request is on disk when this returns; it is tried again for two days with
     * growing pauses, and handed to its channel at least once, always under the same id. The same request again is the same
     * delivery. The channel is set up by [ClientConfig.email] or [ClientConfig.sms].
     *
     * @param ref the order's reference.
     * @param channel by which way.
     * @param to the e-mail address, or the mobile number: ten digits, or `+` and the country code.
     * @param language the language of the message.
     * @param owner the user of your shop whom it is for; must be the order's owner where it has one.
     * @param actor who asks for it, for the audit log. The owner when absent.
     * @param title what you call what was bought, such as `PlayStation 10 $`.
     * @param again a word of yours that makes this another message, when the customer has lost the first one.
     * @throws OneClickDzException.Config when the channel is not set up, [OneClickDzException.Validation] for a bad recipient,
     *   [OneClickDzException.OrderNotFound], also for another owner's order, [OneClickDzException.OrderNotReady],
     *   [OneClickDzException.AlreadyPurged], and those of the vault.
     */
    @JvmOverloads
    public suspend fun deliver(
        ref: String,
        channel: DeliveryChannel,
        to: String,
        language: Language,
        owner: String? = null,
        actor: String? = null,
        title: String? = null,
        again: String? = null,
    ): Delivery = deliver(DeliveryRequest(ref, channel, to, language, owner, actor, title, again))

    /** The same for a request that was made before. */
    public suspend fun deliver(request: DeliveryRequest): Delivery = one("delivery.deliver", request.ref) {
        request.checkTexts("delivery.deliver")
        Call.Deliver(request)
    }

    /** One delivery by its [id], as this journal has it. */
    public suspend fun get(id: String): Delivery = one("delivery.get", null) {
        checkText("delivery.get", "id", id)
        Call.DeliveryOf(id)
    }

    /** The deliveries of the order [ref], oldest first. */
    public suspend fun list(ref: String): List<Delivery> = calls.ask<Answer.Deliveries>("delivery.list", ref) {
        checkText("delivery.list", "ref", ref)
        Call.DeliveriesOf(ref)
    }.value.map { Delivery(calls, it) }

    /**
     * Opens an order's codes for the shop's own pages, with the words around them. A reveal like any other: checked, and on
     * record before this returns. It fails as [Cards.reveal] does.
     *
     * @param ref the order's reference.
     * @param language the language of the words.
     * @param title what you call what was bought.
     * @param owner the user of your shop who asks; must be the order's owner where it has one.
     * @param actor who looks. The owner when absent; one of the two is needed.
     */
    @JvmOverloads
    public suspend fun inApp(
        ref: String,
        language: Language,
        title: String? = null,
        owner: String? = null,
        actor: String? = null,
    ): InAppCards = inApp(RevealRequest(ref, owner, actor, null, null, null), language, title)

    /** The same for a request that was made before. */
    @JvmOverloads
    public suspend fun inApp(request: RevealRequest, language: Language, title: String? = null): InAppCards =
        calls.ask<Answer.OneInAppCards>("delivery.in_app", request.ref) {
            request.checkTexts("delivery.in_app")
            checkText("delivery.in_app", "title", title)
            Call.InApp(request, language, title)
        }.value

    private suspend fun one(operation: String, ref: String?, call: () -> Call): Delivery =
        Delivery(calls, calls.ask<Answer.OneDelivery>(operation, ref, call).value)
}

/** A message with an order's codes as it was when last looked at, with the means to follow it. */
public class Delivery internal constructor(private val calls: Calls, snapshot: DeliverySnapshot) : DeliveryFields(snapshot) {
    /**
     * Follows it until its channel has taken it, for at most [timeout]. Cancelling ends the waiting, never the delivery.
     *
     * @throws OneClickDzException.DeliveryFailed when it is given up; the last of its `info.causes` is what the channel said.
     *   [OneClickDzException.StillPending] when the time is over: it goes on. Its `info.delivery` is this delivery as it then
     *   stands, `info.order` the order whose codes are in it.
     */
    public suspend fun await(timeout: Duration = 5.minutes): Delivery {
        val answer = calls.waitAtMost("delivery.wait", timeout) { Call.WaitForDelivery(id, it) }
        return Delivery(calls, (answer as Answer.OneDelivery).value)
    }

    /** The delivery as the journal has it now. */
    public suspend fun refresh(): Delivery = Courier(calls).get(id)

    override fun equals(other: Any?): Boolean = other is Delivery && other.snapshot == snapshot

    override fun hashCode(): Int = snapshot.hashCode()

    override fun toString(): String = snapshot.toString()
}
