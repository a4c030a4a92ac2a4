package com.oneclickdz.sdk

import kotlin.coroutines.ContinuationInterceptor
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlin.time.TimeSource
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.withContext
import kotlinx.coroutines.withTimeoutOrNull

/** How calls get to the engine and answers back. */
internal class Calls(val session: Session, private val limitMs: Long = 0) {
    fun within(field: String, limit: Duration): Calls {
        if (!limit.isPositive()) throw refused("client.with_timeout", field, "is $limit: give a time of more than nothing")
        return Calls(session, limit.inWholeMilliseconds.coerceAtLeast(1))
    }

    suspend inline fun <reified A : Answer> ask(
        operation: String,
        orderRef: String? = null,
        noinline call: () -> Call,
    ): A = answer(operation, orderRef, call) as A

    suspend fun order(operation: String, orderRef: String?, call: () -> Call): Order =
        Order(this, (answer(operation, orderRef, call) as Answer.OneOrder).value)

    /** One call. A token that is refused is replaced once: what was refused for its key was not carried out. */
    suspend fun answer(operation: String, orderRef: String?, call: () -> Call): Answer = inItsPlace {
        val message = call()
        val engine = session.engine(operation)
        var answer = Results.of { ticket -> Hot.start(engine, ticket, limitMs, message) }
        if (answer is Answer.Failure && session.renewed(answer.info)) {
            answer = Results.of { ticket -> Hot.start(engine, ticket, limitMs, message) }
        }
        answer.orThrow(orderRef)
    }

    /** A wait that may be longer than a token lives. Breaking one off loses nothing. */
    suspend fun wait(operation: String, call: () -> Call): Answer = inItsPlace {
        whileTokensEnd(operation) { engine ->
            Results.of { ticket -> Hot.start(engine, ticket, limitMs, call()) }
        }.orThrow(null)
    }

    /** The same for at most [timeout], of which [call] is told in milliseconds what is left. */
    suspend fun waitAtMost(operation: String, timeout: Duration, call: (Long) -> Call): Answer {
        if (timeout.isNegative()) throw refused(operation, "timeout", "is negative: give a time of 0 or more")
        val end = TimeSource.Monotonic.markNow() + timeout
        return wait(operation) {
            val left = if (timeout.isInfinite()) Long.MAX_VALUE else (-end.elapsedNow()).inWholeMilliseconds
            call(left.coerceAtLeast(0))
        }
    }

    /** A sequence, opened anew by each collector and let go with it. The next part is asked for when the last is taken. */
    inline fun <reified A : Answer, T> stream(
        operation: String,
        noinline items: (A) -> List<T>,
        noinline of: () -> Stream,
    ): Flow<T> = parts(operation, { items(it as A) }, of)

    fun <T> parts(operation: String, items: (Answer) -> List<T>, of: () -> Stream): Flow<T> = flow {
        val stream = Results.ticket()
        inItsPlace { Hot.open(session.engine(operation), stream, limitMs, of()) }
        try {
            while (true) {
                val part = inItsPlace {
                    whileTokensEnd(operation) { Results.of { ticket -> Hot.next(stream, ticket) } }.orThrow(null)
                }
                if (part is Answer.End) break
                for (item in items(part)) emit(item)
            }
        } finally {
            Hot.drop(stream)
        }
    }

    private suspend fun whileTokensEnd(operation: String, step: suspend (Long) -> Answer): Answer {
        var isRefused = false
        while (true) {
            val engine = session.engine(operation)
            // A token that is nearly over when it comes must not make this loop spin.
            val life = session.tokenLife()?.coerceAtLeast(1.seconds)
            val answer = if (life == null) step(engine) else withTimeoutOrNull(life) { step(engine) }
            // Two refused tokens in a row are not looked beyond: the service blocks an address after a few.
            if (answer != null && (isRefused || answer !is Answer.Failure || !session.renewed(answer.info))) return answer
            isRefused = answer != null
        }
    }
}

private fun Answer.orThrow(orderRef: String?): Answer {
    if (this !is Answer.Failure) return this
    throw OneClickDzException.of(if (info.orderRef == null && orderRef != null) info.copy(orderRef = orderRef) else info)
}

/**
 * Where the caller's dispatcher would go on in place, on the thread that hands all answers out, the work is done on
 * another: a caller that blocks there would block every other caller. On Android this is the main thread too.
 */
internal suspend inline fun <T> inItsPlace(crossinline work: suspend () -> T): T {
    val context = currentCoroutineContext()
    val dispatcher = context[ContinuationInterceptor] as? CoroutineDispatcher
    return if (dispatcher != null && dispatcher.isDispatchNeeded(context)) work() else withContext(Dispatchers.Default) { work() }
}
