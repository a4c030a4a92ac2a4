package com.oneclickdz.sdk

import kotlinx.coroutines.runBlocking

/** A program of its own, for a machine without a native library: shows what two calls say. */
fun main() = runBlocking {
    repeat(2) {
        try {
            Client(ClientConfig(apiKey = "key")).account.balance()
        } catch (missing: OneClickDzException) {
            println("${missing.javaClass.simpleName}: ${missing.info.detail}")
        }
    }
}
