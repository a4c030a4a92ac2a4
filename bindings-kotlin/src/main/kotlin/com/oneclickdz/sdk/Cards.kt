package com.oneclickdz.sdk

import java.time.Instant
import kotlinx.coroutines.flow.Flow

/** The codes of internet cards and gift cards, which lie sealed in the journal. */
public class Cards internal constructor(private val calls: Calls) {
    /**
     * Opens an order's cards for somebody who may see them. The audit entry is on disk before this returns, each call is an
     * entry of its own, and all cards are opened or none.
     *
     * @param ref the order's reference.
     * @param owner the user of your shop who asks; must be the order's owner where it has one.
     * @param actor who looks: a user, a clerk, a program. The owner when absent; one of the two is needed.
     * @param reason why, for the audit log.
     * @param address the network address of the one who looks, for the audit log.
     * @param agent the program of the one who looks, for the audit log.
     * @throws OneClickDzException.OrderNotFound for no such order and for another owner's alike,
     *   [OneClickDzException.OrderNotReady] for one without cards, [OneClickDzException.AlreadyPurged],
     *   [OneClickDzException.VaultKeyMissing], [OneClickDzException.VaultKeyLost], [OneClickDzException.VaultTampered],
     *   [OneClickDzException.VaultUnavailable].
     */
    @JvmOverloads
    public suspend fun reveal(
        ref: String,
        owner: String? = null,
        actor: String? = null,
        reason: String? = null,
        address: String? = null,
        agent: String? = null,
    ): List<Card> = reveal(RevealRequest(ref, owner, actor, reason, address, agent))

    /** The same for a request that was made before. */
    public suspend fun reveal(request: RevealRequest): List<Card> = calls.ask<Answer.Cards>("cards.reveal", request.ref) {
        request.checkTexts("cards.reveal")
        Call.Reveal(request)
    }.value

    /** Destroys the codes of orders that were last revealed or delivered before an instant. History and audit stay. */
    @JvmOverloads
    public suspend fun purge(olderThan: Instant, actor: String? = null, reason: String? = null): PurgeReport {
        val request = PurgeRequest(olderThan, actor, reason)
        return calls.ask<Answer.OnePurgeReport>("cards.purge") {
            request.checkTexts("cards.purge")
            Call.Purge(request)
        }.value
    }

    /** Seals everything with the newest key, so that the older ones can be given up when nothing is unreadable. */
    public suspend fun rekey(): RekeyReport = calls.ask<Answer.OneRekeyReport>("cards.rekey") { Call.Rekey }.value

    /** Takes over an internet card that another program kept as the service's documentation shows, sealing it anew. */
    public suspend fun import(request: ImportRequest): ImportReport =
        calls.ask<Answer.OneImportReport>("cards.import", request.ref) {
            request.checkTexts("cards.import")
            Call.Import(request)
        }.value
}

/** The audit log: read and verified; never changed. */
public class Audit internal constructor(private val calls: Calls) {
    /**
     * Follows the chain from its first entry; with [head], which an earlier report gave and which was kept elsewhere, the
     * chain must lead over it. A broken chain is not an exception but what the report says.
     */
    @JvmOverloads
    public suspend fun verify(head: String? = null): AuditReport = calls.ask<Answer.OneAuditReport>("audit.verify") {
        checkText("audit.verify", "head", head)
        Call.VerifyAudit(head)
    }.value

    /** The entries [after] a cursor, or from the first, up to the log's end. */
    @JvmOverloads
    public fun entries(after: String? = null): Flow<AuditEntry> =
        calls.stream<Answer.AuditEntries, AuditEntry>("audit.entries", { it.value }) {
            checkText("audit.entries", "after", after)
            Stream.Audit(after)
        }

    /** Writes all entries as lines of JSON, each with the hashes that chain it to the one before it; gives how many. */
    public suspend fun export(to: Appendable): Int {
        var count = 0
        calls.stream<Answer.Lines, String>("audit.export", { it.value }) { Stream.AuditLines }.collect {
            to.append(it).append('\n')
            count++
        }
        return count
    }
}
