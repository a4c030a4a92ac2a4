package com.oneclickdz.sdk

import java.time.Instant
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.toKotlinDuration
import kotlinx.coroutines.DelicateCoroutinesApi
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.GlobalScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.sync.Mutex
import kotlinx.coroutines.sync.withLock
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

/** The engine behind a client: made with the first call, with a token where there is a provider of them. */
internal class Session(private val config: ClientConfig) {
    private class Opened(val engine: Engine, val number: Long)

    private val opening = Mutex()
    private val tokens = Mutex()
    private val asking = Asking()

    @Volatile private var opened: Opened? = null

    @Volatile
    var token: Token? = null
        private set

    @Volatile
    var isClosed = false
        private set

    /** The number by which calls name the engine, where there is one; its token may be over. */
    val number: Long? get() = opened?.number

    val hasTokens: Boolean get() = config.tokenProvider != null

    /** The longest time for one call. One that is none is refused when the engine is made. */
    val limit: Duration = config.timeout?.takeIf { it.isPositive() } ?: Asking.PATIENCE

    /** The number by which calls name the engine. A token is waited for at most so long. */
    suspend fun engine(operation: String, atMost: Duration): Long {
        if (isClosed) throw closed(operation)
        if (hasTokens && asking.isAskingCaller()) throw misconfigured("token_provider", "calls its own client, which waits for it")
        val now = opened ?: open(operation, atMost)
        if (token != null && tokenLife() == Duration.ZERO) refresh(operation, now, atMost)
        return now.number
    }

    /** One caller makes it, the others wait for that one, with no thread each: those would stay, and be woken for every answer. */
    private suspend fun open(operation: String, atMost: Duration): Opened {
        val provider = config.tokenProvider ?: return opening.withLock { opened ?: build(operation, null) }
        return within(atMost) { opening.withLock { opened ?: build(operation, provider) } }
    }

    private suspend fun build(operation: String, provider: TokenProvider?): Opened {
        withContext(Dispatchers.IO) {
            Natives.load()
            config.check()
        }
        val first = provider?.let { fetch(operation, it) }
        return withContext(Dispatchers.IO) {
            val settings = config.settings(first?.value ?: config.apiKey)
            val engine = told {
                Engine.open(settings, config.vaultKeyProvider?.let { Keys(it, asking, limit) }, config.sms?.callback?.let(::Sender))
            }
            token = first
            publish(Opened(engine, engine.number()), operation)
        }
    }

    @Synchronized
    private fun publish(now: Opened, operation: String): Opened {
        if (isClosed) {
            now.engine.shut()
            now.engine.close()
            throw closed(operation)
        }
        opened = now
        return now
    }

    suspend fun changeKey(key: String) {
        checkText("client.set_api_key", "api_key", key)
        engine("client.set_api_key", limit)
        val now = opened ?: throw closed("client.set_api_key")
        withContext(Dispatchers.Default) { told { now.engine.setApiKey(key) } }
    }

    /** How long the token still serves; null when it does not end. */
    fun tokenLife(): Duration? {
        val end = token?.expiresAt ?: return null
        val left = java.time.Duration.between(Instant.now(), end).toKotlinDuration() - EARLY
        return left.coerceAtLeast(Duration.ZERO)
    }

    /** Renews the token each time that it ends, for as long as somebody waits. */
    suspend fun keepToken(operation: String, atMost: Duration) {
        while (true) {
            // A token that is nearly over when it comes must not make this loop spin.
            delay((tokenLife() ?: return).coerceAtLeast(1.seconds))
            refresh(operation, opened ?: return, atMost)
        }
    }

    /** Whether a failure was the token's fault and there is another one now. */
    suspend fun renewed(operation: String, info: ErrorInfo, atMost: Duration): Boolean {
        if (info.kind != ErrorKind.AUTHENTICATION || !hasTokens) return false
        val refused = token
        val now = opened ?: return false
        return within(atMost) { tokens.withLock { token !== refused || replace(operation, now) } }
    }

    private suspend fun refresh(operation: String, now: Opened, atMost: Duration) {
        within(atMost) { tokens.withLock { if (tokenLife() == Duration.ZERO) replace(operation, now) } }
    }

    private suspend fun replace(operation: String, now: Opened): Boolean {
        val provider = config.tokenProvider ?: return false
        val before = token
        val next = fetch(operation, provider)
        told { now.engine.setApiKey(next.value.expose()) }
        token = next
        return before?.value != next.value
    }

    private suspend fun fetch(operation: String, provider: TokenProvider): Token {
        val given = asking.ask<Token?> { provider.token() } ?: throw closed(operation)
        val token = given.getOrElse { failure ->
            throw noToken("the token provider failed (${failure.javaClass.simpleName}); nothing was sent", failure)
        }
        // Java can give null where Kotlin cannot.
        if (token == null) throw noToken("the token provider gave null; nothing was sent")
        if (isBroken(token.value.expose())) throw noToken("the token provider gave a token that $BROKEN; nothing was sent")
        return token
    }

    /** Waiting for a token, behind others who wait for it as well. */
    private suspend fun <T : Any> within(atMost: Duration, work: suspend () -> T): T =
        withTimeoutOrNull(atMost) { work() } ?: throw noToken("no token came from its provider within $atMost; nothing was sent")

    private fun noToken(detail: String, cause: Throwable? = null): OneClickDzException =
        OneClickDzException.of(info(ErrorKind.AUTH_UNAVAILABLE, "client.token", detail, advice = RetryAdvice.SAFE), cause)

    fun close() {
        val last = ending() ?: return
        last.engine.shut()
        last.engine.close()
    }

