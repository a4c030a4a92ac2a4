package com.oneclickdz.sdk

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.ArrayNode
import com.fasterxml.jackson.databind.node.ObjectNode
import com.fasterxml.jackson.databind.node.TextNode
import com.oneclickdz.sdk.Sandbox.Companion.JSON
import java.io.File
import java.math.BigDecimal
import java.nio.file.Path
import java.time.Instant
import java.util.concurrent.ConcurrentHashMap
import java.util.concurrent.CopyOnWriteArrayList
import kotlin.time.Duration
import kotlin.time.Duration.Companion.milliseconds
import kotlin.time.Duration.Companion.seconds
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.junit.jupiter.api.AfterAll
import org.junit.jupiter.api.Assertions.assertEquals
import org.junit.jupiter.api.Assertions.assertTrue
import org.junit.jupiter.api.DynamicTest
import org.junit.jupiter.api.Test
import org.junit.jupiter.api.TestFactory
import org.junit.jupiter.api.TestInstance

/** The shared scenarios, played through this package: what every language must do alike. The rules are in their README. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenarioTest {
    private val sandbox = Sandbox("--manual-clock")
    private val files = File("../tests/scenarios").listFiles { file -> file.extension == "json" }!!.sorted()

    @AfterAll
    fun end() = sandbox.close()

    @TestFactory
    fun scenarios(): List<DynamicTest> = files.filter { it.name != UNFORCED }.map { file ->
        DynamicTest.dynamicTest(file.nameWithoutExtension) {
            sandbox.control("POST", "reset")
            val scenario = JSON.readTree(file)
            Play(sandbox, scenario["client"] ?: JSON.createObjectNode(), Sandbox.folder()).use { play ->
                scenario["steps"].forEachIndexed { index, step ->
                    runBlocking { play.step(step, "${file.name}, step ${index + 1}") }
                }
            }
        }
    }

    @Test
    fun `every word has a class of its own`() {
        val words = JSON.readTree(File("../tests/scenarios/$UNFORCED")).fieldNames().asSequence() +
            files.asSequence().flatMap { file -> JSON.readTree(file).findValues("error").mapNotNull { it["code"]?.asText() } }
        for (word in words) told(OneClickDzException.of(info(ofWord(word), "test", "test")))
    }

    private companion object {
        const val UNFORCED = "unforced_errors.json"
    }
}

/** The members of a step's `with`; each must be asked for. */
class Given(private val members: JsonNode) {
    private val left = members.fieldNames().asSequence().toMutableSet()

    fun node(name: String): JsonNode? = members[name].also { left -= name }?.takeUnless { it.isNull }

    /** Whether it is there and said to be nothing. */
    fun isNull(name: String): Boolean = (members[name]?.isNull == true).also { if (it) left -= name }

    fun text(name: String): String? = node(name)?.asText()

    fun word(name: String): String = checkNotNull(text(name)) { "$name is missing" }

    fun amount(name: String): BigDecimal? = text(name)?.let(::BigDecimal)

    fun count(name: String): Int? = node(name)?.asInt()

    fun time(name: String): Instant? = text(name)?.let(Instant::parse)

    fun seconds(name: String): Duration? = node(name)?.asDouble()?.seconds

    inline fun <reified T : Enum<T>> one(name: String): T? = text(name)?.let { ofWord<T>(it) }

    fun done() = check(left.isEmpty()) { "unknown members: $left" }
}

/** One run of one scenario. */
class Play(private val sandbox: Sandbox, private val options: JsonNode, private val folder: Path) : AutoCloseable {
    private val kept = mutableMapOf<String, JsonNode>()
    private val clients = mutableMapOf<String, Client>()
    private val opened = mutableMapOf<String, JsonNode>()
    private val received = ConcurrentHashMap<String, MutableList<JsonNode>>()

    suspend fun step(step: JsonNode, where: String) {
        step.fieldNames().forEach { check(it in MEMBERS) { "$where: unknown member $it" } }
        val expected = filled(step["expect"])
        val result = if (step.has("control")) {
            val (method, path) = step["control"].asText().split(' ')
            val parts = path.split('/').joinToString("/") { filled(TextNode(it))!!.asText() }
            sandbox.control(method, parts, filled(step["body"]))
        } else {
            try {
                told(call(step["do"].asText(), filled(step["with"]) ?: JSON.createObjectNode(), step["client"]?.asText() ?: "main"))
            } catch (error: OneClickDzException) {
                if (expected?.has("error") != true) throw AssertionError("$where: ${error.info}", error)
                JSON.createObjectNode().apply { set<JsonNode>("error", told(error)) }
            }
        }
        if (expected != null) match(result, expected, where)
        step["as"]?.let { kept[it.asText()] = result }
    }

