package com.oneclickdz.sdk

import com.oneclickdz.examples.Handover
import com.oneclickdz.examples.followWhatIsLeft
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** The background job of an app (examples/handover) after the app is gone: another client of the same journal. */
class HandoverTest {
    private val journal = Sandbox.folder().resolve("handover.db").toString()

    /** Sends as the screen does, and is gone. */
    private fun leave(sandbox: Sandbox, count: Int) = runBlocking {
        Client(sandbox.config(journal, watches = false)).use { app ->
            repeat(count) { app.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "left-$it") }
        }
    }

    private fun work(sandbox: Sandbox, budget: Duration) =
        runBlocking { Client(sandbox.config(journal)).use { followWhatIsLeft(it, budget) } }

    @Test
    fun `follows what the app left to its end, once and for all`() = Sandbox("--manual-clock").use { sandbox ->
        leave(sandbox, 3)
        assertEquals(Handover.LATER, work(sandbox, 300.milliseconds), "the orders go on")
        sandbox.advance(30)
        assertEquals(Handover.DONE, work(sandbox, 1.minutes))
        runBlocking {
            Client(sandbox.config(journal)).use { client ->
                assertEquals(List(3) { OrderState.FULFILLED }, client.orders.list().map { it.state })
            }
        }
        repeat(3) { assertEquals(1, sandbox.chargesOf("left-$it")) }
        val asked = sandbox.requestsOf("mobile.list") + sandbox.requestsOf("mobile.check_ref")
        assertEquals(Handover.DONE, work(sandbox, 1.minutes))
        assertEquals(asked, sandbox.requestsOf("mobile.list") + sandbox.requestsOf("mobile.check_ref"), "nothing is left to ask")
    }

    @Test
    fun `without a network it comes again later, and the order is there still`() {
        val gone = Sandbox("--manual-clock")
        leave(gone, 1)
        gone.close()
        assertEquals(Handover.LATER, work(gone, 300.milliseconds))
    }

    @Test
    fun `a refused key is an error, not a reason to come again`() = Sandbox("--manual-clock").use { sandbox ->
        leave(sandbox, 1)
        sandbox.faults("reads", "unauthorized")
        val refused = assertThrows<OneClickDzException.Authentication> { work(sandbox, 1.minutes) }
        assertTrue(!refused.isRetryable)
    }
}
