package com.oneclickdz.sdk

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.ObjectMapper
import java.io.File
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpRequest.BodyPublishers
import java.net.http.HttpResponse.BodyHandlers
import java.nio.file.Files
import java.nio.file.Path
import kotlin.time.Duration.Companion.milliseconds

/** A local OneClickDz service of its own, in a process of its own. */
class Sandbox(vararg options: String) : AutoCloseable {
    private val http = HttpClient.newHttpClient()
    private val process: Process = ProcessBuilder(System.getProperty("sandbox"), *options)
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start()

    val url: String = JSON.readTree(process.inputStream.bufferedReader().readLine())["url"].asText()

    /** `POST clock` and the like. */
    fun control(method: String, path: String, body: JsonNode? = null): JsonNode {
        val publisher = if (body == null) BodyPublishers.noBody() else BodyPublishers.ofString(body.toString())
        val request = HttpRequest.newBuilder(URI("$url/__sandbox/$path"))
            .header("Content-Type", "application/json")
            .method(method, publisher)
            .build()
        val answer = http.send(request, BodyHandlers.ofString())
        check(answer.statusCode() in 200..299) { "$method $path: ${answer.body()}" }
        return if (answer.body().isBlank()) JSON.nullNode() else JSON.readTree(answer.body())
    }

    fun faults(operation: String, fault: String) {
        control("PUT", "faults", JSON.readTree("""{"rules": [{"operation": "$operation", "fault": "$fault"}]}"""))
    }

    fun advance(seconds: Long) {
        control("POST", "clock", JSON.readTree("""{"advance_seconds": $seconds}"""))
    }

    /** How often money was taken for a reference. */
    fun chargesOf(ref: String): Int = control("GET", "ledger")["charges"].count { it["ref"].asText() == ref }

    fun requestsOf(operation: String): Int = control("GET", "ledger")["requests"][operation]?.asInt() ?: 0

    fun config(journal: String = ":memory:", watches: Boolean = true, requestsPerSecond: Int = 100_000) = ClientConfig(
        apiKey = "sandbox-key",
        baseUrl = url,
        journal = journal,
        vaultKey = VAULT_KEY,
        pollInterval = 20.milliseconds,
        requestsPerSecond = requestsPerSecond,
        watches = watches,
    )

    override fun close() {
        process.destroy()
        process.waitFor()
    }

    companion object {
        val JSON = ObjectMapper()
        const val VAULT_KEY = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

        fun folder(): Path = Files.createTempDirectory("oneclickdz-test").also { File(it.toString()).deleteOnExit() }
    }
}

/** Waits until something is so, which a busy machine may take its time for; fails after a minute. */
fun until(what: String, isSo: () -> Boolean) {
    val deadline = System.nanoTime() + 60_000_000_000
    while (!isSo()) {
        check(System.nanoTime() < deadline) { "not within a minute: $what" }
        Thread.sleep(2)
    }
}
