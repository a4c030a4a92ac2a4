package com.oneclickdz.sdk

/**
 * Takes the engine's log lines, for whatever logger the program has; see [Client.setLogger]. The lines hold neither keys nor
 * codes. They come one after the other, on a thread of their own, shortly after what they tell of; what it throws is lost.
 *
 * ```kotlin
 * val log = System.getLogger("oneclickdz")
 * Client.setLogger({ line -> log.log(System.Logger.Level.WARNING, line.toString()) })
 * ```
 */
public fun interface Logger {
    /** Takes one line. */
    public fun log(line: LogLine)
}
