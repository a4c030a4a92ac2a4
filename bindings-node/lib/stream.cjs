'use strict'

const { classes } = require('./errors.cjs')

/**
 * What comes bit by bit, for `for await`. Nothing is asked before the first `next()`, so that a bad argument rejects
 * there. Leaving the loop ends the waiting; calling `next()` several times at once keeps their order.
 */
class Stream {
  #calls
  #call
  #given
  #open
  #decode
  #flow
  #ready = []
  #isDone = false
  #busy = null
  #leave = new AbortController()

  constructor(calls, call, given, open, decode) {
    this.#calls = calls
    this.#call = { ...call, waits: true }
    this.#given = given
    this.#open = open
    this.#decode = decode
  }

  async next() {
    while (this.#busy !== null) await this.#busy
    if (this.#ready.length === 0 && !this.#isDone) {
      let free
      this.#busy = new Promise((resolve) => (free = resolve))
      try {
        await this.#fetch()
      } finally {
        this.#busy = null
        free()
      }
    }
    if (this.#ready.length > 0) return { value: this.#ready.shift(), done: false }
    return { value: undefined, done: true }
  }

  async #fetch() {
    let items
    try {
      items = await this.#calls.ask(
        this.#call,
        this.#given,
        (engine, ticket, timeoutMs, options) => {
          if (this.#flow === undefined) this.#flow = this.#open(engine, timeoutMs, options)
          this.#flow.next(ticket)
        },
        undefined,
        this.#leave.signal,
      )
    } catch (cause) {
      if (this.#leave.signal.aborted && cause instanceof classes.AbortedError) return
      throw cause
    }
    if (items === null) this.#isDone = true
    else this.#ready = items.map(this.#decode)
  }

  /** Ends it, also while a `next()` waits. */
  async return(value) {
    this.#isDone = true
    this.#ready = []
    this.#leave.abort()
    return { value, done: true }
  }

  [Symbol.asyncIterator]() {
    return this
  }

  async [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    await this.return()
  }
}

module.exports = { Stream }
