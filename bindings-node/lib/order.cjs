'use strict'

const { start, stream } = require('./calls.cjs')
const { settled, Order: record } = require('./models.cjs')
const { Stream } = require('./stream.cjs')

const DEFAULT_WAIT_MS = 300_000

/** An order as it was when last looked at, with the means to follow it. */
class Order {
  #calls

  constructor(calls, fields) {
    this.#calls = calls
    Object.assign(this, fields)
  }

  /** Whether the order has reached its end. */
  get isSettled() {
    return settled.includes(this.state)
  }

  /** Follows the order to its end, or rejects with `StillPending`, which carries the order. Aborting ends the waiting. */
  wait(options) {
    const operation = 'orders.wait'
    return this.#calls.ask(
      { operation, ref: this.ref, waits: true, moves: true },
      options,
      // The limit of the waiting, which is no call's.
      (engine, ticket, ms) => start('Order.wait', () => [this.ref, ms ?? DEFAULT_WAIT_MS])(engine, ticket),
      (crossed) => new Order(this.#calls, record(crossed)),
    )
  }

  /** The order's changes from here on, up to its end. */
  updates(options) {
    return new Stream(
      this.#calls,
      { operation: 'orders.updates', ref: this.ref },
      options,
      (engine) => stream('Order.updates', () => [this.ref, this.state, this.status, this.id])(engine),
      (crossed) => new Order(this.#calls, record(crossed)),
    )
  }

  /** The order as the journal has it now, without asking the service. */
  refresh(options) {
    return this.#calls.ask(
      { operation: 'orders.get', ref: this.ref },
      options,
      start('Orders.get', () => [this.ref]),
      (crossed) => new Order(this.#calls, record(crossed)),
    )
  }
}

module.exports = { Order }
