package com.oneclickdz.sdk

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong
import kotlin.concurrent.thread
import kotlin.coroutines.resume
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.suspendCancellableCoroutine

/** Waits for answers, on one thread for all clients, which ends when nobody has waited for a while. */
internal object Results {
    private const val IDLE_MS = 5_000L

    private val tickets = AtomicLong()
    private val waiting = ConcurrentHashMap<Long, CancellableContinuation<Answer>>()

    @Volatile private var collector: Thread? = null

    /** How many wait for an answer now. */
    val waitingCount: Int get() = waiting.size

    fun ticket(): Long = tickets.incrementAndGet()

    /** The answer to the call that [start] begins. Cancelling ends the waiting and nothing else. */
    suspend fun of(start: (Long) -> Unit): Answer = suspendCancellableCoroutine { caller ->
        val ticket = ticket()
        waiting[ticket] = caller
        if (collector == null) collect()
        try {
            start(ticket)
        } catch (failure: Throwable) {
            waiting.remove(ticket)
            throw failure
        }
        caller.invokeOnCancellation { if (waiting.remove(ticket) != null) Hot.leave(ticket) }
    }

    @Synchronized
    private fun collect() {
        if (collector != null) return
        collector = thread(isDaemon = true, name = "oneclickdz-answers") {
            do {
                val done = Hot.collect(IDLE_MS)
                // One that was cancelled meanwhile is not there any more.
                for (each in done) waiting.remove(each.ticket)?.resume(each.answer)
            } while (done.isNotEmpty() || !isOver())
        }
    }

    /** Whether nobody waits. Whoever begins to wait from here on finds no collector and starts one. */
    @Synchronized
    private fun isOver(): Boolean {
        val self = collector
        collector = null
        if (waiting.isEmpty()) return true
        collector = self
        return false
    }
}
