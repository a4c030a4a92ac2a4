package com.oneclickdz.sdk

import java.time.Instant
import java.util.concurrent.atomic.AtomicInteger
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes
import kotlin.time.Duration.Companion.seconds
import kotlin.time.measureTime
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineStart
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.cancelAndJoin
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.flow.transformWhile
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeout
import kotlinx.coroutines.withTimeoutOrNull
import org.junit.jupiter.api.AfterEach
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertNotNull
import org.junit.jupiter.api.Assertions.assertNull
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.assertThrows

/** Cancellation, flows, closing: what only this binding has. */
class CoroutineTest {
    private val sandbox = Sandbox("--manual-clock")
    private val client = Client(sandbox.config())

    @AfterEach
    fun end() {
        client.close()
        sandbox.close()
        until("nobody is left waiting") { Results.waitingCount == 0 }
    }

    private suspend fun send(ref: String, on: Client = client) =
        on.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = ref)

    @Test
    fun `cancelling a send ends the waiting, never the order`() = runBlocking {
        sandbox.control(
            "PUT", "faults",
            Sandbox.JSON.readTree("""{"rules": [{"operation": "mobile.send", "fault": "slow", "params": {"delay_ms": 400}}]}"""),
        )
        client.mobile.plans()
        val job = launch(Dispatchers.Default) { send("cancelled") }
        until("the request is on its way") { sandbox.requestsOf("mobile.send") > 0 }
        job.cancelAndJoin()
        // Only from its charge on does the service's clock count for the order.
        until("the order is charged") { sandbox.chargesOf("cancelled") == 1 }
        sandbox.advance(30)
        val result = client.orders.get("cancelled").await(1.minutes)
        assertEquals(OrderState.FULFILLED, (result as Settled).order.state)
        assertEquals(1, sandbox.chargesOf("cancelled"))
    }

    @Test
    fun `a send that is cancelled in the same instant goes on`() = runBlocking {
        client.mobile.plans()
        repeat(50) {
            val job = launch(start = CoroutineStart.UNDISPATCHED) { send("instant-$it") }
            job.cancelAndJoin()
        }
        until("all are on record") { runBlocking { client.orders.list().size } == 50 }
    }

    @Test
    fun `cancelling a wait is prompt and the order can be waited for again`() = runBlocking {
        val order = send("waited")
        val took = measureTime { assertNull(withTimeoutOrNull(100) { order.await(5.minutes) }) }
        assertTrue(took < PROMPT, "$took")
        assertTrue(order.await(Duration.ZERO) is StillPending)
        sandbox.advance(30)
        assertTrue(order.await(1.minutes) is Settled)
    }

    @Test
    fun `updates end with the order's end`() = runBlocking {
        val order = send("updates")
        val seen = async { order.updates().toList() }
        sandbox.advance(30)
        val states = withTimeout(1.minutes) { seen.await() }.map { it.state }
        assertEquals(OrderState.FULFILLED, states.last())
    }

    @Test
    fun `events wait for their collector and go on after what was acknowledged`() = runBlocking {
        repeat(150) { send("event-$it") }
        val taken = AtomicInteger()
        val gate = CompletableDeferred<Unit>()
        val reader = launch(Dispatchers.Default) {
            client.orders.events().collect {
                if (taken.incrementAndGet() == 3) gate.await()
            }
        }
        until("the third event is there") { taken.get() == 3 }
        // A collector that stands still asks for nothing: nobody waits for an answer meanwhile.
        until("nobody waits") { Results.waitingCount == 0 }
        assertEquals(3, taken.get())
        reader.cancelAndJoin()
        val first = client.orders.events().take(5).toList()
        client.orders.ack(first.last().cursor)
        val next = client.orders.events().first()
        assertEquals(first.last().cursor.toLong() + 1, next.cursor.toLong())
        val accepted = mutableSetOf<String>()
        val all = withTimeout(1.minutes) {
            client.orders.events("0").transformWhile { event ->
                if (event.order.state == OrderState.ACCEPTED) accepted += event.order.ref
                emit(event.cursor.toLong())
                accepted.size < 150
            }.toList()
        }
        assertTrue(all.size > 100, "more than one batch: ${all.size}")
        assertEquals(all.toSortedSet().toList(), all, "each once, in order")
    }

    @Test
    fun `a flow that waits can be cancelled`() = runBlocking {
        // Nobody follows the order, so that after its send nothing happens to it.
        Client(sandbox.config(watches = false)).use { quiet ->
            val last = send("last", quiet).let { quiet.orders.history("last").last().cursor }
            val took = measureTime { assertNull(withTimeoutOrNull(100) { quiet.orders.events(last).first() }) }
            assertTrue(took < PROMPT, "$took")
        }
    }

    @Test
    fun `lists come page by page as far as they are taken`() = runBlocking {
        sandbox.control("POST", "orders", Sandbox.JSON.readTree("""{"count": 1000}"""))
        assertEquals(5, client.mobile.list(pageSize = 10).take(5).toList().size)
        assertEquals(1, sandbox.requestsOf("mobile.list"))
        assertEquals(1000, client.mobile.list(Instant.EPOCH, Instant.now().plusSeconds(999)).toList().size)
    }

    @Test
    fun `closing ends waits, flows and later calls with one exception`() = runBlocking {
        val order = send("closing")
        val wait = async(Dispatchers.Default) { runCatching { order.await(5.minutes) } }
        val flow = async(Dispatchers.Default) { runCatching { client.orders.events("1000000").first() } }
        until("both wait") { Results.waitingCount == 2 }
        val reads = List(50) { async(Dispatchers.Default) { runCatching { client.account.balance() } } }
        client.close()
        client.close()
        for (ended in listOf(wait, flow)) {
            val failure = withTimeout(1.minutes) { ended.await() }.exceptionOrNull()
            assertTrue(failure is OneClickDzException.Closed, "$failure")
        }
        for (ended in withTimeout(1.minutes) { reads.awaitAll() }) {
            assertTrue(ended.isSuccess || ended.exceptionOrNull() is OneClickDzException.Closed, "$ended")
        }
        assertThrows<OneClickDzException.Closed> { runBlocking { client.account.balance() } }
        assertThrows<OneClickDzException.Closed> { runBlocking { order.await() } }
        assertThrows<OneClickDzException.Closed> { runBlocking { client.setApiKey("key") } }
        Unit
    }

    @Test
    fun `many clients at once, opened and closed under calls`() = runBlocking(Dispatchers.Default) {
        val good = AtomicInteger()
        List(100) { number ->
            async {
                Client(sandbox.config(watches = number % 2 == 0)).use { each ->
                    assertNotNull(each.account.balance())
                    if (number % 5 == 0) send("many-$number", each)
                    good.incrementAndGet()
                }
            }
        }.awaitAll()
        assertEquals(100, good.get())
    }

    @Test
    fun `an unconfined caller may block without harm to others`() = runBlocking {
        val blocked = CompletableDeferred<Unit>()
        val release = java.util.concurrent.CountDownLatch(1)
        val unconfined = launch(Dispatchers.Unconfined, CoroutineStart.DEFAULT) {
            client.account.balance()
            blocked.complete(Unit)
            release.await()
        }
        withTimeout(1.minutes) { blocked.await() }
        withTimeout(1.minutes) { withContext(Dispatchers.Default) { client.account.balance() } }
        release.countDown()
        unconfined.join()
    }

    @Test
    fun `a timeout of one's own is an exception of its own`() = runBlocking {
        sandbox.faults("account.balance", "stall")
        assertThrows<OneClickDzException.Timeout> { runBlocking { client.withTimeout(0.2.seconds).account.balance() } }
        Unit
    }

    @Test
    fun `sends from many coroutines of one reference are one order`() = runBlocking(Dispatchers.Default) {
        val ids = coroutineScope { List(32) { async { send("same").ref } }.awaitAll() }
        assertEquals(setOf("same"), ids.toSet())
        assertEquals(1, sandbox.chargesOf("same"))
    }

    private companion object {
        /** Far below the minutes that the waits themselves would take, far above what a busy machine needs. */
        val PROMPT = 20.seconds
    }
}
