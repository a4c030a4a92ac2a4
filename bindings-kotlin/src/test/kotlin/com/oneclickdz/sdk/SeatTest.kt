package com.oneclickdz.sdk

import java.util.concurrent.CountDownLatch
import java.util.concurrent.Executor
import java.util.concurrent.RejectedExecutionException
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Runnable
import kotlinx.coroutines.asCoroutineDispatcher
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
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
    fun `a dispatcher that blocks holds up its own callers, never the engine nor others`(): Unit = runBlocking {
        val gate = CountDownLatch(1)
        val isHeld = CountDownLatch(1)
        val begins = Thread.currentThread()
        val blocking = dispatcher { context, block ->
            if (Thread.currentThread() !== begins) {
                isHeld.countDown()
                gate.await()
            }
            Dispatchers.Default.dispatch(context, block)
        }
        client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "held")
        val held = async(blocking) { client.orders.get("held") }
        until("its answer is held up") { isHeld.count == 0L }
        untilFollowed()
        others()
        gate.countDown()
        assertEquals("held", held.await().ref)
        sandbox.advance(30)
        untilFollowedToItsEnd("held")
    }

    @Test
    fun `a dispatcher that throws harms its own callers only`(): Unit = runBlocking {
        var isGone = false
        val rejecting = dispatcher { context, block ->
            if (isGone) throw RejectedExecutionException("gone")
            Dispatchers.Default.dispatch(context, block)
        }
        client.account.balance()
        for (count in listOf(1, 8)) {
            isGone = false
            val lost = List(count) { CoroutineScope(rejecting).launch { client.orders.events().collect { } } }
            until("they wait") { Results.waitingCount == count }
            isGone = true
            withTimeout(PROMPT) { client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "rejected-$count") }
            until("they are told") { lost.all { it.isCancelled } }
            others()
            client.orders.ack(client.orders.history("rejected-$count").last().cursor)
        }
    }

    @Test
    fun `a dispatcher that runs its caller in place may have it block and call again`(): Unit = runBlocking {
        val direct = Executor(Runnable::run).asCoroutineDispatcher()
        client.account.balance()
        val nested = List(4) {
            CoroutineScope(direct).async {
                client.account.balance()
                runBlocking { client.account.balance() }
            }
        }
        withTimeout(PROMPT) { nested.awaitAll() }
        others()
    }

    private fun dispatcher(dispatch: (CoroutineContext, Runnable) -> Unit) = object : CoroutineDispatcher() {
        override fun dispatch(context: CoroutineContext, block: Runnable) = dispatch(context, block)
    }

    /** Another client, on dispatchers of all kinds. */
    private suspend fun others() = Client(sandbox.config()).use { other ->
        withTimeout(PROMPT) {
            assertNotNull(other.account.balance())
            assertNotNull(withContext(Dispatchers.Default) { other.account.balance() })
        }
    }

    private fun untilFollowedToItsEnd(ref: String) =
        until("the order has reached its end") { runBlocking { client.orders.get(ref) }.state == OrderState.FULFILLED }

    private companion object {
        /** Far above what a busy machine needs. */
        val PROMPT = 20.seconds
    }
}