    private fun filled(value: JsonNode?): JsonNode? = when (value) {
        is TextNode -> if (!value.asText().startsWith("$")) value else {
            val (name, members) = value.asText().drop(1).split('.').let { it.first() to it.drop(1) }
            members.fold(kept.getValue(name)) { found, member -> member.toIntOrNull()?.let(found::get) ?: found[member] }
        }
        is ArrayNode -> JSON.createArrayNode().addAll(value.map { filled(it) })
        is ObjectNode -> JSON.createObjectNode().apply { value.fields().forEach { (name, item) -> set<JsonNode>(name, filled(item)) } }
        else -> value
    }

    private fun match(found: JsonNode, expected: JsonNode, where: String) {
        when {
            expected.isTextual && expected.asText() == "*" -> assertTrue(!found.isNull, "$where is null")
            expected is ObjectNode -> expected.fields().forEach { (name, item) ->
                match(found[name] ?: JSON.nullNode(), item, "$where: $name")
            }
            expected is ArrayNode -> {
                assertEquals(expected.size(), found.size(), "$where: how many of $found")
                expected.forEachIndexed { index, item -> match(found[index], item, "$where: $index") }
            }
            expected.isNumber && found.isNumber -> assertEquals(0, expected.decimalValue().compareTo(found.decimalValue()), where)
            else -> assertEquals(expected, found, where)
        }
    }

    private suspend fun open(name: String, given: JsonNode = opened[name] ?: options): Client {
        opened[name] = given
        val of = Given(filled(given)!!)
        val client = Client(
            ClientConfig(
                apiKey = of.text("api_key") ?: "sandbox-key",
                baseUrl = of.text("base_url") ?: sandbox.url,
                journal = folder.resolve(of.text("journal") ?: "$name.db").toString(),
                vaultKey = if (of.isNull("vault_key")) null else of.text("vault_key") ?: Sandbox.VAULT_KEY,
                expect = of.one<Environment>("expect_environment"),
                timeout = of.seconds("timeout"),
                pollInterval = of.seconds("poll_interval") ?: 20.milliseconds,
                readRetries = of.count("read_retries"),
                responseLimit = of.count("response_limit"),
                requestsPerSecond = of.count("requests_per_second") ?: 1000,
                sms = of.text("sms")?.let { verdict -> sms(name, verdict) },
            ),
        )
        of.done()
        clients[name] = client
        client.ready()
        return client
    }

    /** Answers a receipt, or fails for good; remembers what it was given. */
    private fun sms(name: String, verdict: String) = SmsSettings(
        SmsCallback { message ->
            received.getOrPut(name, ::CopyOnWriteArrayList).add(JSON.createObjectNode().put("id", message.id).put("to", message.to))
            if (verdict == "taken") verdict else throw SmsRefused(verdict)
        },
    )

    private suspend fun call(verb: String, with: JsonNode, name: String): Any? {
        val client = when (verb) {
            "sms.received" -> return received[name].orEmpty()
            "client.open" -> return null.also { open(name, with) }
            "client.close" -> return null.also { clients[name]?.close() }
            "client.restart" -> return null.also { clients[name]?.close(); open(name) }
            else -> clients[name] ?: open(name)
        }
        val given = Given(with)
        return run(client, verb, given).also { given.done() }
    }