    suspend fun closeWithin(atMost: Duration): Boolean = inItsPlace {
        if (atMost.isNegative()) throw refused("client.close", "at_most", "is negative: give a time of 0 or more")
        val last = ending() ?: return@inItsPlace true
        try {
            val answer = Results.of { ticket -> last.engine.shutWithin(ticket, atMost.inWholeMilliseconds) }
            answer is Answer.Truth && answer.value
        } finally {
            last.engine.close()
        }
    }

    @Synchronized
    private fun ending(): Opened? {
        isClosed = true
        asking.close()
        return opened.also { opened = null }
    }

    private inline fun <T> told(work: () -> T): T = try {
        work()
    } catch (refusal: Refusal.Told) {
        throw OneClickDzException.of(refusal.info)
    } catch (_: IllegalStateException) {
        throw closed("client.close")
    }

    private companion object {
        /** A token is replaced so much before its end: it must still serve when it arrives. */
        val EARLY = 10.seconds
    }
}

/** The program's function as the engine asks it: it begins, and tells later. */
private class Sender(private val callback: SmsCallback) : SmsSender {
    override fun begin(number: Long, message: SmsMessage) {
        // What it began it ends, also when its client is closed: a message half sent would be sent again.
        @OptIn(DelicateCoroutinesApi::class)
        GlobalScope.launch(Dispatchers.IO) {
            try {
                borderHanded(number, callback.send(message)?.takeUnless(::isBroken), null, false)
            } catch (failure: Throwable) {
                val words = (failure.message ?: failure.javaClass.simpleName).take(LONGEST).filterNot(Char::isSurrogate)
                borderHanded(number, null, words, failure is SmsRefused)
            }
        }
    }

    private companion object {
        /** The engine takes the codes out and shortens: of one cut in half here it could not know. */
        const val LONGEST = 65_536
    }
}

private fun ClientConfig.settings(key: Secret?) = Settings(
    apiKey = key,
    keyIsToken = tokenProvider != null,
    baseUrl = baseUrl,
    journal = journal,
    expect = expect,
    timeoutMs = timeout?.inWholeMilliseconds,
    connectTimeoutMs = connectTimeout?.inWholeMilliseconds,
    readTimeoutMs = readTimeout?.inWholeMilliseconds,
    maxRetryAfterMs = maxRetryAfter?.inWholeMilliseconds,
    pollIntervalMs = pollInterval?.inWholeMilliseconds,
    leaseMs = lease?.inWholeMilliseconds,
    plansMaxAgeMs = plansMaxAge?.inWholeMilliseconds,
    readRetries = readRetries,
    requestsPerSecond = requestsPerSecond,
    responseLimit = responseLimit,
    vaultKey = vaultKey,
    oldVaultKeys = oldVaultKeys,
    watches = watches,
    sendsFixedAmount = sendsFixedAmount,
    giftCardPaths = giftCardPaths,
    proxy = proxy,
    extraRoots = extraRoots,
    appName = appName,
    email = email?.run {
        EmailOptions(host, from, port, security, user, password, replyTo, timeout?.inWholeMilliseconds)
    },
    gateway = sms?.gateway?.run {
        GatewayOptions(
            url, method, headers, json, form, successPointer, successWord, receipt, timeout?.inWholeMilliseconds, allowTextInUrl,
        )
    },
    maxSegments = sms?.maxSegments,
    templates = templates.map { TemplateText(it.kind, it.language, it.source) },
)

/** What only this side of the border can know. */
private fun ClientConfig.check() {
    val texts = mapOf(
        "api_key" to apiKey?.expose(),
        "base_url" to baseUrl,
        "journal" to journal,
        "vault_key" to vaultKey?.expose(),
        "old_vault_keys" to oldVaultKeys.joinToString { it.expose() },
        "proxy" to proxy?.expose(),
        "app_name" to appName,
        "email.host" to email?.host,
        "email.from" to email?.from,
        "email.user" to email?.user,
        "email.password" to email?.password?.expose(),
        "email.reply_to" to email?.replyTo,
        "sms.url" to sms?.gateway?.url?.expose(),
        "sms.method" to sms?.gateway?.method,
        "sms.body" to sms?.gateway?.let { it.json.orEmpty() + it.form.orEmpty() },
        "sms.success" to sms?.gateway?.let { it.successPointer.orEmpty() + it.successWord.orEmpty() },
        "sms.receipt" to sms?.gateway?.receipt,
        "sms.headers" to sms?.gateway?.headers?.entries?.joinToString { "${it.key}=${it.value.expose()}" },
        "templates" to templates.joinToString { it.source },
    )
    for ((field, text) in texts) if (text != null && isBroken(text)) throw misconfigured(field, BROKEN)
    if (extraRoots.any(::isBroken)) throw misconfigured("extra_roots", BROKEN)
    if (tokenProvider != null && apiKey != null) {
        throw misconfigured("token_provider", "stands beside a key: give one of the two")
    }
    if (vaultKeyProvider != null && (vaultKey != null || oldVaultKeys.isNotEmpty())) {
        throw misconfigured("vault_key_provider", "stands beside a key: give one of the two")
    }
    if (!Natives.isAndroid) return
    if (journal == null) throw misconfigured("journal", "is missing: give a file in context.filesDir")
    if (tokenProvider == null && expect != Environment.SANDBOX && !allowDirectProduction) {
        throw misconfigured(
            "api_key",
            "would be in an app, where it can be read out: give a tokenProvider and your backend's baseUrl; or " +
                "expect = SANDBOX; or, on devices of your own only, allowDirectProduction = true",
        )
    }
}
