import com.oneclickdz.sdk.Client
import com.oneclickdz.sdk.ClientConfig
import com.oneclickdz.sdk.DeliveryChannel
import com.oneclickdz.sdk.Language
import com.oneclickdz.sdk.LogLevel
import com.oneclickdz.sdk.OneClickDzException
import com.oneclickdz.sdk.Secret
import com.oneclickdz.sdk.Settled
import com.oneclickdz.sdk.SmsCallback
import com.oneclickdz.sdk.SmsSettings
import com.oneclickdz.sdk.VaultKeyProvider
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.runBlocking

/** Touches each way over the border: a call, an object, a sequence, an error, callbacks, the log. */
fun main() = runBlocking {
    val keys = VaultKeyProvider { listOf(Secret("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")) }
    val sms = SmsSettings(SmsCallback { message -> "gateway-${message.id}" })
    Client.setLogger({ println(it.text) }, LogLevel.DEBUG)
    Client(ClientConfig(journal = ":memory:", vaultKeyProvider = keys, sms = sms)).use { client ->
        val order = client.mobile.send("PREPAID_DJEZZY", "0778037340", 500)
        check(order.await(60.seconds) is Settled)
        order.updates().collect { println(it.state) }
        val cards = client.internet.send(com.oneclickdz.sdk.InternetType.ADSL, "036362608", 1000)
        check(cards.await(60.seconds) is Settled)
        check(client.cards.reveal(cards.ref, actor = "r8").single().code.expose().isNotEmpty())
        val message = client.delivery.deliver(cards.ref, DeliveryChannel.SMS, "0770123456", Language.ARABIC, actor = "r8")
        check(message.await(60.seconds).receipt!!.startsWith("gateway-"))
        try {
            client.mobile.send("PREPAID_DJEZZY", "nonsense", 500)
            error("a bad number was sent")
        } catch (refused: OneClickDzException.InvalidNumber) {
            println(refused.code)
        }
    }
    println("R8: the small program works")
}
