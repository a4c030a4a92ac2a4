package com.oneclickdz.sdk

import kotlin.concurrent.thread

/** Gives the engine's log lines to the program's logger, on one daemon thread that lives while there is a logger. */
internal object Logs {
    private const val WAIT_MS = 60_000L

    private var wanted: LogLevel? = null

    @Volatile private var logger: Logger? = null

    private var teller: Thread? = null

    /** Loads nothing: where the library is not there yet, it begins with that. */
    @Synchronized
    fun set(logger: Logger?, level: LogLevel) {
        this.logger = logger
        wanted = if (logger == null) null else level
        if (Natives.isLoaded) begin()
    }

    @Synchronized
    fun begin() {
        if (wanted == null && teller == null) return
        borderListen(wanted)
        if (wanted != null && teller == null) teller = thread(isDaemon = true, name = "oneclickdz-log", block = ::tell)
    }

    private fun tell() {
        while (!isOver()) {
            for (line in borderLines(WAIT_MS)) {
                try {
                    logger?.log(line)
                } catch (_: Throwable) {
                    // A broken logger must neither break the calls that are logged nor end the log of those that come after it.
                }
            }
        }
    }

    @Synchronized
    private fun isOver(): Boolean {
        if (wanted != null) return false
        teller = null
        return true
    }
}
