'use strict'

// How a call becomes a promise. The engine puts results into an inbox and rings once; all that is there is taken in one
// go. Whoever waits keeps the process alive, an idle client does not.

const diagnostics = require('node:diagnostics_channel')
const { performance } = require('node:perf_hooks')
const timers = require('node:timers')

const check = require('./check.cjs')
const { classes, fromEngine, invalid, aborted, closed, camel } = require('./errors.cjs')
const errands = require('./errands.cjs')
const { native } = require('./load.cjs')

/** The ticket of log lines. */
const UNASKED = 0
/** The ticket of what this side is asked to do. */
const ERRAND = 0xffffffff
const LAST_TICKET = 0xfffffffe
/** The longest time that a timer takes. */
const LONG = 0x7fffffff

/** How long `close` waits for orders, and messages to customers, that are on their way out. */
const LONGEST_FAREWELL_MS = 30_000

/** start, end, asyncStart, asyncEnd and error of every call: `{ operation, ref }`. */
const trace = diagnostics.tracingChannel?.('oneclickdz:call')

/** The numbers of calls and streams, by their names in src/calls.rs. */
const [CALLS, STREAMS] = native.names().map((names) =>
  Object.fromEntries(names.map((name, index) => [name.replace(/^[~#]/, ''), index])),
)

/** Starts a call; `values` gives its arguments, in the order of src/calls.rs. */
function start(name, values) {
  return (engine, ticket, ms, options) => engine.start(CALLS[name], ticket, ms, values(options))
}

/** Opens a stream likewise. */
function stream(name, values) {
  return (engine, ms, options) => engine.stream(STREAMS[name], ms, values(options))
}

/** What stands for a result that came as a failure, or did not come. */
class Failure {
  constructor(crossed) {
    this.crossed = crossed
  }
}
const ABORTED = Symbol('aborted')
const CLOSED = Symbol('closed')

const pending = new Map()
let inbox
let alive
let lastTicket = 0
let hear = () => {}

function theInbox() {
  if (inbox === undefined) {
    inbox = new native.Inbox(take)
    alive = timers.setInterval(() => {}, LONG)
    alive.unref()
  }
  return inbox
}

function take() {
  const taken = inbox.take()
  for (let index = 0; index < taken.length; index += 3) {
    const ticket = taken[index]
    const value = taken[index + 2]
    if (ticket === UNASKED) hear(value)
    else if (ticket === ERRAND) errands.run(value, inbox)
    else settle(ticket, taken[index + 1] ? new Failure(value) : value)
  }
}

function settle(ticket, outcome) {
  const resolve = pending.get(ticket)
  // Whoever was aborted or closed has left already.
  if (resolve === undefined) return
  pending.delete(ticket)
  if (pending.size === 0) alive.unref()
  resolve(outcome)
}

function nextTicket() {
  do lastTicket = lastTicket === LAST_TICKET ? 1 : lastTicket + 1
  while (pending.has(lastTicket))
  return lastTicket
}

/** What comes of the call with this ticket. Whoever waits for it keeps the process alive. */
function outcomeOf(ticket) {
  if (pending.size === 0) alive.ref()
  return new Promise((resolve) => pending.set(ticket, resolve))
}

/** Ends a wait whose caller is gone. */
function leave(ticket, why) {
  if (!pending.has(ticket)) return
  inbox.leave(ticket)
  settle(ticket, why)
}

/** Who is to be told when a signal aborts. One listener for each signal, however many calls share it. */
const told = new WeakMap()

function heed(signal, leave) {
  if (signal === undefined) return
  if (!told.has(signal)) {
    const leaves = new Set()
    told.set(signal, { leaves, tell: () => [...leaves].forEach((each) => each()) })
  }
  const { leaves, tell } = told.get(signal)
  if (leaves.size === 0) signal.addEventListener('abort', tell, { once: true })
  leaves.add(leave)
}

function unheed(signal, leave) {
  if (signal === undefined) return
  const { leaves, tell } = told.get(signal)
  leaves.delete(leave)
  if (leaves.size === 0) signal.removeEventListener('abort', tell)
}

/** The calls of one client. */
class Calls {
  engine
  #wrap
  #closing
  #underWay = new Set()
  #calm = () => {}
  #waits = new Set()

  constructor(open, wrap) {
    this.engine = open(theInbox())
    this.#wrap = wrap
  }

  /**
   * Runs one call. `begin` starts it with a ticket and a limit of time; it may throw for an argument, which rejects
   * the promise. `decode` turns what came. `departure` is a signal beside the caller's own.
   */
  ask(call, given, begin, decode, departure) {
    // Before 20.13 Node does not say whether anybody listens.
    if (trace === undefined || trace.hasSubscribers === false) return this.#ask(call, given, begin, decode, departure)
    const context = { operation: call.operation, ref: typeof call.ref === 'string' ? call.ref : undefined }
    return trace.tracePromise(() => this.#ask(call, given, begin, decode, departure), context)
  }

  async #ask({ operation, ref, moves = false, changes = false, waits = false, added }, given, begin, decode, departure) {
    const options = check.options(operation, given, added)
    const { signal, timeoutMs } = options
    const name = typeof ref === 'string' ? ref : null
    // An order that is waited for goes on in any case.
    if (signal?.aborted) throw aborted(operation, waits && moves ? 'unknown' : 'not_sent', name, signal.reason)
    if (departure?.aborted) throw aborted(operation, 'not_sent', name)
    const ticket = nextTicket()
    if (signal !== undefined || waits) inbox.announce(ticket)
    try {
      begin(this.engine, ticket, timeoutMs, options)
    } catch (cause) {
      inbox.leave(ticket)
      throw refusedAt(operation, cause)
    }
    const ended = outcomeOf(ticket)
    this.#underWay.add(ticket)
    const onAbort = () => leave(ticket, ABORTED)
    heed(signal, onAbort)
    heed(departure, onAbort)
    if (waits) this.#waits.add(ticket)
    const outcome = await ended
    this.#underWay.delete(ticket)
    if (this.#underWay.size === 0) this.#calm()
    this.#waits.delete(ticket)
    unheed(signal, onAbort)
    unheed(departure, onAbort)
    if (outcome === ABORTED) throw aborted(operation, moves || changes ? 'unknown' : 'not_sent', name, signal?.reason)
    if (outcome === CLOSED) throw closed(operation, name)
    if (outcome instanceof Failure) throw fromEngine(outcome.crossed, this.#wrap)
    return decode === undefined ? outcome : decode(outcome, options)
  }

  /** For what the engine answers at once. */
  now(operation, begin) {
    let failure
    try {
      failure = begin(this.engine)
    } catch (cause) {
      throw refusedAt(operation, cause)
    }
    if (Array.isArray(failure)) throw fromEngine(failure[0], this.#wrap)
  }

  /** Ends all waits, lets sends and reads come to their end. */
  close() {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close() {
    const deadline = performance.now() + LONGEST_FAREWELL_MS
    this.engine.close()
    for (const ticket of this.#waits) leave(ticket, CLOSED)
    const farewell = timers.setTimeout(() => this.#underWay.forEach((ticket) => leave(ticket, CLOSED)), LONGEST_FAREWELL_MS)
    while (this.#underWay.size > 0) await new Promise((resolve) => (this.#calm = resolve))
    timers.clearTimeout(farewell)
    // Messages to customers, and orders whose callers have gone away: their sends are the engine's own.
    const ticket = nextTicket()
    const left = Math.max(1, Math.round(deadline - performance.now()))
    start('closeWithin', () => [left])(this.engine, ticket)
    await outcomeOf(ticket)
  }
}

/** An argument that the engine's own types refuse: `field` and `rule` on two lines. */
function refusedAt(operation, cause) {
  if (cause instanceof classes.OneClickDzError) return cause
  const [field, rule] = String(cause?.message).split('\n')
  if (cause?.code === 'InvalidArg' && rule !== undefined) return invalid(operation, camel(field), rule)
  return invalid(operation, 'request', 'has a value of a wrong type', cause)
}

/** Gives log lines to `listener`, from `level` (0 none, 1 error, to 5 trace) on. */
function listen(listener, level) {
  hear = listener
  native.listen(theInbox(), level)
}

module.exports = { Calls, start, stream, listen }
