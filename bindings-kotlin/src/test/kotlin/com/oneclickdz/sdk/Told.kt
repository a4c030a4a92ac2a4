package com.oneclickdz.sdk

import com.fasterxml.jackson.databind.JsonNode
import com.fasterxml.jackson.databind.node.JsonNodeFactory
import java.lang.reflect.Modifier
import java.math.BigDecimal
import java.time.Instant

/** What a result is to a scenario: plain data, names in snake_case, secrets as printing shows them. */
fun told(value: Any?): JsonNode {
    val json = JsonNodeFactory.instance
    return when (value) {
        null, is Unit -> json.nullNode()
        is Boolean -> json.booleanNode(value)
        is Int -> json.numberNode(value)
        is String -> json.textNode(value)
        is Enum<*> -> json.textNode(wordOf(value))
        is BigDecimal -> json.textNode(if (value.signum() == 0) "0" else value.stripTrailingZeros().toPlainString())
        is Instant, is Secret -> json.textNode(value.toString())
        is Order -> told(value.snapshot)
        is Delivery -> told(value.snapshot)
        is JsonNode -> value
        is List<*> -> json.arrayNode().apply { value.forEach { add(told(it)) } }
        else -> json.objectNode().apply {
            value.javaClass.declaredFields.filterNot { Modifier.isStatic(it.modifiers) }.forEach { field ->
                field.isAccessible = true
                set<JsonNode>(snake(field.name), told(field.get(value)))
            }
        }
    }
}

fun wordOf(value: Enum<*>): String =
    Class.forName("com.oneclickdz.sdk.WordsKt").getMethod("getWord", value.javaClass).invoke(null, value) as String

/** The value of a word, such as `four_g`. */
inline fun <reified T : Enum<T>> ofWord(word: String): T = enumValues<T>().first { wordOf(it) == word }

fun snake(name: String): String = name.replace(Regex("[A-Z]")) { "_" + it.value.lowercase() }

fun told(error: OneClickDzException): JsonNode {
    val info = error.info
    val expected = "com.oneclickdz.sdk.OneClickDzException\$" + error.code.split('_').joinToString("") {
        it.replaceFirstChar(Char::uppercase)
    }
    check(error.javaClass.name == expected) { "${error.code} is a ${error.javaClass.name}" }
    return JsonNodeFactory.instance.objectNode().apply {
        mapOf(
            "code" to error.code,
            "outcome" to info.outcome,
            "operation" to info.operation,
            "field" to info.field,
            "http_status" to info.httpStatus,
            "wire_code" to info.wireCode,
            "ref" to info.orderRef,
            "attempts_left" to info.attemptsLeft,
            "required" to info.required,
            "available" to info.available,
            "retry_advice" to info.retryAdvice,
            "is_retryable" to error.isRetryable,
            "order" to info.order,
        ).forEach { (name, value) -> set<JsonNode>(name, told(value)) }
    }
}
