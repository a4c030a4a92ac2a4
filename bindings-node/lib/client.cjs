'use strict'

const { Calls, listen } = require('./calls.cjs')
const check = require('./check.cjs')
const { camel, classes, fromEngine, invalid, misconfigured } = require('./errors.cjs')
const models = require('./models.cjs')
const { native } = require('./load.cjs')
const { Order } = require('./order.cjs')
const services = require('./services.cjs')

const LARGEST = 0xffffffff

/** The settings and their types. What they mean is told in index.d.ts, whether they make sense says the engine. */
const SETTINGS = {
  apiKey: 'text',
  baseUrl: 'text',
  journal: 'text',
  vaultKey: 'texts',
  expect: 'text',
  timeoutMs: 'count',
  connectTimeoutMs: 'count',
  readTimeoutMs: 'count',
  pollIntervalMs: 'count',
  leaseMs: 'count',
  plansMaxAgeMs: 'count',
  maxRetryAfterMs: 'count',
  readRetries: 'count',
  requestsPerSecond: 'count',
  responseLimit: 'count',
  watches: 'switch',
  sendsFixedAmount: 'switch',
  giftCardPaths: 'text',
  proxy: 'text',
  extraRoots: 'texts',
  appName: 'text',
}

const LEVELS = ['off', 'error', 'warn', 'info', 'debug', 'trace']

function settings(given) {
  if (given === undefined) return {}
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw misconfigured('options', `is ${check.kindOf(given)}: give an object such as { apiKey, journal }`)
  }
  const checked = {}
  try {
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(SETTINGS, name)) {
        throw misconfigured(name, `is not a setting: there are ${Object.keys(SETTINGS).join(', ')}`)
      }
      const value = given[name]
      if (value !== undefined) checked[name] = setting(name, SETTINGS[name], value)
    }
  } catch (cause) {
    if (cause instanceof classes.OneClickDzError) throw cause
    throw misconfigured('options', 'cannot be read: one of its properties throws', cause)
  }
  return checked
}

function setting(name, type, value) {
  // Never the value itself: it could be a key.
  const wrong = (rule) => misconfigured(name, `is ${check.kindOf(value)}: give ${rule}`)
  switch (type) {
    case 'text':
      if (typeof value !== 'string') throw wrong('text')
      if (!value.isWellFormed()) throw misconfigured(name, 'holds half of a character (a lone surrogate): give whole text')
      return value
    case 'texts':
      if (typeof value === 'string') return [setting(name, 'text', value)]
      if (!Array.isArray(value)) throw wrong('text in PEM form, or an array of such texts')
      return value.map((each) => setting(name, 'text', each))
    case 'switch':
      if (typeof value !== 'boolean') throw wrong('true or false')
      return value
    default:
      if (!Number.isSafeInteger(value) || value < 0 || value > LARGEST) {
        throw misconfigured(name, `is not a whole number from 0 to ${LARGEST}: give one`)
      }
      return value
  }
}

/** One account of the service. */
class Client {
  #calls

  constructor(options) {
    const checked = settings(options)
    const open = (inbox) => {
      let engine
      try {
        engine = native.open(inbox, checked)
      } catch (cause) {
        const [field, rule] = String(cause?.message).split('\n')
        if (cause?.code !== 'InvalidArg' || rule === undefined) throw misconfigured('options', 'cannot be read', cause)
        throw misconfigured(camel(field), rule)
      }
      if (Array.isArray(engine)) throw fromEngine(engine[0])
      return engine
    }
    this.#calls = new Calls(open, (order) => new Order(this.#calls, order))
    const areas = {
      account: new services.Account(this.#calls),
      mobile: new services.Mobile(this.#calls),
      internet: new services.Internet(this.#calls),
      giftCards: new services.GiftCards(this.#calls),
      paymentLinks: new services.PaymentLinks(this.#calls),
      orders: new services.Orders(this.#calls),
      cards: new services.Cards(this.#calls),
      audit: new services.Audit(this.#calls),
    }
    for (const [name, value] of Object.entries(areas)) Object.defineProperty(this, name, { value, enumerable: true })
  }

  /** The service's health. Needs no key and sends none. */
  ping(options) {
    return this.#calls.ask({ operation: 'ping' }, options, (engine, ticket, ms) => engine.ping(ticket, ms), models.Health)
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
  close() {
    return this.#calls.close()
  }

  [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]() {
    return this.close()
  }
}

/** Gives the engine's log lines to `logger`, from `level` on; `null` ends it. One logger per thread. */
function setLogger(logger, level = 'warn') {
  if (logger !== null && typeof logger !== 'function') {
    throw invalid('setLogger', 'logger', `is ${check.kindOf(logger)}: give a function, or null`)
  }
  if (!LEVELS.includes(level)) throw invalid('setLogger', 'level', `is not known: give one of ${LEVELS.join(', ')}`)
  const tell = ([word, message, [operation, fields]]) => {
    try {
      logger({ level: word.toLowerCase(), message, operation, fields: Object.fromEntries(fields) })
    } catch (cause) {
      // A broken logger must not break the calls that are logged.
      process.emitWarning(`the logger given to oneclickdz threw: ${cause?.message}`)
    }
  }
  listen(tell, logger === null ? 0 : LEVELS.indexOf(level))
}

/** A reference that no other call makes: `prefix-<seconds>-<12 random signs>`. */
function makeRef(prefix) {
  return native.makeRef(check.text('makeRef', 'prefix', prefix))
}

module.exports = { Client, setLogger, makeRef }
