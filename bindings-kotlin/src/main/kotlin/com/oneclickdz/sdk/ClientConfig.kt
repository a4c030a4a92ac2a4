package com.oneclickdz.sdk

import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds

/**
 * How a [Client] is set up. What is left out has the engine's default; values are checked with the first call, which then
 * throws [OneClickDzException.Config] with the field's name.
 *
 * **A key does not belong into an app that strangers install**: it can be read out of the package, and whoever has it
 * spends the account's money. An app takes a [tokenProvider] and its own backend's address as [baseUrl].
 *
 * @property apiKey the account's key, for programs on machines of your own. Default: the variable `ONECLICKDZ_API_KEY`.
 * @property tokenProvider where a short-lived token comes from, instead of a key.
 * @property baseUrl where the service lives, or your own backend that stands in front of it: https, or plain http on this
 *   machine. Default: the variable `ONECLICKDZ_BASE_URL`, else the service.
 * @property journal the file of the orders, private to its user, or `:memory:` for tests. Default: `oneclickdz.db` in the
 *   current folder; on Android there is none, give a file in `context.filesDir`.
 * @property expect orders are sent only when the service says that the key is of this environment.
 * @property vaultKey the key that seals card codes, as 64 hexadecimal digits or 32 bytes in base64, `file:PATH` or
 *   `env:NAME`. Without one no cards are bought. Default: the variable `ONECLICKDZ_VAULT_KEY`.
 * @property oldVaultKeys keys that still open cards, and seal none: the newest one stands beside them as [vaultKey] or in
 *   `ONECLICKDZ_VAULT_KEY`.
 * @property vaultKeyProvider where the vault's keys come from instead.
 * @property allowDirectProduction on Android, a key is refused unless [expect] is the sandbox; this says that the app runs
 *   on devices of your own only.
 * @property timeout the longest time for one call, retries and waits included, also those for a [tokenProvider]; the longest
 *   wait for a [vaultKeyProvider] too. Default: 30 seconds.
 * @property connectTimeout the longest time for a connection to come about. Default: 10 seconds.
 * @property readTimeout the longest silence on a connection. Default: 15 seconds.
 * @property maxRetryAfter the longest `Retry-After` to be waited for. Default: 60 seconds.
 * @property pollInterval the time between two looks at a young order. Default: 5 seconds (PROTOCOL §7).
 * @property lease how long an order stays with a worker that has died. Default: 60 seconds.
 * @property plansMaxAge how long the list of mobile plans is believed. Default: one hour.
 * @property readRetries how often a failed read is repeated; a write never is. Default: 4.
 * @property requestsPerSecond the account's budget of requests. Default: 50.
 * @property responseLimit the largest answer in bytes. Default: 16 MiB.
 * @property watches whether unsettled orders are followed in the background. Default: yes.
 * @property sendsFixedAmount whether a fixed plan's own amount is sent when the caller gives none: documented as not needed,
 *   observed as needed (PROTOCOL §18 row 22). Default: yes.
 * @property giftCardPaths which spelling of two gift-card paths is tried first. Default: [GiftCardPaths.CAMEL_CASE].
 * @property proxy a proxy for all requests.
 * @property extraRoots further CA certificates, in PEM form, beside the bundled ones.
 * @property appName your program's name and version, for `User-Agent`.
 * @property email the mail server that codes are sent through. Not on Android, where the app's users could read its password:
 *   [OneClickDzException.Config] there. Let your backend send e-mail, or use [sms].
 * @property sms how codes are sent as text messages.
 * @property templates texts of yours for messages, in place of the engine's.
 */
