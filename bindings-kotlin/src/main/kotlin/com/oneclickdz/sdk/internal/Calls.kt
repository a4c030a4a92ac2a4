package com.oneclickdz.sdk

import kotlin.coroutines.ContinuationInterceptor
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.TimeMark
import kotlin.time.TimeSource
import kotlinx.coroutines.CoroutineDispatcher
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow
import kotlinx.coroutines.launch
import kotlinx.coroutines.withContext

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

    /** The longest time for one call, the wait for a token included. */
    private val limit: Duration get() = if (limitMs > 0) limitMs.milliseconds else session.limit

    /** One call. A token that is refused is replaced once: what was refused for its key was not carried out. */
    suspend fun answer(operation: String, orderRef: String?, call: () -> Call): Answer = inItsPlace {
        val message = call()
        val end = TimeSource.Monotonic.markNow() + limit
        val engine = session.engine(operation, limit)
        var answer = Results.of { ticket -> Hot.start(engine, ticket, left(end), message) }
        if (answer is Answer.Failure && session.renewed(operation, answer.info, -end.elapsedNow())) {
            answer = Results.of { ticket -> Hot.start(engine, ticket, left(end), message) }
        }
        answer.orThrow(operation, orderRef)
    }

    /** What is left of a call's time; the engine's own limit where no token was waited for. */
    private fun left(end: TimeMark): Long =
        if (session.hasTokens) (-end.elapsedNow()).inWholeMilliseconds.coerceAtLeast(1) else limitMs

    /** A wait that may be longer than a token lives, for at most [timeout]; [call] is told in milliseconds what is left of it. */
    suspend fun waitAtMost(operation: String, timeout: Duration, call: (Long) -> Call): Answer = inItsPlace {
        if (timeout.isNegative()) throw refused(operation, "timeout", "is negative: give a time of 0 or more")
        val end = TimeSource.Monotonic.markNow() + timeout
        val left = { if (timeout.isInfinite()) Duration.INFINITE else -end.elapsedNow() }
        suspend fun look(engine: Long, atMost: Duration): Answer =
            Results.of { ticket -> Hot.start(engine, ticket, limitMs, call(atMost.inWholeMilliseconds.coerceAtLeast(0))) }
        val answer = try {
            whileTokensEnd(operation, { minOf(limit, left()) }) { engine -> look(engine, left()) }
        } catch (late: OneClickDzException.AuthUnavailable) {
            // No token came in the whole time: the journal tells how things stand.
            if (left().isPositive()) throw late
            look(session.number ?: throw late, Duration.ZERO)
        }
        answer.orThrow(operation, null)
    }

    /** A sequence, opened anew by each collector and let go with it. The next part is asked for when the last is taken. */
    inline fun <reified A : Answer, T> stream(
        operation: String,
        noinline items: (A) -> List<T>,
        noinline of: () -> Stream,
    ): Flow<T> = parts(operation, { items(it as A) }, of)

    fun <T> parts(operation: String, items: (Answer) -> List<T>, of: () -> Stream): Flow<T> = flow {
        val stream = Results.ticket()
        inItsPlace { Hot.open(session.engine(operation, limit), stream, limitMs, of()) }
        try {
            while (true) {
                val part = inItsPlace {
                    whileTokensEnd(operation, { limit }) { Results.of { ticket -> Hot.next(stream, ticket) } }.orThrow(operation, null)
                }
                if (part is Answer.End) break
                for (item in items(part)) emit(item)
            }
        } finally {
            Hot.drop(stream)
        }
    }

    /**
     * A step that may be longer than a token lives, which is renewed beside it. The step itself is not broken off for that: what it
     * had just been given would be lost.
     */
    private suspend fun whileTokensEnd(operation: String, limit: () -> Duration, step: suspend (Long) -> Answer): Answer {
        var replacement: Token? = null
        while (true) {
            val engine = session.engine(operation, limit())
            val answer = if (session.tokenLife() == null) step(engine) else coroutineScope {
                val keeper = launch(Dispatchers.Default) { session.keepToken(operation, this@Calls.limit) }
                step(engine).also { keeper.cancel() }
            }
            // Two refused tokens in a row are not looked beyond: the service blocks an address after a few.
            if (answer !is Answer.Failure || replacement != null && replacement === session.token) return answer
            if (!session.renewed(operation, answer.info, limit())) return answer
            replacement = session.token
        }
    }

    private fun Answer.orThrow(operation: String, orderRef: String?): Answer {
        if (this !is Answer.Failure) return this
        // Its provider was no longer waited for.
        if (info.kind == ErrorKind.VAULT_UNAVAILABLE && session.isClosed) throw closed(operation)
        throw OneClickDzException.of(if (info.orderRef == null && orderRef != null) info.copy(orderRef = orderRef) else info)
    }
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
