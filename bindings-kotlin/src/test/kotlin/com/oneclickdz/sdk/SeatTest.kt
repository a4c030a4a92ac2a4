package com.oneclickdz.sdk

import java.util.concurrent.CountDownLatch
import kotlin.coroutines.CoroutineContext
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.async
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** The engine's work is done by the thread that hands answers out, and goes on without it. */
class SeatTest {
    private val sandbox = Sandbox("--manual-clock")
    private val client = Client(sandbox.config())

    @AfterEach
    fun end() {
        client.close()
        sandbox.close()
    }

    private fun requests(): Int = sandbox.control("GET", "ledger")["requests"].sumOf { it.asInt() }

    private fun untilFollowed() {
        val before = requests()
        until("the order is looked at again and again") { requests() > before + 2 }
    }

    private fun answering(isSo: (Array<StackTraceElement>) -> Boolean): Boolean =
        Thread.getAllStackTraces().any { (thread, stack) -> thread.name == "oneclickdz-answers" && isSo(stack) }

    @Test
    fun `an order is followed when nobody has waited for a while`() {
        runBlocking { client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "alone") }
        until("the thread that hands answers out has ended") { !answering { true } }
        untilFollowed()
        sandbox.advance(30)
        untilFollowedToItsEnd("alone")
    }

    @Test
    fun `a dispatcher that blocks holds up its own callers, never the engine`(): Unit = runBlocking {
        val gate = CountDownLatch(1)
        val blocking = object : CoroutineDispatcher() {
            override fun dispatch(context: CoroutineContext, block: Runnable) {
                if (Thread.currentThread().name == "oneclickdz-answers") gate.await()
                Dispatchers.Default.dispatch(context, block)
            }
        }
        client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "held")
        val held = async(blocking) { client.orders.get("held") }
        until("its answer is held up") { answering { stack -> stack.any { it.className == CountDownLatch::class.java.name } } }
        untilFollowed()
        gate.countDown()
        assertEquals("held", held.await().ref)
        sandbox.advance(30)
        untilFollowedToItsEnd("held")
    }

    private fun untilFollowedToItsEnd(ref: String) =
        until("the order has reached its end") { runBlocking { client.orders.get(ref) }.state == OrderState.FULFILLED }
}
