package com.oneclickdz.sdk

import kotlinx.coroutines.runBlocking

/** A program of its own, run with the library that an app gets: shows what that says to a mail server, and without one. */
fun main() = runBlocking {
    suspend fun make(email: EmailSettings?) {
        val sms = SmsSettings(SmsCallback { null })
        Client(ClientConfig(apiKey = "key", journal = ":memory:", sms = sms, email = email)).use { it.ready() }
        println("ready")
    }
    try {
        make(EmailSettings("smtp.example", "shop@shop.example"))
    } catch (refused: OneClickDzException.Config) {
        println("Config in ${refused.field}: ${refused.info.detail}")
    }
    make(null)
}
