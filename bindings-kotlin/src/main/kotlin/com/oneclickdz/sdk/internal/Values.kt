package com.oneclickdz.sdk

import java.math.BigDecimal
import java.math.BigInteger
import java.time.Instant

private const val MICROS = 1_000_000L

internal const val BROKEN: String = "holds half of a character (a lone surrogate): give whole text"

internal fun instantOf(microseconds: Long): Instant =
    Instant.ofEpochSecond(Math.floorDiv(microseconds, MICROS), Math.floorMod(microseconds, MICROS) * 1000)

/** Beyond what a number of microseconds can say, the farthest one: the engine refuses it with the field's name. */
internal fun microsecondsOf(instant: Instant): Long = try {
    Math.addExact(Math.multiplyExact(instant.epochSecond, MICROS), instant.nano / 1000L)
} catch (_: ArithmeticException) {
    if (instant.epochSecond > 0) Long.MAX_VALUE else Long.MIN_VALUE
}

/** The amount without any loss. */
internal fun exact(operation: String, field: String, amount: Number): BigDecimal = when (amount) {
    is BigDecimal -> amount
    is BigInteger -> BigDecimal(amount)
    is Int, is Long, is Short, is Byte -> BigDecimal.valueOf(amount.toLong())
    else -> throw refused(
        operation,
        field,
        "is a ${amount.javaClass.simpleName}, which does not hold money exactly: give an Int, a Long or a BigDecimal",
    )
}

/** UTF-8, in which texts cross, has no halves of characters. */
internal fun isBroken(text: String): Boolean {
    var index = 0
    while (index < text.length) {
        val letter = text[index]
        if (letter.isSurrogate()) {
            if (!letter.isHighSurrogate() || index + 1 == text.length || !text[index + 1].isLowSurrogate()) return true
            index++
        }
        index++
    }
    return false
}

internal fun checkText(operation: String, field: String, text: String?) {
    if (text != null && isBroken(text)) throw refused(operation, field, BROKEN)
}

internal fun refused(operation: String, field: String, rule: String): OneClickDzException =
    OneClickDzException.of(info(ErrorKind.VALIDATION, operation, "`$field` $rule", field))

internal fun misconfigured(field: String, rule: String): OneClickDzException =
    OneClickDzException.of(info(ErrorKind.CONFIG, "client.build", "`$field` $rule", field))

internal fun closed(operation: String): OneClickDzException =
    OneClickDzException.of(info(ErrorKind.CLOSED, operation, "the client was closed: build a new one"))

/** A failure found on this side of the border, before anything was sent. */
internal fun info(
    kind: ErrorKind,
    operation: String,
    detail: String,
    field: String? = null,
    advice: RetryAdvice = RetryAdvice.NEVER,
): ErrorInfo = ErrorInfo(
    kind = kind,
    outcome = Outcome.NOT_SENT,
    operation = operation,
    detail = detail,
    text = "$operation (${kind.word}): $detail",
    field = field,
    httpStatus = null,
    wireCode = null,
    requestId = null,
    orderRef = null,
    retryAfter = null,
    attemptsLeft = null,
    required = null,
    available = null,
    isEnveloped = false,
    retryAdvice = advice,
    order = null,
    delivery = null,
    context = emptyList(),
    causes = emptyList(),
)
