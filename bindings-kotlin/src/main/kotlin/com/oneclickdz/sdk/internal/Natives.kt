package com.oneclickdz.sdk

import com.sun.jna.Platform

/** The native library: loaded once, with the first call. */
internal object Natives {
    @Volatile
    var isLoaded: Boolean = false
        private set

    private var failure: Throwable? = null

    val isAndroid: Boolean get() = System.getProperty("java.vm.name") == "Dalvik"

    /** Loads it. Where it cannot be loaded, that is the same typed exception each time, with the reason and the remedy. */
    fun load() {
        if (isLoaded) return
        synchronized(this) {
            failure?.let { throw missing(it) }
            try {
                uniffiEnsureInitialized()
                Hot.ensureLoaded()
                isLoaded = true
                Logs.begin()
            } catch (error: LinkageError) {
                // A class whose loading has failed once fails differently from then on: the first reason is kept.
                failure = error
                throw missing(error)
            } catch (mismatch: RuntimeException) {
                failure = mismatch
                throw missing(mismatch)
            }
        }
    }

    private fun missing(cause: Throwable): OneClickDzException {
        val reason = generateSequence(cause) { it.cause }.last()
        val detail = "the native library for ${platform()} could not be loaded (${reason.javaClass.simpleName}: " +
            "${reason.message?.lineSequence()?.firstOrNull()}). This package has it for: ${packaged()}. On Android, " +
            "check that the app's abiFilters keep this ABI; elsewhere, that the jar is the one for this platform, or " +
            "put the library's folder into the system property jna.library.path."
        return OneClickDzException.of(info(ErrorKind.CONFIG, "client.load", detail), cause)
    }

    private fun platform(): String =
        "${System.getProperty("os.name")} on ${System.getProperty("os.arch")}" + if (isAndroid) " (Android)" else ""

    private fun packaged(): String {
        if (isAndroid) return "see jniLibs of the AAR"
        val library = System.mapLibraryName("oneclickdz_kotlin")
        val here = runCatching { Platform.RESOURCE_PREFIX }.getOrNull()
        val found = (PLATFORMS + listOfNotNull(here)).distinct().filter { platform ->
            listOf(library, "liboneclickdz_kotlin.so", "liboneclickdz_kotlin.dylib", "oneclickdz_kotlin.dll")
                .any { Natives::class.java.getResource("/$platform/$it") != null }
        }
        return found.joinToString().ifEmpty { "no platform at all" }
    }

    private val PLATFORMS = listOf(
        "linux-x86-64", "linux-aarch64", "darwin-x86-64", "darwin-aarch64", "win32-x86-64", "win32-aarch64",
    )
}
