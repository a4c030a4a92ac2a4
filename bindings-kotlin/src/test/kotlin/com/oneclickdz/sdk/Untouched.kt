package com.oneclickdz.sdk

/** A program of its own: makes a client and closes it, and looks at what that did. Says what that was. */
fun main() {
    val before = Thread.getAllStackTraces().keys.map { it.name }.toSet()
    Client(ClientConfig(apiKey = "key")).close()
    val client = Client(ClientConfig(apiKey = "key", journal = "orders.db"))
    val started = Thread.getAllStackTraces().keys.map { it.name }.filter { it !in before }
    val libraries = java.io.File("/proc/self/maps").readLines().filter { "jna" in it || "oneclickdz_kotlin" in it && ".so" in it }
    client.close()
    val isUntouched = started.isEmpty() && libraries.isEmpty()
    println("${if (isUntouched) "untouched" else "touched"}, threads: $started, libraries: $libraries")
}
