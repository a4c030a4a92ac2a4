package com.oneclickdz.sdk

import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.function.Supplier
import kotlinx.coroutines.future.await

/**
 * Fetches a short-lived token from your own backend. This is how an app that strangers install gets at the service: the
 * account's key stays on the backend, which checks who asks, hands out tokens, and passes requests on at
 * [ClientConfig.baseUrl].
 *
 * It is asked before the first call, shortly before a token ends, and once more when a token is refused; on `Dispatchers.IO`, where
 * it may block, and for no longer than [ClientConfig.timeout], nor beyond [Client.close]. It must not call its own client.
 */
public fun interface TokenProvider {
    /** A token that works now. What it throws, be it a cancellation of its own, ends the call with [OneClickDzException.AuthUnavailable]. */
    public suspend fun token(): Token

    public companion object {
        /** For Java, where there are no suspend functions. */
        @JvmStatic
        public fun of(source: Supplier<CompletableFuture<Token>>): TokenProvider =
            TokenProvider { source.get().await() }
    }
}

/**
 * Gives the keys that seal card codes, such as one that Android's Keystore keeps. The first one seals, all of them open:
 * give the new key first and the old ones after it. It is asked on a thread that may block, at least every five minutes
 * while there is work for it, and waited for no longer than [ClientConfig.timeout]. While it throws no cards are bought ([OneClickDzException.VaultUnavailable]); a card whose
 * key is gone for good is [OneClickDzException.VaultKeyLost].
 */
public fun interface VaultKeyProvider {
    /** Each as 64 hexadecimal digits, or 32 bytes in base64. */
    public fun keys(): List<Secret>
}

/**
 * What stands for the key in requests.
 *
 * @property value sent as `X-Access-Token`.
 * @property expiresAt when it ends; null when that is not known.
 */
public class Token @JvmOverloads constructor(public val value: Secret, public val expiresAt: Instant? = null) {
    @JvmOverloads
    public constructor(value: String, expiresAt: Instant? = null) : this(Secret(value), expiresAt)

    override fun toString(): String = "Token($value, expiresAt=$expiresAt)"
}