public class ClientConfig(
    apiKey: String? = null,
    public val baseUrl: String? = null,
    public val journal: String? = null,
    vaultKey: String? = null,
    public val expect: Environment? = null,
    public val tokenProvider: TokenProvider? = null,
    public val vaultKeyProvider: VaultKeyProvider? = null,
    oldVaultKeys: List<String> = emptyList(),
    public val allowDirectProduction: Boolean = false,
    public val timeout: Duration? = null,
    public val connectTimeout: Duration? = null,
    public val readTimeout: Duration? = null,
    public val maxRetryAfter: Duration? = null,
    public val pollInterval: Duration? = null,
    public val lease: Duration? = null,
    public val plansMaxAge: Duration? = null,
    public val readRetries: Int? = null,
    public val requestsPerSecond: Int? = null,
    public val responseLimit: Int? = null,
    public val watches: Boolean? = null,
    public val sendsFixedAmount: Boolean? = null,
    public val giftCardPaths: GiftCardPaths? = null,
    proxy: String? = null,
    public val extraRoots: List<String> = emptyList(),
    public val appName: String? = null,
    public val email: EmailSettings? = null,
    public val sms: SmsSettings? = null,
    public val templates: List<MessageTemplate> = emptyList(),
) {
    public val apiKey: Secret? = apiKey?.let(::Secret)
    public val proxy: Secret? = proxy?.let(::Secret)
    public val vaultKey: Secret? = vaultKey?.let(::Secret)
    public val oldVaultKeys: List<Secret> = oldVaultKeys.map(::Secret)

    /** Keys are redacted, and so is what an address says of its user. */
    override fun toString(): String {
        val address = baseUrl?.replace(USER) { it.groupValues[1] + "[redacted]@" }
        return "ClientConfig(baseUrl=$address, journal=$journal, expect=$expect, apiKey=$apiKey)"
    }

    /** For Java, where arguments have no names. Times are in milliseconds. */
    public class Builder {
        private var apiKey: String? = null
        private var baseUrl: String? = null
        private var journal: String? = null
        private var expect: Environment? = null
        private var vaultKey: String? = null
        private var oldVaultKeys = emptyList<String>()
        private var tokenProvider: TokenProvider? = null
        private var vaultKeyProvider: VaultKeyProvider? = null
        private var allowDirectProduction = false
        private var timeout: Duration? = null
        private var connectTimeout: Duration? = null
        private var readTimeout: Duration? = null
        private var maxRetryAfter: Duration? = null
        private var pollInterval: Duration? = null
        private var lease: Duration? = null
        private var plansMaxAge: Duration? = null
        private var readRetries: Int? = null
        private var requestsPerSecond: Int? = null
        private var responseLimit: Int? = null
        private var watches: Boolean? = null
        private var sendsFixedAmount: Boolean? = null
        private var giftCardPaths: GiftCardPaths? = null
        private var proxy: String? = null
        private var extraRoots = emptyList<String>()
        private var appName: String? = null
        private var email: EmailSettings? = null
        private var sms: SmsSettings? = null
        private val templates = mutableListOf<MessageTemplate>()

        /** See [ClientConfig.apiKey]. */
        public fun apiKey(key: String): Builder = apply { apiKey = key }

        /** See [ClientConfig.baseUrl]. */
        public fun baseUrl(url: String): Builder = apply { baseUrl = url }

        /** See [ClientConfig.journal]. */
        public fun journal(path: String): Builder = apply { journal = path }

        /** See [ClientConfig.expect]. */
        public fun expect(environment: Environment): Builder = apply { expect = environment }

        /** See [ClientConfig.tokenProvider]. */
        public fun tokenProvider(provider: TokenProvider): Builder = apply { tokenProvider = provider }

        /** See [ClientConfig.vaultKey]. */
        public fun vaultKey(key: String): Builder = apply { vaultKey = key }

        /** See [ClientConfig.oldVaultKeys]. */
        public fun oldVaultKeys(keys: List<String>): Builder = apply { oldVaultKeys = keys }

        /** See [ClientConfig.vaultKeyProvider]. */
        public fun vaultKeyProvider(provider: VaultKeyProvider): Builder = apply { vaultKeyProvider = provider }

        /** See [ClientConfig.allowDirectProduction]. */
        public fun allowDirectProduction(allow: Boolean): Builder = apply { allowDirectProduction = allow }

        /** See [ClientConfig.timeout]. */
        public fun timeoutMillis(time: Long): Builder = apply { timeout = time.milliseconds }

        /** See [ClientConfig.connectTimeout]. */
        public fun connectTimeoutMillis(time: Long): Builder = apply { connectTimeout = time.milliseconds }

        /** See [ClientConfig.readTimeout]. */
        public fun readTimeoutMillis(time: Long): Builder = apply { readTimeout = time.milliseconds }

        /** See [ClientConfig.maxRetryAfter]. */
        public fun maxRetryAfterMillis(time: Long): Builder = apply { maxRetryAfter = time.milliseconds }

        /** See [ClientConfig.pollInterval]. */
        public fun pollIntervalMillis(time: Long): Builder = apply { pollInterval = time.milliseconds }

        /** See [ClientConfig.lease]. */
        public fun leaseMillis(time: Long): Builder = apply { lease = time.milliseconds }

        /** See [ClientConfig.plansMaxAge]. */
        public fun plansMaxAgeMillis(time: Long): Builder = apply { plansMaxAge = time.milliseconds }

        /** See [ClientConfig.readRetries]. */
        public fun readRetries(count: Int): Builder = apply { readRetries = count }

        /** See [ClientConfig.requestsPerSecond]. */
        public fun requestsPerSecond(count: Int): Builder = apply { requestsPerSecond = count }

        /** See [ClientConfig.responseLimit]. */
        public fun responseLimit(bytes: Int): Builder = apply { responseLimit = bytes }

        /** See [ClientConfig.watches]. */
        public fun watches(watch: Boolean): Builder = apply { watches = watch }

        /** See [ClientConfig.sendsFixedAmount]. */
        public fun sendsFixedAmount(send: Boolean): Builder = apply { sendsFixedAmount = send }

        /** See [ClientConfig.giftCardPaths]. */
        public fun giftCardPaths(paths: GiftCardPaths): Builder = apply { giftCardPaths = paths }

        /** See [ClientConfig.proxy]. */
        public fun proxy(url: String): Builder = apply { proxy = url }

        /** See [ClientConfig.extraRoots]. */
        public fun extraRoots(certificates: List<String>): Builder = apply { extraRoots = certificates }

        /** See [ClientConfig.appName]. */
        public fun appName(name: String): Builder = apply { appName = name }

        /** See [ClientConfig.email]. */
        public fun email(settings: EmailSettings): Builder = apply { email = settings }

        /** See [ClientConfig.sms]. */
        public fun sms(settings: SmsSettings): Builder = apply { sms = settings }

        /** See [ClientConfig.templates]; one more with each call. */
        public fun template(template: MessageTemplate): Builder = apply { templates += template }

        /** What was set, and defaults for the rest. */
        public fun build(): ClientConfig = ClientConfig(
            apiKey = apiKey,
            baseUrl = baseUrl,
            journal = journal,
            expect = expect,
            vaultKey = vaultKey,
            oldVaultKeys = oldVaultKeys,
            tokenProvider = tokenProvider,
            vaultKeyProvider = vaultKeyProvider,
            allowDirectProduction = allowDirectProduction,
            timeout = timeout,
            connectTimeout = connectTimeout,
            readTimeout = readTimeout,
            maxRetryAfter = maxRetryAfter,
            pollInterval = pollInterval,
            lease = lease,
            plansMaxAge = plansMaxAge,
            readRetries = readRetries,
            requestsPerSecond = requestsPerSecond,
            responseLimit = responseLimit,
            watches = watches,
            sendsFixedAmount = sendsFixedAmount,
            giftCardPaths = giftCardPaths,
            proxy = proxy,
            extraRoots = extraRoots,
            appName = appName,
            email = email,
            sms = sms,
            templates = templates.toList(),
        )
    }

    public companion object {
        /** An address as far as it says who its user is. */
        private val USER = Regex("^([a-z][a-z0-9+.-]*://)?.*@", setOf(RegexOption.IGNORE_CASE, RegexOption.DOT_MATCHES_ALL))

        /** For Java. */
        @JvmStatic
        public fun builder(): Builder = Builder()
    }
}
