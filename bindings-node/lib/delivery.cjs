'use strict'

const { start } = require('./calls.cjs')
const { Delivery: record } = require('./models.cjs')

const DEFAULT_WAIT_MS = 300_000

/** A message with an order's codes as it was when last looked at, with the means to follow it. */
class Delivery {
  #calls

  constructor(calls, crossed) {
    this.#calls = calls
    Object.assign(this, record(crossed))
  }

  /**
   * Follows it until its channel has taken it. Rejects with `StillPending`, which carries the delivery and its order, when
   * the time is over. Aborting ends the waiting, never the delivery.
   */
  wait(options) {
    return this.#calls.ask(
      { operation: 'delivery.wait', ref: this.ref, waits: true, moves: true },
      options,
      // The limit of the waiting, which is no call's.
      (engine, ticket, ms) => start('Delivery.wait', () => [this.id, ms ?? DEFAULT_WAIT_MS])(engine, ticket),
      (crossed) => new Delivery(this.#calls, crossed),
    )
  }
}

module.exports = { Delivery }
