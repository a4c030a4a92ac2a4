package com.oneclickdz.sdk

import java.io.ByteArrayOutputStream
import java.io.PrintStream
import java.time.Instant
import java.util.concurrent.CompletableFuture
import java.util.concurrent.ConcurrentLinkedQueue
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.CountDownLatch
import java.util.concurrent.atomic.AtomicInteger
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitCancellation
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.joinAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** Providers that end, fail, hang or give nonsense: no caller is lost, silenced or held up by them. */
class ProviderTest {
    private val sandbox = Sandbox("--manual-clock")
    private val clients = CopyOnWriteArrayList<Client>()

    @AfterEach
    fun end() {
        clients.forEach(Client::close)
        sandbox.close()
        until("nobody is left waiting") { Results.waitingCount == 0 }
    }

    private fun client(timeout: Duration? = null, provider: TokenProvider): Client {
        val config = ClientConfig(baseUrl = sandbox.url, journal = ":memory:", tokenProvider = provider, timeout = timeout)
        return Client(config).also { clients += it }
    }

    private suspend fun Client.topUp(ref: String) = mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = ref)

    /** What a call of a child coroutine throws. One that ended its own caller in silence would throw nothing at all. */
    private suspend inline fun <reified E : OneClickDzException> fails(crossinline call: suspend () -> Any?): E {
        val heard = CompletableDeferred<Any?>()
        val caller = CoroutineScope(Dispatchers.Default).launch {
            heard.complete(runCatching { call() }.let { it.exceptionOrNull() ?: it.getOrNull() })
        }
        val failure = withTimeoutOrNull(PROMPT) { heard.await() }
        caller.cancel()
        assertTrue(failure is E, "$failure")
        return failure as E
    }

    @Test
    fun `an event that came as a token ended, on a thread that was busy, is not lost`() = runBlocking {
        val held = Held()
        val lives = CopyOnWriteArrayList<Instant>()
        // Ten seconds before its end a token is renewed: this one lives for one second.
        val client = client {
            Token("sandbox-key", Instant.now().plusSeconds(11).also { lives += it.minusSeconds(10) })
        }
        client.account.balance()
        val got = CopyOnWriteArrayList<String>()
        val reader = launch(held) { client.orders.events().collect { got += it.cursor } }
        until("the collector waits") { Results.waitingCount == 1 }
        held.isBusy = true
        client.topUp("first")
        until("the answer stands in the queue of the busy thread") { held.waiting > 0 }
        val ending = lives.last()
        until("the token is over") { Instant.now() > ending.plusMillis(500) }
        held.release()
        client.topUp("second")
        val all = (client.orders.history("first") + client.orders.history("second")).map { it.cursor }
        until("the last event came") { got.contains(all.last()) }
        assertEquals(all, got)
        reader.cancelAndJoin()
    }

    @Test
    fun `a wait and a flow outlive their tokens, which are renewed beside them`() = runBlocking {
        val fetched = AtomicInteger()
        val client = client {
            fetched.incrementAndGet()
            Token("sandbox-key", Instant.now().plusSeconds(10).plusMillis(200))
        }
        val order = client.topUp("outlived")
        val seen = async(Dispatchers.Default) { order.await(5.minutes) }
        val before = fetched.get()
        until("the token was renewed twice under the wait") { fetched.get() >= before + 2 }
        sandbox.advance(30)
        assertTrue(withTimeout(1.minutes) { seen.await() } is Settled)
    }

    @Test
    fun `a provider that is cancelled inside fails its callers and cancels none`() = runBlocking {
        val late = client { withTimeout(1) { awaitCancellation() } }
        fails<OneClickDzException.AuthUnavailable> { late.topUp("late") }
        val given = client(provider = TokenProvider.of { CompletableFuture<Token>().also { it.cancel(true) } })
        fails<OneClickDzException.AuthUnavailable> { given.topUp("given") }
        assertEquals(0, sandbox.requestsOf("mobile.send"))
    }

    @Test
    fun `what a provider throws or gives is always a typed failure`() = runBlocking {
        val unfinished = fails<OneClickDzException.AuthUnavailable> { client { throw NotImplementedError("the key is 1234") }.account.balance() }
        assertTrue(unfinished.cause is NotImplementedError && "1234" !in unfinished.info.text, unfinished.info.text)
        fails<OneClickDzException.AuthUnavailable> { client { Token("\uD83D") }.account.balance() }
        @Suppress("UNCHECKED_CAST")
        val nothing = CompletableFuture.completedFuture(null) as CompletableFuture<Token>
        fails<OneClickDzException.AuthUnavailable> { client(provider = TokenProvider.of { nothing }).account.balance() }
        var next: () -> Token = { Token("sandbox-key", Instant.EPOCH) }
        val second = client { next() }
        assertNotNull(second.account.balance())
        next = { Token("\uDE00") }
        fails<OneClickDzException.AuthUnavailable> { second.account.balance() }
        for (end in listOf(Instant.MAX, Instant.MIN, Instant.ofEpochMilli(Long.MAX_VALUE))) {
            val order = client { Token("sandbox-key", end) }.topUp("ends-${end.epochSecond}")
            assertTrue(order.await(Duration.ZERO) is StillPending)
        }
    }

    @Test
    fun `a vault's key that cannot be had is typed and printed nowhere`() = runBlocking {
        val printed = ByteArrayOutputStream()
        val before = System.err
        System.setErr(PrintStream(printed, true))
        try {
            val broken = listOf<VaultKeyProvider>(
                VaultKeyProvider { throw NotImplementedError("the key is 1234") },
                VaultKeyProvider { throw StackOverflowError("the key is 1234") },
                VaultKeyProvider { listOf(Secret("\uD83D")) },
                VaultKeyProvider { listOf(Secret(Sandbox.VAULT_KEY), Secret("1234\uD83D")) },
            )
            for (provider in broken) fails<OneClickDzException.VaultUnavailable> { vault(null, provider).buy() }
        } finally {
            System.setErr(before)
        }
        assertEquals("", printed.toString())
        assertEquals(0, sandbox.requestsOf("internet.send"))
    }

    @Test
    fun `a provider that does not answer holds up no call beyond its time, nor beyond close`() = runBlocking {
        val gate = CountDownLatch(1)
        try {
            val hanging = listOf<TokenProvider>(
                TokenProvider { awaitCancellation() },
                TokenProvider.of { gate.await(); CompletableFuture.completedFuture(Token("sandbox-key")) },
            )
            for (provider in hanging) {
                fails<OneClickDzException.AuthUnavailable> { client(0.2.seconds, provider).account.balance() }
                fails<OneClickDzException.AuthUnavailable> { client(null, provider).withTimeout(0.2.seconds).account.balance() }
                val waiting = client(5.minutes, TokenProvider { asked.incrementAndGet(); provider.token() })
                val before = asked.get()
                val calls = List(3) { async(Dispatchers.Default) { fails<OneClickDzException.Closed> { waiting.account.balance() } } }
                until("the provider is asked") { asked.get() > before }
                waiting.close()
                withTimeout(PROMPT) { calls.joinAll() }
            }
            fails<OneClickDzException.VaultUnavailable> { vault(0.3.seconds) { gate.await(); emptyList() }.buy() }
            val entered = CountDownLatch(1)
            val locked = vault(5.minutes) { entered.countDown(); gate.await(); emptyList() }
            val buying = async(Dispatchers.Default) { fails<OneClickDzException.Closed> { locked.buy() } }
            until("the vault's provider is asked") { entered.count == 0L }
            locked.close()
            withTimeout(PROMPT) { buying.await() }
        } finally {
            gate.countDown()
        }
        Unit
    }

    @Test
    fun `a wait keeps its time when no token comes, and the order goes on`() = runBlocking {
        var next: suspend () -> Token = { Token("sandbox-key", Instant.now().plusSeconds(1)) }
        val client = client(5.minutes) { next() }
        val order = client.topUp("waited")
        next = { awaitCancellation() }
        val began = TimeSource.Monotonic.markNow()
        val result = withTimeout(1.minutes) { order.await(300.milliseconds) }
        assertTrue(result is StillPending && began.elapsedNow() < PROMPT, "$result")
        assertEquals("waited", result.order.ref)
        next = { Token("sandbox-key") }
        val end = async { order.await(1.minutes) }
        sandbox.advance(30)
        assertTrue(end.await() is Settled)
    }

    @Test
    fun `a provider that calls its own client is told so`() = runBlocking {
        lateinit var own: Client
        own = client(5.minutes) { own.account.balance(); Token("sandbox-key") }
        val failure = fails<OneClickDzException.AuthUnavailable> { own.account.balance() }
        assertEquals("token_provider", (failure.cause as OneClickDzException.Config).field)
    }

    private val asked = AtomicInteger()

    private fun vault(timeout: Duration?, provider: VaultKeyProvider): Client = Client(
        ClientConfig(
            apiKey = "sandbox-key", baseUrl = sandbox.url, journal = ":memory:", vaultKeyProvider = provider, timeout = timeout,
        ),
    ).also { clients += it }

    private suspend fun Client.buy() = internet.send(InternetType.ADSL, "036362608", 1000, owner = "user-7")

    /** A program's own thread that is busy for a while. */
    private class Held : CoroutineDispatcher() {
        private val queue = ConcurrentLinkedQueue<Pair<CoroutineContext, Runnable>>()

        @Volatile var isBusy = false

        val waiting: Int get() = queue.size

        override fun dispatch(context: CoroutineContext, block: Runnable) {
            if (isBusy) queue += context to block else Dispatchers.Default.dispatch(context, block)
        }

        fun release() {
            isBusy = false
            while (true) queue.poll()?.let { (context, block) -> Dispatchers.Default.dispatch(context, block) } ?: break
        }
    }

    private companion object {
        /** Far below the minutes that are allowed, far above what a busy machine needs. */
        val PROMPT = 20.seconds
    }
}
