package com.oneclickdz.sdk

/** A program of its own: makes a client and closes it, and looks at what that did. Ends with 1 where it did anything. */
fun main() {
    val before = Thread.getAllStackTraces().keys.map { it.name }.toSet()
    Client(ClientConfig(apiKey = "key")).close()
    val client = Client(ClientConfig(apiKey = "key", journal = "orders.db"))
    val started = Thread.getAllStackTraces().keys.map { it.name }.filter { it !in before }
    val libraries = java.io.File("/proc/self/maps").readLines().filter { "jna" in it || "oneclickdz_kotlin" in it && ".so" in it }
    client.close()
    println("threads: $started, libraries: $libraries")
    if (started.isNotEmpty() || libraries.isNotEmpty()) kotlin.system.exitProcess(1)
}
