package com.oneclickdz.examples

import android.content.Context
import androidx.work.BackoffPolicy
import androidx.work.Constraints
import androidx.work.CoroutineWorker
import androidx.work.ExistingWorkPolicy
import androidx.work.NetworkType
import androidx.work.OneTimeWorkRequestBuilder
import androidx.work.WorkManager
import androidx.work.WorkerParameters
import com.oneclickdz.sdk.Client
import com.oneclickdz.sdk.ClientConfig
import com.oneclickdz.sdk.Token
import com.oneclickdz.sdk.TokenProvider
import java.io.File
import java.time.Duration

// androidx.work is not part of this project's build: this file is source to copy and is not compiled here. What it calls,
// Handover.kt, is compiled with the tests.

/** One client for the whole app: two of one journal work too, but share neither connections nor budget. */
object Engine {
    @Volatile private var client: Client? = null

    fun of(context: Context): Client = client ?: synchronized(this) {
        client ?: Client(
            ClientConfig(
                baseUrl = "https://backend.example.com/oneclickdz",
                journal = File(context.filesDir, "oneclickdz.db").path,
                tokenProvider = TokenProvider { Token(fetchTokenFromYourBackend()) },
                appName = "my-shop/1.0",
            ),
        ).also { client = it }
    }

    // Your backend checks the user's own login and answers with a token that ends within minutes.
    private suspend fun fetchTokenFromYourBackend(): String = Backend.token()
}

/** Takes over when the app goes to the background or is killed: the orders are in the journal. */
class OrderWorker(context: Context, parameters: WorkerParameters) : CoroutineWorker(context, parameters) {
    override suspend fun doWork(): Result = when (followWhatIsLeft(Engine.of(applicationContext))) {
        Handover.DONE -> Result.success()
        Handover.LATER -> Result.retry()
    }

    companion object {
        /** Call it right after a send, and when the app starts: one job for all orders, however often it is asked for. */
        fun enqueue(context: Context) {
            val request = OneTimeWorkRequestBuilder<OrderWorker>()
                .setConstraints(Constraints.Builder().setRequiredNetworkType(NetworkType.CONNECTED).build())
                .setBackoffCriteria(BackoffPolicy.LINEAR, Duration.ofMinutes(1))
                .build()
            WorkManager.getInstance(context).enqueueUniqueWork("oneclickdz", ExistingWorkPolicy.KEEP, request)
        }
    }
}
