import com.sun.jna.Native
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
private const val STEP = 5000

/** The system's own clock of this process: the JVM's counts in hundredths of a second. */
private object Clock {
    init {
        Native.register(Clock::class.java, "c")
    }

    private external fun clock_gettime(clock: Int, into: LongArray): Int

    private const val PROCESS_CPU = 2

    fun cpuNanos(): Long = LongArray(2).also { check(clock_gettime(PROCESS_CPU, it) == 0) }.let { (s, ns) -> s * 1_000_000_000 + ns }
}

private fun cpuNanos(): Long = Clock.cpuNanos()

private fun kilobytes(of: String): Long =
    File("/proc/self/status").readLines().first { it.startsWith(of) }.filter(Char::isDigit).toLong()

/**
 * One contender, in a process of its own; prints figures, tab by tab.
 *
 * calls CONTENDER check|send CALLERS WARM URL: makes WARM requests and says `ready`; then for each number that it reads, up to the first line
 *   without one, makes so many more: microseconds of CPU per request, requests per second, peak KB.
 * settle CONTENDER check|send CALLERS REQUESTS URL: microseconds of CPU per request for each 5,000 of them, from the first on.
 * send JOURNAL ORDERS URL: sends so many for the others to follow; their ids are in JOURNAL.ids.
 * follow engine|events|okhttp JOURNAL ORDERS SECONDS URL: milliseconds of CPU per second, requests per second, KB in the live heap
 *   and outside of the heap, which must be of one size from the beginning on (-Xms -Xmx -XX:+AlwaysPreTouch).
 */
fun main(arguments: Array<String>) {
    val (what, name, first, second) = arguments
    runBlocking(Dispatchers.Default) {
        when (what) {
            "calls" -> calls(name, first, second.toInt(), arguments[4].toInt(), arguments[5])
            "settle" -> settle(name, first, second.toInt(), arguments[4].toInt(), arguments[5])
            "send" -> send(name, first.toInt(), second)
            else -> follow(name, first, second.toInt(), arguments[4].toInt(), arguments[5])
        }
    }
    exitProcess(0)
}

private class Load(name: String, private val what: String, private val callers: Int, url: String) {
    private val contender = when (name) {
        "engine" -> Engine(url, "bench-key")
        "okhttp" -> Ok(url, "bench-key", callers)
        else -> JavaHttp(url, "bench-key")
    }
    private val number = AtomicInteger()

    /** Makes so many requests; gives the microseconds of CPU for each, and how many there were in a second. */
    suspend fun run(requests: Int): Pair<Double, Double> {
        val (cpu, wall) = cpuNanos() to System.nanoTime()
        val left = AtomicInteger(if (what == "check") requests else requests / 2)
        coroutineScope {
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
        return (cpuNanos() - cpu) / 1000.0 / requests to requests * 1e9 / (System.nanoTime() - wall)
    }
}

private suspend fun calls(name: String, what: String, callers: Int, warm: Int, url: String) {
    val load = Load(name, what, callers, url)
    // In steps like those that follow: a loop that was compiled while it ran is compiled once more for its next run.
    repeat(warm / STEP) { load.run(STEP) }
    println("ready")
    while (true) {
        val requests = readlnOrNull()?.toIntOrNull() ?: return
        val (micros, rate) = load.run(requests)
        println("$micros\t$rate\t${kilobytes("VmHWM")}")
    }
}

private suspend fun settle(name: String, what: String, callers: Int, requests: Int, url: String) {
    val load = Load(name, what, callers, url)
    println(List(requests / STEP) { "%.1f".format(load.run(STEP).first) }.joinToString(" "))
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

/** Bytes that live in the heap, and that are resident outside of it. */
private fun memory(): Pair<Long, Long> {
    repeat(3) { System.gc() }
    val heap = ManagementFactory.getMemoryMXBean().heapMemoryUsage
    return heap.used to kilobytes("VmRSS") * 1024 - heap.committed
}

private fun refs(count: Int): List<String> = List(count) { "track-$it" }

/** On disk, as a shop's orders are: in memory they would be counted. */
private suspend fun send(journal: String, count: Int, url: String): Unit = coroutineScope {
    asked(url, "PATCH", "account", """{"balance": 100000000}""")
    val engine = Engine(url, "sandbox-key", watches = false, journal = journal)
    val ids = refs(count).chunked(200).flatMap { part ->
        part.map { async { engine.client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = it).id } }.awaitAll()
    }
    File("$journal.ids").writeText(ids.joinToString("\n"))
}

private suspend fun follow(name: String, journal: String, count: Int, seconds: Int, url: String): Unit = coroutineScope {
    val ids = File("$journal.ids").readLines()
    when (name) {
        "events" -> launch { Engine(url, "sandbox-key", watches = true, journal = journal).client.orders.events().collect { } }
        "engine" -> {
            val orders = Engine(url, "sandbox-key", watches = true, journal = journal).client.orders
            for (ref in refs(count)) {
                val order = orders.get(ref)
                launch { order.await(10.minutes) }
            }
        }
        else -> {
            val ok = Ok(url, "sandbox-key", 64)
            ids.forEachIndexed { index, id ->
                launch {
                    delay(index * INTERVAL_MS / count)
                    while (!ok.check(id)) delay(INTERVAL_MS)
                }
            }
        }
    }
    delay(INTERVAL_MS)
    val (cpu, asked) = cpuNanos() to requests(url)
    delay(seconds * 1000L)
    val taken = (cpuNanos() - cpu) / 1e6 / seconds
    val rate = (requests(url) - asked).toDouble() / seconds
    val (heap, outside) = memory()
    println("$taken\t$rate\t${heap / 1024.0}\t${outside / 1024.0}")
    exitProcess(0)
}
