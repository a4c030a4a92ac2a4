package com.oneclickdz.sdk

/**
 * A text that must not be seen by accident: a card's code, a key. It prints as `[redacted]`; the only way to its content
 * is [expose], so that a search for that word finds every place where a secret is read on purpose.
 */
public class Secret(private val content: String) {
    /** The text itself. Show it to its owner; never log it, never store it in plain text. */
    public fun expose(): String = content

    override fun equals(other: Any?): Boolean = other is Secret && other.content == content

    override fun hashCode(): Int = content.hashCode()

    override fun toString(): String = "[redacted]"
}