    private suspend fun run(client: Client, verb: String, of: Given): Any? = when (verb) {
        "ping" -> client.ping()
        "client.set_api_key" -> client.setApiKey(of.word("api_key"))
        "account.validate" -> client.account.validate()
        "account.balance" -> client.account.balance()
        "account.transactions" -> client.account.transactions(of.time("since"), of.time("until"), of.count("page_size")).toList()
        "mobile.plans" -> client.mobile.plans()
        "mobile.send" -> client.mobile.send(mobile(of))
        "mobile.quote" -> of.amount("max_price").let { client.mobile.quote(mobile(of), it) }
        "mobile.check_by_id" -> client.mobile.checkById(of.word("id"))
        "mobile.check_by_ref" -> client.mobile.checkByRef(of.word("ref"))
        "mobile.list" -> client.mobile.list(of.time("since"), of.time("until"), of.count("page_size")).toList()
        "internet.products" -> client.internet.products(of.one<InternetType>("type")!!)
        "internet.check_number" -> client.internet.checkNumber(of.one<InternetType>("type")!!, of.word("number"))
        "internet.send" -> client.internet.send(internet(of))
        "internet.quote" -> of.amount("max_price").let { client.internet.quote(internet(of), it) }
        "internet.check_by_id" -> client.internet.checkById(of.word("id"))
        "internet.check_by_ref" -> client.internet.checkByRef(of.word("ref"))
        "internet.list" -> client.internet.list(of.time("since"), of.time("until"), of.count("page_size")).toList()
        "gift_cards.catalog" -> client.giftCards.catalog()
        "gift_cards.product" -> client.giftCards.product(of.word("id"))
        "gift_cards.order" -> client.giftCards.order(gifts(of))
        "gift_cards.quote" -> of.amount("max_price").let { client.giftCards.quote(gifts(of), it) }
        "gift_cards.check_order" -> client.giftCards.checkOrder(of.word("id"))
        "gift_cards.list" -> client.giftCards.list(of.time("since"), of.time("until"), of.count("page_size")).toList()
        "payment_links.create" -> client.paymentLinks.create(
            PaymentLinkRequest(
                of.word("title"), of.amount("amount")!!, of.text("description"), of.one<FeeMode>("fee_mode"),
                of.text("success_text"), of.text("redirect_url"),
            ),
        )
        "payment_links.check" -> client.paymentLinks.check(of.word("payment_ref"))
        "orders.get" -> client.orders.get(of.word("ref"))
        "orders.history" -> client.orders.history(of.word("ref"))
        "orders.list" -> client.orders.list(
            OrderListRequest(
                of.one<OrderState>("state"), of.one<Service>("service"), of.time("since"), of.time("until"), of.text("after"),
                of.count("limit"),
            ),
        )
        "orders.events" -> of.count("count")!!.let { count ->
            val events = client.orders.events(of.text("after"))
            if (count == 0) emptyList() else events.take(count).toList()
        }
        "orders.ack" -> client.orders.ack(of.word("cursor"))
        "orders.resolve" ->
            client.orders.resolve(of.word("ref"), of.one<OrderState>("decision")!!, of.word("actor"), of.word("note"))
        "order.wait" -> when (val result = client.orders.get(of.word("ref")).await(of.seconds("timeout")!!)) {
            is Settled -> result.order
            // What other languages raise, `await` gives back.
            is StillPending -> throw OneClickDzException.of(result.info)
        }
        "cards.reveal" -> client.cards.reveal(
            RevealRequest(
                of.word("ref"), of.text("owner"), of.text("actor"), of.text("reason"), of.text("address"), of.text("agent"),
            ),
        )
        "cards.purge" -> client.cards.purge(of.time("older_than")!!, of.text("actor"), of.text("reason"))
        "cards.import" -> client.cards.import(imported(of))
        "cards.rekey" -> client.cards.rekey()
        "audit.verify" -> client.audit.verify(of.text("head"))
        "audit.entries" -> client.audit.entries(of.text("after")).toList()
        "delivery.deliver" -> client.delivery.deliver(
            DeliveryRequest(
                of.word("ref"), of.one<DeliveryChannel>("channel")!!, of.word("to"), of.one<Language>("language")!!, of.text("owner"),
                of.text("actor"), of.text("title"), of.text("again"), of.text("address"), of.text("agent"),
            ),
        )
        "delivery.get" -> client.delivery.get(of.word("id"))
        "delivery.list" -> client.delivery.list(of.word("ref"))
        "delivery.wait" -> client.delivery.get(of.word("id")).await(of.seconds("timeout")!!)
        else -> error("unknown verb $verb")
    }

    private fun mobile(of: Given) = MobileRequest(
        of.word("plan_code"), of.word("number"), of.amount("amount"), of.text("ref"), of.text("owner"), of.time("send_before"),
    )

    private fun internet(of: Given) = InternetRequest(
        of.one<InternetType>("type")!!, of.word("number"), of.amount("value")!!, of.text("ref"), of.text("owner"),
        of.time("send_before"),
    )

    private fun gifts(of: Given) = GiftCardRequest(
        of.word("product_id"), of.word("type_id"), of.count("quantity")!!, of.text("ref"), of.text("owner"), of.time("send_before"),
    )

    private fun imported(of: Given) = ImportRequest(
        of.word("ref"), of.word("iv"), of.word("encrypted_data"), of.word("auth_tag"), of.one<InternetType>("type")!!,
        of.word("number"), of.amount("value")!!, of.text("id"), of.text("owner"), of.text("transaction_number"),
        of.text("processed_at_text"), of.time("fulfilled_at"), of.text("actor"),
    )

    override fun close() = clients.values.forEach(Client::close)

    private companion object {
        val MEMBERS = setOf("do", "with", "client", "control", "body", "as", "expect")
    }
}
