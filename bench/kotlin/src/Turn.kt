import com.sun.management.OperatingSystemMXBean
import java.io.File
import java.lang.management.ManagementFactory
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import java.util.concurrent.atomic.AtomicInteger
import kotlin.system.exitProcess
import kotlin.time.Duration.Companion.minutes
import kotlinx.coroutines.Dispatchers
import kotlinx.coroutines.async
import kotlinx.coroutines.awaitAll
import kotlinx.coroutines.coroutineScope
import kotlinx.coroutines.delay
import kotlinx.coroutines.launch
import kotlinx.coroutines.runBlocking

private const val KNOWN_ID = "6901616fe9e88196b4eb64b0"
private const val INTERVAL_MS = 5000L

private fun cpuNanos(): Long = (ManagementFactory.getOperatingSystemMXBean() as OperatingSystemMXBean).processCpuTime

private fun kilobytes(of: String): Long =
    File("/proc/self/status").readLines().first { it.startsWith(of) }.filter(Char::isDigit).toLong()

/**
 * One turn, in a process of its own; prints figures, tab by tab.
 *
 * calls CONTENDER check|send CALLERS REQUESTS URL: microseconds of CPU per request, requests per second, peak KB.
 * track engine|events|okhttp ORDERS SECONDS URL: milliseconds of CPU per second, requests per second, KB per order.
 */
fun main(arguments: Array<String>) {
    val (what, name, first, second, third) = arguments
    runBlocking(Dispatchers.Default) {
        when (what) {
            "calls" -> calls(name, first, second.toInt(), third.toInt(), arguments[5])
            else -> track(name, first.toInt(), second.toInt(), third)
        }
    }
    exitProcess(0)
}

private suspend fun calls(name: String, what: String, callers: Int, requests: Int, url: String) {
    val contender = when (name) {
        "engine" -> Engine(url, "bench-key")
        "okhttp" -> Ok(url, "bench-key", callers)
        else -> JavaHttp(url, "bench-key")
    }
    val number = AtomicInteger()
    suspend fun run(requests: Int) = coroutineScope {
        val left = AtomicInteger(if (what == "check") requests else requests / 2)
        repeat(callers) {
            launch {
                while (left.decrementAndGet() >= 0) {
                    when (what) {
                        "check" -> contender.check(KNOWN_ID)
                        else -> contender.check(contender.send("bench-order-${number.incrementAndGet()}"))
                    }
                }
            }
        }
    }
    // Warm: what is measured is the compiled program.
    run(requests)
    run(requests)
    val (cpu, wall) = cpuNanos() to System.nanoTime()
    run(requests)
    val (cpuTaken, wallTaken) = cpuNanos() - cpu to System.nanoTime() - wall
    println("${cpuTaken / 1000.0 / requests}\t${requests * 1e9 / wallTaken}\t${kilobytes("VmHWM")}")
}

private val control = HttpClient.newHttpClient()

private fun asked(url: String, method: String, path: String, body: String?): String {
    val publisher = body?.let(HttpRequest.BodyPublishers::ofString) ?: HttpRequest.BodyPublishers.noBody()
    val request = HttpRequest.newBuilder(URI("$url/__sandbox/$path")).header("Content-Type", "application/json").method(method, publisher)
    val answer = control.send(request.build(), BodyHandlers.ofString())
    check(answer.statusCode() == 200) { answer.body() }
    return answer.body()
}

private fun requests(url: String): Long {
    val counts = asked(url, "GET", "ledger", null).substringAfter("\"requests\":{").substringBefore('}')
    return counts.split(',').sumOf { it.substringAfter(':').trim().toLong() }
}

private suspend fun track(name: String, count: Int, seconds: Int, url: String): Unit = coroutineScope {
    val watches = name != "okhttp"
    asked(url, "PATCH", "account", """{"balance": 100000000}""")
    // All orders are sent by the engine, so that both ways begin with the same ones; the loops know only their ids.
    val engine = Engine(url, "sandbox-key", watches)
    val orders = (0 until count).chunked(200).flatMap { part ->
        part.map { async { engine.client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = "track-$it") } }.awaitAll()
    }
    repeat(3) { System.gc() }
    val (cpu, memory, before) = Triple(cpuNanos(), kilobytes("VmRSS"), requests(url))
    val ok = Ok(url, "sandbox-key", 64)
    when (name) {
        "events" -> launch { engine.client.orders.events().collect { } }
        "engine" -> orders.forEach { order -> launch { order.await(10.minutes) } }
        else -> orders.forEachIndexed { index, order ->
            launch {
                delay(index * INTERVAL_MS / count)
                while (!ok.check(order.id!!)) delay(INTERVAL_MS)
            }
        }
    }
    delay(seconds * 1000L)
    val taken = (cpuNanos() - cpu) / 1e6 / seconds
    val grown = (kilobytes("VmRSS") - memory).toDouble() / count
    println("$taken\t${(requests(url) - before).toDouble() / seconds}\t$grown")
    exitProcess(0)
}
