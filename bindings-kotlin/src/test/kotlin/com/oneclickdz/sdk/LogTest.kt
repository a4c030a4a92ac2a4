package com.oneclickdz.sdk

import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertFalse
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test

/** The engine's log lines in the program's own logger. */
class LogTest {
    private val lines = CopyOnWriteArrayList<LogLine>()
    private val logger = Logger { lines += it }

    @AfterEach
    fun end() = Client.setLogger(null)

    @Test
    fun `lines come from the level on, name their call and hold no secret`() = Sandbox("--speed", "1000").use { sandbox ->
        Client.setLogger(logger, LogLevel.TRACE)
        val code = runBlocking {
            Client(sandbox.config()).use { client ->
                val order = client.internet.send(InternetType.ADSL, "036362608", 1000, ref = "logged", owner = "user-7")
                assertTrue(order.await(1.minutes) is Settled)
                client.cards.reveal("logged", owner = "user-7").single().code.expose()
            }
        }
        until("a call is logged") { lines.any { it.operation == "internet.send" } }
        val answered = checkNotNull(lines.find { it.operation == "internet.send" && it.text == "answered" }) { "$lines" }
        assertEquals(LogLevel.DEBUG to "200", answered.level to answered.fields["status"])
        for (secret in listOf("sandbox-key", code, Sandbox.VAULT_KEY)) assertFalse(lines.any { secret in it.toString() })

        sandbox.faults("mobile.send", "error_500_after")
        Client.setLogger(logger)
        lines.clear()
        runBlocking {
            Client(sandbox.config(watches = false)).use { client ->
                client.account.balance()
                client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "unknown")
            }
        }
        until("the warning is logged") { lines.any { it.fields["ref"] == "unknown" } }
        assertTrue(lines.all { it.level == LogLevel.WARN || it.level == LogLevel.ERROR }, "nothing below a warning: $lines")
    }

    @Test
    fun `a logger that throws, and one that was taken away, harm no call`() = Sandbox("--manual-clock").use { sandbox ->
        Client.setLogger({ lines += it; if (lines.size % 2 == 0) error("broken") else throw AssertionError("broken") }, LogLevel.DEBUG)
        runBlocking {
            Client(sandbox.config()).use { client ->
                client.account.balance()
                until("the line came") { lines.isNotEmpty() }
                val before = lines.size
                repeat(2) { client.account.balance() }
                until("the next ones too") { lines.size > before + 1 }
                Client.setLogger(null)
                until("its thread has ended") { Thread.getAllStackTraces().keys.none { it.name == "oneclickdz-log" } }
                lines.clear()
                client.account.balance()
                assertTrue(lines.isEmpty(), "$lines")
            }
        }
    }
}
