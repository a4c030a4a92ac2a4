'use strict'

const { Calls, listen, start } = require('./calls.cjs')
const check = require('./check.cjs')
const { Delivery } = require('./delivery.cjs')
const { dismiss, hired } = require('./errands.cjs')
const { fromEngine, invalid, misconfigured } = require('./errors.cjs')
const models = require('./models.cjs')
const { native } = require('./load.cjs')
const { Order } = require('./order.cjs')
const services = require('./services.cjs')
const { crossing, settings } = require('./settings.cjs')

const LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace']

/** One account of the service. */
class Client {
  #calls
  #hired

  constructor(options) {
    const [checked, numbers] = hired(settings(options))
    this.#hired = numbers
    try {
      this.#calls = new Calls((inbox) => opened(inbox, crossing(checked)), {
        order: (crossed) => new Order(this.#calls, models.Order(crossed)),
        delivery: (crossed) => new Delivery(this.#calls, crossed),
      })
    } catch (cause) {
      dismiss(numbers)
      throw cause
    }
    const areas = {
      account: new services.Account(this.#calls),
      mobile: new services.Mobile(this.#calls),
      internet: new services.Internet(this.#calls),
      giftCards: new services.GiftCards(this.#calls),
      paymentLinks: new services.PaymentLinks(this.#calls),
      orders: new services.Orders(this.#calls),
      cards: new services.Cards(this.#calls),
      audit: new services.Audit(this.#calls),
      delivery: new services.Courier(this.#calls),
    }
    for (const [name, value] of Object.entries(areas)) Object.defineProperty(this, name, { value, enumerable: true })
  }

  /** The service's health. Needs no key and sends none. */
  ping(options) {
    return this.#calls.ask({ operation: 'ping' }, options, start('Client.ping', () => []), models.Health)
  }

  /** The journal against the service's books. */
  reconcile(window, options) {
    return this.orders.reconcile(window, options)
  }

  /** Changes the key, after a rotation or after the old one was refused. */
  setApiKey(key) {
    const operation = 'client.set_api_key'
    this.#calls.now(operation, (engine) => engine.setApiKey(check.text(operation, 'apiKey', key)))
  }

  /** Ends the client: later calls fail with `closed`, waits end now, sends and reads come to their end. */
  async close() {
    await this.#calls.close()
    dismiss(this.#hired)
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.close()
  }
}

function opened(inbox, settings) {
  let engine
  try {
    engine = native.open(inbox, settings)
  } catch (cause) {
    const [field, rule] = String(cause?.message).split('\n')
    if (cause?.code !== 'InvalidArg' || rule === undefined) throw misconfigured('options', 'cannot be read', cause)
    throw misconfigured(field, rule)
  }
  if (Array.isArray(engine)) throw fromEngine(engine[0])
  return engine
}

/** Gives the engine's log lines to `logger`, from `level` on; `null` ends it. One logger per thread. */
function setLogger(logger, level = 'warn') {
  if (logger !== null && typeof logger !== 'function') {
    throw invalid('setLogger', 'logger', `is ${check.kindOf(logger)}: give a function, or null`)
  }
  if (!LEVELS.includes(level)) throw invalid('setLogger', 'level', `is not known: give one of ${LEVELS.join(', ')}`)
  // A broken logger must not break the calls that are logged.
  const warn = (cause) => process.emitWarning(`the logger given to oneclickdz threw: ${cause?.message}`)
  const tell = ([word, message, [operation, fields]]) => {
    // Lines that were on their way when it was taken back.
    if (logger === null) return
    try {
      const told = logger({ level: word.toLowerCase(), message, operation, fields: Object.fromEntries(fields) })
      if (typeof told?.then === 'function') told.then(undefined, warn)
    } catch (cause) {
      warn(cause)
    }
  }
  listen(tell, logger === null ? 0 : LEVELS.indexOf(level))
}

/** A reference that no other call makes: `prefix-<seconds>-<12 random signs>`. */
function makeRef(prefix) {
  return native.makeRef(check.text('makeRef', 'prefix', prefix))
}

module.exports = { Client, setLogger, makeRef }
