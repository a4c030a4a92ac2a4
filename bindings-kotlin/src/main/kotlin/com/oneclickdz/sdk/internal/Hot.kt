package com.oneclickdz.sdk

import com.sun.jna.Native
import com.sun.jna.Pointer
import java.nio.Buffer
import java.nio.ByteBuffer
import java.util.concurrent.ConcurrentLinkedQueue

/**
 * The calls that are made all the time. The values are written and read by what uniffi generates, the crossing is a plain
 * function of numbers and addresses: with uniffi's own, each call costs several native structures and their cleaners.
 */
internal object Hot {
    init {
        Native.register(Hot::class.java, "oneclickdz_kotlin")
    }

    private external fun oneclickdz_start(engine: Long, ticket: Long, timeoutMs: Long, address: Long, length: Int)

    private external fun oneclickdz_open(engine: Long, stream: Long, timeoutMs: Long, address: Long, length: Int)

    private external fun oneclickdz_next(stream: Long, ticket: Long)

    private external fun oneclickdz_drop(stream: Long)

    private external fun oneclickdz_leave(ticket: Long)

    private external fun oneclickdz_collect(waitMs: Long, address: Long, capacity: Int): Int

    private external fun oneclickdz_rest()

    /** Loads it. */
    fun ensureLoaded() = Unit

    fun start(engine: Long, ticket: Long, timeoutMs: Long, call: Call) =
        written(FfiConverterTypeCall, call) { address, length -> oneclickdz_start(engine, ticket, timeoutMs, address, length) }

    fun open(engine: Long, stream: Long, timeoutMs: Long, of: Stream) =
        written(FfiConverterTypeStream, of) { address, length -> oneclickdz_open(engine, stream, timeoutMs, address, length) }

    fun next(stream: Long, ticket: Long) = oneclickdz_next(stream, ticket)

    fun drop(stream: Long) = oneclickdz_drop(stream)

    fun leave(ticket: Long) = oneclickdz_leave(ticket)

    /** After the last [collect] of a thread. */
    fun rest() = oneclickdz_rest()

    /** Memory outside of the heap, whose address stays the same. */
    private class Scratch(size: Int) {
        val bytes: ByteBuffer = ByteBuffer.allocateDirect(size)
        val address: Long = Pointer.nativeValue(Native.getDirectBufferPointer(bytes))

        /** What `clear` gives differs between a JDK and old Androids, unless it is asked as a plain buffer. */
        val bounds: Buffer get() = bytes
    }

    /** As many as calls were started at the same moment. The other side wipes each after reading it. */
    private val unused = ConcurrentLinkedQueue<Scratch>()

    private inline fun <T> written(of: FfiConverterRustBuffer<T>, value: T, send: (Long, Int) -> Unit) {
        val size = of.allocationSize(value).toInt()
        val scratch = if (size > USUAL) Scratch(size) else unused.poll() ?: Scratch(USUAL)
        scratch.bounds.clear()
        of.write(value, scratch.bytes)
        send(scratch.address, scratch.bytes.position())
        if (size <= USUAL) unused.offer(scratch)
    }

    private var answers: Scratch? = null

    /** Everything that is finished; does the engine's work until there is something, at most so long. For one thread at a time. */
    @Synchronized
    fun collect(waitMs: Long): List<Done> {
        while (true) {
            val into = answers ?: Scratch(ANSWERS).also { answers = it }
            val length = oneclickdz_collect(waitMs, into.address, into.bytes.capacity())
            if (length == 0) return emptyList()
            if (length > 0) {
                into.bounds.clear()
                return List(into.bytes.getInt()) { FfiConverterTypeDone.read(into.bytes) }.also { if (length > ANSWERS) wipe(into) }
            }
            answers = Scratch(-length)
        }
    }

    /** An unusually large one is not kept, and so not wiped by the next call. */
    private fun wipe(large: Scratch) {
        large.bounds.clear()
        while (large.bytes.hasRemaining()) large.bytes.put(0)
        answers = null
    }

    private const val USUAL = 4096
    private const val ANSWERS = 65536
}
