package com.oneclickdz.examples

import com.oneclickdz.sdk.Client
import com.oneclickdz.sdk.OneClickDzException
import com.oneclickdz.sdk.Settled
import kotlin.time.Duration
import kotlin.time.Duration.Companion.minutes

/** What a background job made of the orders that an app left behind. */
enum class Handover {
    /** Nothing is left to follow. */
    DONE,

    /** Come again later: an order goes on, or there was no network. */
    LATER,
}

/**
 * Follows every order that has not ended, for as long as a background job may run (WorkManager gives ten minutes). The
 * orders are in the journal, so the job needs nothing from the screen that sent them.
 */
suspend fun followWhatIsLeft(client: Client, budget: Duration = 8.minutes): Handover = try {
    client.orders.resume()
    val open = client.orders.list().filterNot { it.isSettled }
    val share = if (open.isEmpty()) budget else budget / open.size
    val left = open.count { it.await(share) !is Settled }
    if (left == 0) Handover.DONE else Handover.LATER
} catch (failure: OneClickDzException) {
    // Without a key, or with a journal that cannot be read, trying again would change nothing.
    if (failure.isRetryable) Handover.LATER else throw failure
}
