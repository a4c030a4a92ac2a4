import com.oneclickdz.sdk.Client
import com.oneclickdz.sdk.ClientConfig
import com.oneclickdz.sdk.RemoteState
import java.io.IOException
import java.net.URI
import java.net.http.HttpClient
import java.net.http.HttpRequest
import java.net.http.HttpResponse.BodyHandlers
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.future.await
import kotlinx.coroutines.suspendCancellableCoroutine
import kotlinx.serialization.SerialName
import kotlinx.serialization.Serializable
import kotlinx.serialization.json.Json
import okhttp3.Call
import okhttp3.Callback
import okhttp3.ConnectionPool
import okhttp3.Dispatcher
import okhttp3.MediaType.Companion.toMediaType
import okhttp3.OkHttpClient
import okhttp3.Request
import okhttp3.RequestBody.Companion.toRequestBody
import okhttp3.Response

/** One way of making the measured calls. */
interface Contender : AutoCloseable {
    /** Sends a top-up and gives its id. */
    suspend fun send(ref: String): String

    /** Asks how a top-up stands; fails when it is not this one. Says whether it has ended. */
    suspend fun check(id: String): Boolean

    override fun close() = Unit
}

const val KEY_HEADER = "X-Access-Token"

@Serializable
data class SendBody(
    @SerialName("plan_code") val planCode: String,
    @SerialName("MSSIDN") val number: String,
    val amount: Int,
    val ref: String,
)

@Serializable
data class Sent(val topupId: String, val topupRef: String? = null)

@Serializable
data class Topup(
    @SerialName("_id") val id: String,
    val status: String,
    val ref: String? = null,
    @SerialName("plan_code") val planCode: String? = null,
    @SerialName("MSSIDN") val number: String? = null,
    @SerialName("topup_amount") val amount: Double? = null,
    @SerialName("charged_amount") val charged: Double? = null,
    @SerialName("created_at") val createdAt: String? = null,
)

@Serializable
data class Envelope<T>(val success: Boolean, val data: T? = null)

val JSON: Json = Json { ignoreUnknownKeys = true }

fun body(ref: String): String = JSON.encodeToString(SendBody.serializer(), SendBody("PREPAID_DJEZZY", "0778037340", 500, ref))

fun sent(text: String): String = checkNotNull(JSON.decodeFromString(Envelope.serializer(Sent.serializer()), text).data).topupId

fun ended(text: String, id: String): Boolean {
    val topup = checkNotNull(JSON.decodeFromString(Envelope.serializer(Topup.serializer()), text).data)
    check(topup.id == id)
    return topup.status == "FULFILLED" || topup.status == "REFUNDED"
}

class Engine(url: String, key: String, watches: Boolean = false, journal: String = ":memory:") : Contender {
    val client: Client = Client(
        ClientConfig(apiKey = key, baseUrl = url, journal = journal, requestsPerSecond = 1_000_000, watches = watches),
    )

    override suspend fun send(ref: String): String =
        checkNotNull(client.mobile.send("PREPAID_DJEZZY", "0778037340", 500, ref = ref).id)

    override suspend fun check(id: String): Boolean {
        val topup = client.mobile.checkById(id)
        check(topup.id == id)
        return topup.state == RemoteState.SUCCEEDED || topup.state == RemoteState.REFUNDED
    }

    override fun close() = client.close()
}

/** OkHttp as coroutines use it, with as many connections as there are callers. */
class Ok(private val url: String, private val key: String, callers: Int) : Contender {
    private val client = OkHttpClient.Builder()
        .dispatcher(Dispatcher().apply { maxRequests = callers; maxRequestsPerHost = callers })
        .connectionPool(ConnectionPool(callers, 5, java.util.concurrent.TimeUnit.MINUTES))
        .build()
    private val json = "application/json".toMediaType()

    private suspend fun text(request: Request): String = suspendCancellableCoroutine { caller ->
        val call = client.newCall(request)
        caller.invokeOnCancellation { call.cancel() }
        call.enqueue(object : Callback {
            override fun onFailure(call: Call, e: IOException) = caller.resumeWithException(e)

            override fun onResponse(call: Call, response: Response) = response.use {
                if (it.isSuccessful) caller.resume(it.body!!.string()) else caller.resumeWithException(IOException("HTTP ${it.code}"))
            }
        })
    }

    override suspend fun send(ref: String): String =
        sent(text(Request.Builder().url("$url/v3/mobile/send").header(KEY_HEADER, key).post(body(ref).toRequestBody(json)).build()))

    override suspend fun check(id: String): Boolean =
        ended(text(Request.Builder().url("$url/v3/mobile/check-id/$id").header(KEY_HEADER, key).build()), id)

    override fun close() {
        client.dispatcher.executorService.shutdown()
        client.connectionPool.evictAll()
    }
}

class JavaHttp(private val url: String, private val key: String) : Contender {
    private val client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()

    private suspend fun text(request: HttpRequest): String {
        val response = client.sendAsync(request, BodyHandlers.ofString()).await()
        return if (response.statusCode() == 200) response.body() else throw IOException("HTTP ${response.statusCode()}")
    }

    override suspend fun send(ref: String): String {
        val request = HttpRequest.newBuilder(URI("$url/v3/mobile/send")).header(KEY_HEADER, key)
            .header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body(ref)))
        return sent(text(request.build()))
    }

    override suspend fun check(id: String): Boolean =
        ended(text(HttpRequest.newBuilder(URI("$url/v3/mobile/check-id/$id")).header(KEY_HEADER, key).build()), id)
}
