package com.oneclickdz.sdk

import kotlin.time.Duration.Companion.milliseconds
import kotlinx.coroutines.runBlocking

/** A program of its own, for a variable of its own: buys a card with an old key beside the one of the environment. */
fun main(arguments: Array<String>) = runBlocking {
    val (url, journal, oldKey) = arguments
    val config = ClientConfig(
        apiKey = "sandbox-key", baseUrl = url, journal = journal, oldVaultKeys = listOf(oldKey), pollInterval = 20.milliseconds,
    )
    Client(config).use { println(it.internet.send(InternetType.ADSL, "036362608", 1000, ref = "old-keys").await().order.state) }
}
