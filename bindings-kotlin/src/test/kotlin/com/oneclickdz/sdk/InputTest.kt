package com.oneclickdz.sdk

import java.io.File
import java.math.BigDecimal
import java.time.Instant
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertThrows

/** Values in and out: nothing a caller can give is met by anything but our own exceptions. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class InputTest {
    private val sandbox = Sandbox("--speed", "1000")
    private val client = Client(sandbox.config())

    @AfterAll
    fun end() {
        client.close()
        sandbox.close()
    }

    private inline fun <reified E : OneClickDzException> refused(field: String?, crossinline call: suspend () -> Any?) {
        val error = assertThrows<E> { runBlocking { call() } }
        assertEquals(field, error.field, error.info.text)
        assertEquals(Outcome.NOT_SENT, error.outcome)
        assertFalse(error.info.detail.isBlank())
    }

    @Test
    fun `a value that breaks a rule is named`() {
        val send = client.mobile
        refused<OneClickDzException.InvalidNumber>("number") { send.send("PREPAID_DJEZZY", "+213778037340", 500) }
        refused<OneClickDzException.Validation>("plan_code") { send.send("", "0778037340", 500) }
        refused<OneClickDzException.Validation>("amount") { send.send("PREPAID_DJEZZY", "0778037340", -5) }
        refused<OneClickDzException.Validation>("amount") { send.send("PREPAID_DJEZZY", "0778037340", 500.0) }
        refused<OneClickDzException.Validation>("amount") { send.send("PREPAID_DJEZZY", "0778037340", BigDecimal("0.5")) }
        refused<OneClickDzException.Validation>("amount") { send.send("PREPAID_DJEZZY", "0778037340", BigDecimal("1E+900000000")) }
        refused<OneClickDzException.Validation>("amount") { send.send("PREPAID_DJEZZY", "0778037340", BigDecimal.TEN.pow(60)) }
        refused<OneClickDzException.Validation>("quantity") { client.giftCards.order("507f1f77bcf86cd799439011", "type_001", -1) }
        refused<OneClickDzException.Validation>("quantity") { client.giftCards.order("507f1f77bcf86cd799439011", "type_001", 0) }
        refused<OneClickDzException.Validation>("page_size") { client.mobile.list(pageSize = -1).toList() }
        refused<OneClickDzException.Validation>("until") { client.mobile.list(since = Instant.EPOCH).toList() }
        refused<OneClickDzException.Validation>("limit") { client.orders.list(OrderListRequest(limit = 0)) }
        refused<OneClickDzException.Validation>("cursor") { client.orders.ack("nonsense") }
        refused<OneClickDzException.Validation>("after") { client.orders.events("nonsense").toList() }
        refused<OneClickDzException.Validation>("since") { client.orders.reconcile(Instant.MIN, Instant.now()) }
        refused<OneClickDzException.Validation>("send_before") {
            send.send("PREPAID_DJEZZY", "0778037340", 500, sendBefore = Instant.MAX)
        }
    }

    @Test
    fun `half a character is refused by name`() {
        val half = "\ud83d"
        refused<OneClickDzException.Validation>("plan_code") { client.mobile.send(half, "0778037340", 500) }
        refused<OneClickDzException.Validation>("ref") { client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = half) }
        refused<OneClickDzException.Validation>("id") { client.mobile.checkById(half) }
        refused<OneClickDzException.Validation>("owner") { client.cards.reveal("r", owner = "\ude00x") }
        refused<OneClickDzException.Config>("api_key") { Client(ClientConfig(apiKey = half)).ready() }
        refused<OneClickDzException.Config>("old_vault_keys") {
            Client(ClientConfig(apiKey = "k", vaultKey = Sandbox.VAULT_KEY, oldVaultKeys = listOf(half))).ready()
        }
        refused<OneClickDzException.Validation>("prefix") { Client.makeRef(half) }
    }

    @Test
    fun `texts of any script come back as they went`() = runBlocking {
        for (owner in listOf("متجر 🎁", "🎁".repeat(200), "x".repeat(200))) {
            val ref = Client.makeRef()
            client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = ref, owner = owner)
            assertEquals(owner, client.orders.get(ref).owner)
        }
    }

    @Test
    fun `an owner that nobody can read is refused before anything is sent`() {
        for (owner in listOf("", "a\u0000b", "two\nlines", "x".repeat(201), "x".repeat(100_000))) {
            val ref = Client.makeRef()
            refused<OneClickDzException.Validation>("owner") {
                client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = ref, owner = owner)
            }
            assertThrows<OneClickDzException.NotFound> { runBlocking { client.orders.get(ref) } }
            assertEquals(0, sandbox.chargesOf(ref))
        }
    }

    @Test
    fun `a setting that cannot work is named`() {
        val works = { sandbox.url }
        refused<OneClickDzException.Config>("api_key") { Client(ClientConfig(apiKey = "", baseUrl = works())).ready() }
        refused<OneClickDzException.Config>("base_url") { Client(ClientConfig(apiKey = "k", baseUrl = "http://example.com")).ready() }
        refused<OneClickDzException.Config>("timeout") { Client(ClientConfig(apiKey = "k", timeout = (-1).seconds)).ready() }
        refused<OneClickDzException.Config>("requests_per_second") {
            Client(ClientConfig(apiKey = "k", requestsPerSecond = -7)).ready()
        }
        refused<OneClickDzException.Config>("vault_key") { Client(ClientConfig(apiKey = "k", vaultKey = "short")).ready() }
        refused<OneClickDzException.Config>("old_vault_keys") {
            Client(ClientConfig(apiKey = "k", oldVaultKeys = listOf(Sandbox.VAULT_KEY))).ready()
        }
        refused<OneClickDzException.Config>("expect") {
            Client(ClientConfig(apiKey = "k", expect = Environment.UNKNOWN)).ready()
        }
        refused<OneClickDzException.Config>("token_provider") {
            Client(ClientConfig(apiKey = "k", tokenProvider = { Token("t") })).ready()
        }
        refused<OneClickDzException.Validation>("timeout") { client.withTimeout((-1).seconds) }
    }

    @Test
    fun `money is exact`() = runBlocking {
        val balance = client.account.balance().amount
        val order = client.mobile.send("PREPAID_DJEZZY", "0778037340", BigDecimal("500"))
        assertTrue(order.await(1.minutes) is Settled)
        val charged = order.refresh().charged!!
        assertEquals(0, BigDecimal("496.25").compareTo(charged))
        assertTrue(balance.scale() < 10)
    }

    @Test
    fun `cards are shown on purpose and never printed`() = runBlocking {
        val order = client.internet.send(InternetType.ADSL, "036362608", 1000, ref = Client.makeRef(), owner = "user-7")
        assertTrue(order.await(1.minutes) is Settled)
        val card = client.cards.reveal(order.ref, owner = "user-7", actor = "app").single()
        assertTrue(card.code.expose().length > 5)
        assertFalse(card.toString().contains(card.code.expose()))
        assertEquals("[redacted]", "${card.code}")
        assertThrows<OneClickDzException.OrderNotFound> { runBlocking { client.cards.reveal(order.ref, owner = "other") } }
        assertTrue(client.audit.verify().isIntact)
        assertTrue(client.audit.entries().toList().any { it.event == AuditEvent.CARD_REVEALED && it.ref == order.ref })
        assertFalse("${sandbox.config()} ${ClientConfig(apiKey = "secret-key")} ${Token("secret-key")}".contains("secret-key"))
        for (url in listOf("https://user:secret-key@shop.example/v3", "user:secret-key@shop.example", "https://u:secret-key/@x@shop.example")) {
            val printed = ClientConfig(baseUrl = url).toString()
            assertTrue("secret-key" !in printed && "[redacted]@shop.example" in printed, printed)
        }
        assertTrue("https://shop.example/v3" in ClientConfig(baseUrl = "https://shop.example/v3").toString())
    }

    @Test
    fun `staff texts exist in three languages for each kind`() {
        for (kind in ErrorKind.entries) {
            val error = OneClickDzException.of(info(kind, "test", "test"))
            assertEquals(3, Language.entries.map(error::staffText).filter(String::isNotBlank).toSet().size, "$kind")
        }
    }

    @Test
    fun `old keys open cards and seal none, also beside the key of the environment`() {
        val folder = Sandbox.folder().toFile()
        val journal = File(folder, "orders.db").path
        val output = child(
            folder, "-cp", System.getProperty("java.class.path"), "com.oneclickdz.sdk.OldKeysKt",
            sandbox.url, journal, Sandbox.VAULT_KEY.reversed(), variables = mapOf("ONECLICKDZ_VAULT_KEY" to Sandbox.VAULT_KEY),
        )
        assertEquals("FULFILLED\n", output)
        Client(sandbox.config(journal)).use { newest ->
            assertEquals(1, runBlocking { newest.cards.reveal("old-keys", actor = "test") }.size)
        }
    }

    @Test
    fun `nothing happens before the first call`() {
        val folder = Sandbox.folder().toFile()
        val output = child(folder, "-cp", System.getProperty("java.class.path"), "com.oneclickdz.sdk.UntouchedKt")
        assertTrue(output.startsWith("untouched"), output)
        assertEquals(listOf("output"), folder.list()!!.toList())
    }

    @Test
    fun `a machine that the package has no library for is told so, each time`() {
        // As where the folder of this platform is missing: the jar without it.
        val path = System.getProperty("java.class.path").split(File.pathSeparator).joinToString(File.pathSeparator) { entry ->
            val native = File(entry, "linux-x86-64")
            if (!native.exists()) return@joinToString entry
            Sandbox.folder().toFile().also { copy ->
                for (kept in File(entry).listFiles()!!) if (kept != native) kept.copyRecursively(File(copy, kept.name))
            }.path
        }
        val output = child(Sandbox.folder().toFile(), "-cp", path, "com.oneclickdz.sdk.MissingKt")
        assertEquals(2, output.lines().count { it.startsWith("Config: the native library for Linux on ") }, output)
        assertTrue("This package has it for: no platform at all" in output, output)
    }

    @Test
    fun `the library of an app takes no mail server, says what to do instead, and does all the rest`() {
        val library = "-Djna.library.path=${System.getProperty("app")}"
        val output = child(Sandbox.folder().toFile(), library, "-cp", System.getProperty("java.class.path"), "com.oneclickdz.sdk.AppKt")
        assertTrue(Regex("Config in email: .*let your backend send the e-mail.*\nready\n").matches(output), output)
    }

    private fun child(folder: File, vararg arguments: String, variables: Map<String, String> = emptyMap()): String {
        val output = File(folder, "output")
        val java = File(System.getProperty("java.home"), "bin/java").path
        val child = ProcessBuilder(java, *arguments).directory(folder).redirectErrorStream(true).redirectOutput(output)
        child.environment() += variables
        return child.start().waitFor().let { code -> output.readText().also { assertEquals(0, code, it) } }
    }
}
