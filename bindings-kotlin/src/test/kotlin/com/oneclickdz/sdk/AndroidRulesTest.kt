package com.oneclickdz.sdk

import java.time.Instant
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertSame
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Keys, tokens and what holds on Android only. */
class AndroidRulesTest {
    @Test
    fun `an app with a key needs to say that it means it`() {
        onAndroid {
            val refused = assertThrows<OneClickDzException.Config> {
                runBlocking { Client(ClientConfig(apiKey = "key", journal = ":memory:")).ready() }
            }
            assertEquals("api_key", refused.field)
            val noJournal = assertThrows<OneClickDzException.Config> {
                runBlocking { Client(ClientConfig(tokenProvider = { Token("t") })).ready() }
            }
            assertEquals("journal", noJournal.field)
            runBlocking {
                for (config in listOf(
                    ClientConfig(apiKey = "key", journal = ":memory:", expect = Environment.SANDBOX),
                    ClientConfig(apiKey = "key", journal = ":memory:", allowDirectProduction = true),
                    ClientConfig(journal = ":memory:", tokenProvider = { Token("token") }),
                )) Client(config).use { it.ready() }
            }
        }
    }

    @Test
    fun `a token is fetched once, renewed before its end and when it is refused`() = Sandbox("--manual-clock").use { sandbox ->
        val fetched = AtomicInteger()
        var next = { Token("read-only-key", Instant.now().plusSeconds(3600)) }
        val config = ClientConfig(baseUrl = sandbox.url, journal = ":memory:", tokenProvider = {
            fetched.incrementAndGet()
            next()
        })
        runBlocking {
            Client(config).use { client ->
                repeat(5) { client.account.balance() }
                assertEquals(1, fetched.get())
                // Its successors are nearly over when they come: each call asks for another one.
                next = { Token("sandbox-key", Instant.now().plusSeconds(1)) }
                sandbox.control("PUT", "faults", Sandbox.JSON.readTree(UNAUTHORIZED_ONCE))
                client.account.balance()
                assertEquals(2, fetched.get())
                client.account.balance()
                assertEquals(3, fetched.get())
            }
        }
    }

    @Test
    fun `a send that met a refused token is sent with the next one, once`() = Sandbox("--manual-clock").use { sandbox ->
        val fetched = AtomicInteger()
        val config = ClientConfig(baseUrl = sandbox.url, journal = ":memory:", tokenProvider = {
            Token(if (fetched.incrementAndGet() == 1) "read-only-stale" else "sandbox-key")
        })
        runBlocking {
            Client(config).use { client ->
                val order = client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "token")
                val end = async { order.await(1.minutes) }
                sandbox.advance(30)
                assertTrue(end.await() is Settled)
                assertEquals(2, fetched.get())
                assertEquals(1, sandbox.chargesOf("token"))
            }
        }
    }

    @Test
    fun `a provider that fails is a typed exception with its cause`() {
        val cause = IllegalStateException("offline")
        val config = ClientConfig(journal = ":memory:", tokenProvider = { throw cause })
        val error = assertThrows<OneClickDzException.AuthUnavailable> { runBlocking { Client(config).account.balance() } }
        assertSame(cause, error.cause)
        assertEquals(Outcome.NOT_SENT, error.outcome)
    }

    @Test
    fun `a vault key that its provider gives, withholds and loses`(): Unit = Sandbox("--speed", "1000").use { sandbox ->
        var keys: () -> List<Secret> = { error("locked") }
        val folder = Sandbox.folder()
        val config = { provider: VaultKeyProvider ->
            ClientConfig(
                apiKey = "sandbox-key", baseUrl = sandbox.url, journal = folder.resolve("v.db").toString(),
                vaultKeyProvider = provider, pollInterval = 0.02.seconds,
            )
        }
        runBlocking {
            Client(config { keys() }).use { client ->
                assertThrows<OneClickDzException.VaultUnavailable> { buy(client, "withheld") }
            }
            assertEquals(0, sandbox.chargesOf("withheld"))
            keys = { listOf(Secret(Sandbox.VAULT_KEY)) }
            Client(config { keys() }).use { client ->
                buy(client, "given")
                assertTrue(client.orders.get("given").await(1.minutes) is Settled)
                assertTrue(client.cards.reveal("given", actor = "test").single().code.expose().isNotEmpty())
            }
            val other = listOf(Secret(Sandbox.VAULT_KEY.reversed()))
            Client(config { other }).use { client ->
                assertThrows<OneClickDzException.VaultKeyLost> { runBlocking { client.cards.reveal("given", actor = "test") } }
                Unit
            }
        }
    }

    private fun buy(client: Client, ref: String) = runBlocking {
        client.internet.send(InternetType.ADSL, "036362608", 1000, ref = ref)
    }

    private fun onAndroid(work: () -> Unit) {
        val name = System.getProperty("java.vm.name")
        System.setProperty("java.vm.name", "Dalvik")
        try {
            work()
        } finally {
            System.setProperty("java.vm.name", name)
        }
    }

    private companion object {
        const val UNAUTHORIZED_ONCE =
            """{"rules": [{"operation": "account.balance", "fault": "unauthorized", "calls": [1]}]}"""
    }
}
