package com.oneclickdz.sdk

import java.io.File
import java.lang.ref.WeakReference
import java.util.concurrent.atomic.AtomicInteger
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Test

/** What a hundred thousand calls leave behind. */
class LeakTest {
    /** MB in use in the JVM's heap, and MB of the process outside of it. */
    private fun memory(): Pair<Long, Long> {
        repeat(5) { System.gc() }
        val resident = File("/proc/self/status").readLines().first { it.startsWith("VmRSS") }.filter(Char::isDigit).toLong() / 1024
        val jvm = Runtime.getRuntime()
        return (jvm.totalMemory() - jvm.freeMemory()).shr(20) to resident - jvm.totalMemory().shr(20)
    }

    @Test
    fun `a hundred thousand crossings leave no memory, no thread and no handle`() = runBlocking(Dispatchers.Default) {
        Sandbox("--manual-clock").use { sandbox ->
            Client(sandbox.config(watches = false)).use { client ->
                client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "leak")
                suspend fun calls(count: Int) {
                    val left = AtomicInteger(count)
                    val workers = List(16) {
                        launch {
                            while (left.decrementAndGet() >= 0) {
                                when (left.get() % 10) {
                                    0 -> assertEquals("leak", client.orders.events("0").first().order.ref)
                                    1 -> runCatching { client.mobile.send("PREPAID_DJEZZY", "bad", 500) }
                                    else -> client.orders.get("leak")
                                }
                            }
                        }
                    }
                    workers.forEach { it.join() }
                }
                calls(20_000)
                val (heap, native) = memory()
                val threads = Thread.activeCount()
                val files = File("/proc/self/fd").list()!!.size
                calls(100_000)
                // On a busy machine, what cleans up comes long after the collector that found the garbage. A leak stays.
                until("the heap is as small as before, $heap MB") { memory().first - heap < 20 }
                until("the memory outside of it is as small as before, $native MB") { memory().second - native < 60 }
                until("no more than $threads threads, and four of the pools'") { Thread.activeCount() <= threads + 4 }
                until("no more than $files handles, and four") { File("/proc/self/fd").list()!!.size <= files + 4 }
                until("nobody is left waiting") { Results.waitingCount == 0 }
                val (heapNow, nativeNow) = memory()
                println("heap $heap MB, then $heapNow; outside of it $native MB, then $nativeNow")
            }
        }
    }

    @Test
    fun `a client that nobody closed is collected`() {
        Sandbox("--manual-clock").use { sandbox ->
            val forgotten = runBlocking { open(sandbox) }
            until("it is collected") {
                System.gc()
                forgotten.get() == null
            }
        }
    }

    private suspend fun open(sandbox: Sandbox): WeakReference<Client> {
        val client = Client(sandbox.config())
        client.account.balance()
        return WeakReference(client)
    }
}
