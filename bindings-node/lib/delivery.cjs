'use strict'

const { start } = require('./calls.cjs')
const { classes } = require('./errors.cjs')
const { Delivery: record, Order: orderRecord } = require('./models.cjs')
const { Order } = require('./order.cjs')

const DEFAULT_WAIT_MS = 300_000

/** A message with an order's codes as it was when last looked at, with the means to follow it. */
class Delivery {
  #calls

  constructor(calls, crossed) {
    this.#calls = calls
    Object.assign(this, record(crossed))
  }

  /** Follows it until its channel has taken it. Aborting ends the waiting, never the delivery. */
  wait(options) {
    const delivery = this.#calls.ask(
      { operation: 'delivery.wait', waits: true, moves: true },
      options,
      // The limit of the waiting, which is no call's.
      (engine, ticket, ms) => start('Delivery.wait', () => [this.id, ms ?? DEFAULT_WAIT_MS])(engine, ticket),
      (crossed) => new Delivery(this.#calls, crossed),
    )
    return delivery.catch(async (error) => {
      if (error instanceof classes.StillPending) await this.#tell(error)
      throw error
    })
  }

  /** What goes on: the message as it stands, and the order whose codes are in it. */
  async #tell(pending) {
    const read = (operation, name, key, decode) => this.#calls.ask({ operation }, undefined, start(name, () => [key]), decode)
    pending.delivery = await read('delivery.get', 'Courier.get', this.id, (crossed) => new Delivery(this.#calls, crossed))
    const order = (crossed) => new Order(this.#calls, orderRecord(crossed))
    pending.order = await read('orders.get', 'Orders.get', this.ref, order)
  }
}

module.exports = { Delivery }
