package com.oneclickdz.sdk

import kotlin.time.Duration

/**
 * The mail server that codes are sent through. Times are checked with the first call, as all settings are.
 *
 * @property host the server, such as `smtp.my-shop.dz`.
 * @property from the address that messages come from, such as `My shop <cards@my-shop.dz>`.
 * @property port the server's port. Default: 587 with `START_TLS`, 465 with `TLS`, 25 with `NONE`.
 * @property security how the connection is encrypted; `NONE` is for a server on this machine only. Default: `START_TLS`.
 * @property user who logs in. Default: nobody.
 * @property replyTo where answers of customers go. Default: to the sender.
 * @property timeout the longest silence of the server. Default: 30 seconds.
 */
public class EmailSettings @JvmOverloads constructor(
    public val host: String,
    public val from: String,
    public val user: String? = null,
    password: String? = null,
    public val port: Int? = null,
    public val security: EmailSecurity? = null,
    public val replyTo: String? = null,
    public val timeout: Duration? = null,
) {
    /** With which password [user] logs in. */
    public val password: Secret? = password?.let(::Secret)

    override fun toString(): String = "EmailSettings(host=$host, from=$from, user=$user, password=$password)"
}

/** How codes are sent as text messages: through a gateway over HTTP, or by a function of yours. */
public class SmsSettings private constructor(
    internal val gateway: HttpSmsGateway?,
    internal val callback: SmsCallback?,
    /** In how many segments the network may cut one message: an order with many cards becomes several. 1 to 10. Default: 4. */
    public val maxSegments: Int?,
) {
    @JvmOverloads
    public constructor(gateway: HttpSmsGateway, maxSegments: Int? = null) : this(gateway, null, maxSegments)

    @JvmOverloads
    public constructor(callback: SmsCallback, maxSegments: Int? = null) : this(null, callback, maxSegments)
}

/**
 * A gateway's request. `{to}` (as given), `{to_international}` (`213770123456`), `{text}`, `{id}` (the same for all tries of one
 * message), `{part}` and `{parts}` are put into address, headers and body, each escaped as its place wants.
 *
 * @property method the method. Default: `POST`.
 * @property json a JSON body, such as `{"to": "{to}", "message": "{text}"}`; placeholders go inside quotes.
 * @property form a form as body, such as `to={to}&message={text}`.
 * @property successPointer where in a JSON answer, beside a status of 2xx, [successWord] must be: a JSON pointer such as `/status`.
 * @property receipt where in a JSON answer the gateway's own id of the message is: a JSON pointer such as `/data/id`.
 * @property timeout the longest time for one message. Default: 30 seconds.
 * @property allowTextInUrl whether the address may hold `{text}`. Addresses end up in logs, and the codes with them.
 */
public class HttpSmsGateway @JvmOverloads constructor(
    url: String,
    public val json: String? = null,
    public val form: String? = null,
    headers: Map<String, String> = emptyMap(),
    public val method: String? = null,
    public val successPointer: String? = null,
    public val successWord: String? = null,
    public val receipt: String? = null,
    public val timeout: Duration? = null,
    public val allowTextInUrl: Boolean = false,
) {
    /** The gateway's address: https, or plain http on this machine. */
    public val url: Secret = Secret(url)

    /** Such as the gateway's key, or `Idempotency-Key: {id}`. */
    public val headers: Map<String, Secret> = headers.mapValues { Secret(it.value) }
}

/** Sends text messages by a function of yours. */
public fun interface SmsCallback {
    /**
     * Hands one message to the network, and gives the network's own id of it where there is one. It is asked again, with the
     * same id, when it is not certain that the first time succeeded, and when it throws; [SmsRefused] is for good. It runs on
     * `Dispatchers.IO` and may block.
     */
    public suspend fun send(message: SmsMessage): String?

    public companion object {
        /** For Java, where there are no suspend functions. */
        @JvmStatic
        public fun of(send: java.util.function.Function<SmsMessage, String?>): SmsCallback = SmsCallback { send.apply(it) }
    }
}

/** Thrown by an [SmsCallback] for a message that will never be sent: the delivery has failed. */
public class SmsRefused(message: String) : RuntimeException(message)

/**
 * A text of yours in place of one of the engine's. The language of templates is MiniJinja's; docs/guide has the fields. One that
 * cannot work is an [OneClickDzException.Config] naming it.
 */
public class MessageTemplate(public val kind: TemplateKind, public val language: Language, public val source: String)
