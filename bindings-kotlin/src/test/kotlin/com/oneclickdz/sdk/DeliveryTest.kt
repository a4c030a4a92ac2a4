package com.oneclickdz.sdk

import com.oneclickdz.sdk.Sandbox.Companion.JSON
import com.sun.net.httpserver.HttpServer
import java.io.Closeable
import java.net.InetAddress
import java.net.InetSocketAddress
import java.net.ServerSocket
import java.net.Socket
import java.util.concurrent.CopyOnWriteArrayList
import java.util.concurrent.atomic.AtomicInteger
import kotlin.concurrent.thread
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.delay
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestInstance
import org.junit.jupiter.api.assertThrows

/** Codes on their way to customers: by a function of the program's, by a gateway over HTTP, by a mail server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DeliveryTest {
    private val sandbox = Sandbox("--speed", "1000")

    @AfterAll
    fun end() = sandbox.close()

    private fun client(
        sms: SmsSettings? = null,
        email: EmailSettings? = null,
        templates: List<MessageTemplate> = emptyList(),
    ) = Client(
        ClientConfig(
            apiKey = "sandbox-key", baseUrl = sandbox.url, journal = ":memory:", vaultKey = Sandbox.VAULT_KEY,
            pollInterval = 20.milliseconds, requestsPerSecond = 100_000, sms = sms, email = email, templates = templates,
        ),
    )

    /** A card that was bought: its order and its code. */
    private suspend fun card(shop: Client): Pair<String, String> {
        val order = shop.internet.send(InternetType.ADSL, "036362608", 1000, ref = Client.makeRef(), owner = "user-7")
        assertTrue(order.await(1.minutes) is Settled)
        return order.ref to shop.cards.reveal(order.ref, owner = "user-7").single().code.expose()
    }

    private suspend fun text(shop: Client, ref: String, to: String = "0770123456", again: String? = null) =
        shop.delivery.deliver(ref, DeliveryChannel.SMS, to, Language.FRENCH, owner = "user-7", again = again)

    @Test
    fun `a function of the program sends text messages`() = runBlocking {
        val seen = CopyOnWriteArrayList<SmsMessage>()
        val callback = SmsCallback { message ->
            delay(1)
            seen += message
            "gateway-${message.id}"
        }
        client(SmsSettings(callback)).use { shop ->
            val (ref, code) = card(shop)
            val delivery = text(shop, ref)
            val sent = delivery.await(1.minutes)
            assertEquals(DeliveryState.SENT to "gateway-${seen.single().id}", sent.state to sent.receipt)
            assertTrue(code in seen.single().text.expose())
            assertFalse(code in "$seen $sent", "no code is printed")
            assertEquals(delivery.id, text(shop, ref).id, "the same request is the same delivery")
            assertEquals(listOf(sent), shop.delivery.list(ref))
            assertEquals(sent, shop.delivery.get(delivery.id))
            assertEquals(sent, delivery.refresh())
            assertTrue(text(shop, ref, again = "lost").id != delivery.id)
        }
    }

    @Test
    fun `codes for the shop's own pages`() = runBlocking {
        client().use { shop ->
            val (ref, code) = card(shop)
            val page = shop.delivery.inApp(ref, Language.ARABIC, title = "ADSL", owner = "user-7")
            assertEquals("rtl" to code, page.direction to page.cards.single().code.expose())
            assertFalse(code in page.toString())
            assertThrows<OneClickDzException.OrderNotFound> { runBlocking { shop.delivery.inApp(ref, Language.FRENCH, owner = "x") } }
            Unit
        }
    }

    @Test
    fun `a message that will never be sent has failed, with the reason`() = runBlocking {
        val refuses = SmsCallback { throw SmsRefused("the number is barred") }
        client(SmsSettings(refuses)).use { shop ->
            val delivery = text(shop, card(shop).first)
            val failed = assertThrows<OneClickDzException.DeliveryFailed> { runBlocking { delivery.await(1.minutes) } }
            assertTrue("the number is barred" in failed.info.causes.last(), failed.info.causes.toString())
            assertEquals(Outcome.REFUSED, failed.outcome)
        }
    }

    @Test
    fun `a function that throws is asked again later, and nothing is lost`() = runBlocking {
        val asked = AtomicInteger()
        val offline = SmsCallback { error("offline ${asked.incrementAndGet()} \ud83d") }
        client(SmsSettings(offline)).use { shop ->
            val delivery = text(shop, card(shop).first)
            until("it was tried") { runBlocking { delivery.refresh().lastError != null } }
            val waiting = delivery.refresh()
            assertEquals(1, waiting.attempts)
            assertEquals(DeliveryState.WAITING to true, waiting.state to (waiting.nextAttemptAt != null))
            assertTrue("offline 1" in waiting.lastError!!, waiting.lastError)
            val pending = assertThrows<OneClickDzException.StillPending> { runBlocking { delivery.await(Duration.ZERO) } }
            assertEquals(waiting.snapshot, pending.info.delivery, "what goes on, as it stands")
            assertEquals(delivery.ref to OrderState.FULFILLED, pending.info.order?.run { ref to state })
        }
    }

    @Test
    fun `a close waits for a message that is on its way`() = runBlocking {
        val (begun, answer) = CompletableDeferred<Unit>() to CompletableDeferred<String>()
        val slow = SmsCallback {
            begun.complete(Unit)
            answer.await()
        }
        client(SmsSettings(slow)).use { shop ->
            text(shop, card(shop).first)
            begun.await()
            assertFalse(shop.closeWithin(1.milliseconds), "the message is on its way")
        }
        client(SmsSettings(SmsCallback { "receipt-1" })).use { shop ->
            text(shop, card(shop).first).await(1.minutes)
            assertTrue(shop.closeWithin(1.minutes), "nothing is on its way")
        }
        answer.complete("receipt-2")
        Unit
    }

    @Test
    fun `a gateway over HTTP`() = runBlocking {
        val asked = CopyOnWriteArrayList<Pair<String?, String>>()
        val server = HttpServer.create(InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0)
        server.createContext("/send") { exchange ->
            asked += exchange.requestHeaders.getFirst("Authorization") to exchange.requestBody.reader().readText()
            val answer = """{"status": "ok", "data": {"id": "m-1"}}""".toByteArray()
            exchange.sendResponseHeaders(200, answer.size.toLong())
            exchange.responseBody.use { it.write(answer) }
        }
        server.start()
        val gateway = HttpSmsGateway(
            "http://127.0.0.1:${server.address.port}/send",
            json = """{"to": "{to_international}", "message": "{text}"}""",
            headers = mapOf("authorization" to "Bearer gateway-key"),
            successPointer = "/status",
            successWord = "ok",
            receipt = "/data/id",
        )
        try {
            client(SmsSettings(gateway, maxSegments = 10)).use { shop ->
                val (ref, code) = card(shop)
                val sent = text(shop, ref).await(1.minutes)
                assertEquals(DeliveryState.SENT to "m-1", sent.state to sent.receipt)
                val (key, body) = asked.single()
                assertEquals("Bearer gateway-key", key)
                assertEquals("213770123456", JSON.readTree(body)["to"].asText())
                assertTrue(code in JSON.readTree(body)["message"].asText())
            }
        } finally {
            server.stop(0)
        }
    }

    @Test
    fun `a mail server, with a text of the shop's own`() = runBlocking {
        MailServer().use { server ->
            val email = EmailSettings("127.0.0.1", "My shop <cards@shop.example>", port = server.port, security = EmailSecurity.NONE)
            val subject = MessageTemplate(TemplateKind.EMAIL_SUBJECT, Language.ENGLISH, "Order {{ ref }} for you")
            client(email = email, templates = listOf(subject)).use { shop ->
                val (ref, code) = card(shop)
                val request = DeliveryRequest(ref, DeliveryChannel.EMAIL, "a@b.example", Language.ENGLISH, owner = "user-7")
                val sent = shop.delivery.deliver(request).await(1.minutes)
                assertEquals(DeliveryState.SENT, sent.state)
                assertTrue("queued as 77" in sent.receipt!!, sent.receipt)
                val mail = server.mails.single()
                assertTrue(Regex("From: .*cards@shop\\.example").containsMatchIn(mail), mail)
                assertTrue("Subject: Order $ref for you" in mail, mail)
                assertFalse(code in sent.toString())
            }
        }
    }

    @Test
    fun `settings that cannot work and requests that break a rule are named`() = runBlocking {
        val gateway = "https://h.example/"
        val wrong = mapOf(
            "email.from" to { client(email = EmailSettings("h", "nobody")) },
            "email.security" to { client(email = EmailSettings("h.example", "a@b.example", security = EmailSecurity.NONE)) },
            "email.password" to { client(email = EmailSettings("h", "a@b.example", user = "u")) },
            "email.user" to { client(email = EmailSettings("h", "a@b.example", password = "p")) },
            "email.port" to { client(email = EmailSettings("h", "a@b.example", port = 70_000)) },
            "email.host" to { client(email = EmailSettings("\ud83d", "a@b.example")) },
            "sms.url" to { client(SmsSettings(HttpSmsGateway("http://other.example/"))) },
            "sms.body" to { client(SmsSettings(HttpSmsGateway(gateway, json = "{"))) },
            "sms.form" to { client(SmsSettings(HttpSmsGateway(gateway, json = "{}", form = "a=b"))) },
            "sms.success_word" to { client(SmsSettings(HttpSmsGateway(gateway, successPointer = "/a"))) },
            "sms.max_segments" to { client(SmsSettings(SmsCallback { null }, maxSegments = 50)) },
            "templates.sms.fr" to { client(templates = listOf(MessageTemplate(TemplateKind.SMS, Language.FRENCH, "no code"))) },
        )
        for ((field, make) in wrong) {
            val error = assertThrows<OneClickDzException.Config>(field) { runBlocking { make().ready() } }
            assertEquals(field, error.field, error.message)
        }
        client(SmsSettings(SmsCallback { null })).use { shop ->
            val ref = card(shop).first
            assertEquals("to", assertThrows<OneClickDzException.Validation> { runBlocking { text(shop, ref, to = "123") } }.field)
            assertThrows<OneClickDzException.OrderNotFound> { runBlocking { text(shop, "no-such-order") } }
            assertThrows<OneClickDzException.NotFound> { runBlocking { shop.delivery.get("no-such-delivery") } }
            assertEquals("id", assertThrows<OneClickDzException.Validation> { runBlocking { shop.delivery.get("\ud83d") } }.field)
            val negative = assertThrows<OneClickDzException.Validation> { runBlocking { text(shop, ref).await((-1).minutes) } }
            assertEquals("timeout", negative.field)
        }
        client().use { shop ->
            val error = assertThrows<OneClickDzException.Config> { runBlocking { text(shop, card(shop).first) } }
            assertTrue("gateway" in error.info.detail, error.info.detail)
        }
    }
}

/** Says yes to everything, and keeps what it is sent. */
private class MailServer : Closeable {
    private val server = ServerSocket(0, 50, InetAddress.getLoopbackAddress())
    val port: Int get() = server.localPort
    val mails = CopyOnWriteArrayList<String>()

    init {
        thread(isDaemon = true) { while (!server.isClosed) runCatching { server.accept().use(::talk) } }
    }

    private fun talk(socket: Socket) {
        val (lines, out) = socket.getInputStream().bufferedReader() to socket.getOutputStream()
        fun say(line: String) = out.write("$line\r\n".toByteArray())
        say("220 mail.test")
        while (true) {
            when ((lines.readLine() ?: return).uppercase()) {
                "DATA" -> {
                    say("354 go on")
                    mails += generateSequence(lines::readLine).takeWhile { it != "." }.joinToString("\n")
                    say("250 2.0.0 queued as 77")
                }
                "QUIT" -> return say("221 bye")
                else -> say("250 well")
            }
        }
    }

    override fun close() = server.close()
}
