package com.oneclickdz.sdk

import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.atomic.AtomicLong
import kotlin.coroutines.ContinuationInterceptor
import kotlin.coroutines.EmptyCoroutineContext
import kotlin.coroutines.resume
import kotlinx.coroutines.CancellableContinuation
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.suspendCancellableCoroutine

/**
 * Waits for answers, on one thread for all clients, which ends when nobody has waited for a while. Meanwhile that thread does
 * the engine's own work as well: no answer has to wake another one.
 */
internal object Results {
    private const val IDLE_MS = 5_000L

    /** What a thread of the engine's own would have: 2 MiB. */
    private const val STACK = 2L shl 20

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
        try {
            if (collector == null) collect()
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
        collector = Thread(null, ::work, "oneclickdz-answers", STACK).apply {
            isDaemon = true
            start()
        }
    }

    private fun work() {
        var isDone = false
        try {
            do {
                val done = Hot.collect(IDLE_MS)
                handOut(done)
            } while (done.isNotEmpty() || !isOver())
            isDone = true
        } finally {
            if (!isDone) replace()
        }
    }

    /** A thread that was ended by a failure leaves its work to another one. */
    @Synchronized
    private fun replace() {
        collector = null
        if (waiting.isEmpty()) Hot.rest() else collect()
    }

    /**
     * Each caller goes on by its own dispatcher. Where several have the same one they are handed to it as one piece of work: a
     * thread that was woken for each would have ended it and be asleep again before the next. Only dispatchers that are known to do
     * nothing but take a piece of work are called from here: another one might throw, block, or run its caller in place.
     */
    private fun handOut(done: List<Done>) {
        // One that was cancelled meanwhile is not there any more.
        val answered = done.mapNotNull { each -> waiting.remove(each.ticket)?.let { it to each.answer } }
        for ((dispatcher, callers) in answered.groupBy { (caller) -> caller.context[ContinuationInterceptor] }) {
            val goOn = Runnable { for ((caller, answer) in callers) goOn(caller, answer) }
            when {
                dispatcher !is CoroutineDispatcher || !isPlain(dispatcher) -> elsewhere.dispatch(EmptyCoroutineContext, goOn)
                callers.size > 1 -> dispatcher.dispatch(callers.first().first.context, goOn)
                else -> goOn.run()
            }
        }
    }

    /** A dispatcher that fails harms its own callers only; those are cancelled, as a closed executor's are. */
    private fun goOn(caller: CancellableContinuation<Answer>, answer: Answer) {
        try {
            caller.resume(answer)
        } catch (failure: Throwable) {
            caller.context[Job]?.cancel(CancellationException("the dispatcher failed", failure))
        }
    }

    private fun isPlain(dispatcher: CoroutineDispatcher): Boolean =
        dispatcher === Dispatchers.Default || dispatcher === Dispatchers.IO || dispatcher.javaClass === eventLoop

    /** What `runBlocking` goes on by. */
    private val eventLoop: Class<*> = runBlocking { currentCoroutineContext()[ContinuationInterceptor]!!.javaClass }

    /** Where other dispatchers are called: beside what the program itself does on `Dispatchers.IO`. */
    private val elsewhere = Dispatchers.IO.limitedParallelism(64)

    /** Whether nobody waits. Whoever begins to wait from here on finds no collector and starts one. */
    @Synchronized
    private fun isOver(): Boolean {
        val self = collector
        collector = null
        if (waiting.isEmpty()) {
            Hot.rest()
            return true
        }
        collector = self
        return false
    }
}
