package com.oneclickdz.sdk

import kotlin.coroutines.AbstractCoroutineContextElement
import kotlin.coroutines.CoroutineContext
import kotlin.time.Duration
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.CancellationException
import kotlinx.coroutines.CompletableDeferred
import kotlinx.coroutines.CoroutineScope
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.Job
import kotlinx.coroutines.SupervisorJob
import kotlinx.coroutines.currentCoroutineContext
import kotlinx.coroutines.isActive
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking
import kotlinx.coroutines.withTimeoutOrNull

/**
 * Asks the program's own providers, on threads that may block. Whoever asks is never bound to one that does not answer: not
 * beyond its own time, and not beyond [close].
 */
internal class Asking {
    private val open = SupervisorJob()
    private val scope = CoroutineScope(open)

    /** What the source gave or threw, be it an `Error` or a cancellation of its own; null once this is closed. */
    suspend fun <T> ask(source: suspend () -> T): Result<T>? {
        val context = currentCoroutineContext().minusKey(Job) + Dispatchers.IO + Asked(this)
        // Not the result of the coroutine, which would end no earlier than a source that blocks.
        val answer = CompletableDeferred<Result<T>>(open)
        val asked = scope.launch(context) { answer.complete(runCatching { source() }) }
        return try {
            answer.await()
        } catch (cancelled: CancellationException) {
            if (!currentCoroutineContext().isActive) throw cancelled
            null
        } finally {
            answer.cancel()
            asked.cancel()
        }
    }

    /** Whether the one who calls is a provider that is being asked, as far as that can be seen. */
    suspend fun isAskingCaller(): Boolean = currentCoroutineContext()[Asked]?.by === this

    fun close() = open.cancel()

    private class Asked(val by: Asking) : AbstractCoroutineContextElement(Asked) {
        companion object Key : CoroutineContext.Key<Asked>
    }

    companion object {
        /** As long as the engine's own limit of a call, where none is given. */
        val PATIENCE = 30.seconds
    }
}

/** The provider of the vault's keys as the engine asks it, on a thread that may block. */
internal class Keys(
    private val provider: VaultKeyProvider,
    private val asking: Asking,
    private val limit: Duration,
) : VaultKeySource {
    /** Whatever it throws: what went beyond here would be printed, text and all. */
    override fun keys(): List<Secret> = try {
        runBlocking { withTimeoutOrNull(limit) { (asking.ask { given() } ?: throw NoKeys.Told("the client was closed")).getOrThrow() } }
            ?: throw NoKeys.Told("no answer within $limit")
    } catch (told: NoKeys) {
        throw told
    } catch (failure: Throwable) {
        throw NoKeys.Told(failure.javaClass.simpleName)
    }

    private fun given(): List<Secret> {
        // Java can give null where Kotlin cannot.
        val keys: List<Secret?>? = provider.keys()
        return keys?.map { key -> key?.takeUnless { isBroken(it.expose()) } ?: throw NoKeys.Told("a key $BROKEN") }
            ?: throw NoKeys.Told("it gave null")
    }
}
