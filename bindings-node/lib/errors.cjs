'use strict'

// One class per kind of failure, so that `instanceof` works; `code` is the engine's stable word for it.

const { inspect } = require('./secret.cjs')
const models = require('./models.cjs')

/** What only some errors know; `null` elsewhere. */
const FACTS = [
  'field',
  'httpStatus',
  'wireCode',
  'ref',
  'requestId',
  'retryAfterMs',
  'attemptsLeft',
  'required',
  'available',
  'order',
  'delivery',
]

class OneClickDzError extends Error {
  constructor(facts) {
    super(facts.message ?? facts.detail, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.code = facts.code
    this.outcome = facts.outcome
    this.retryable = facts.retryable ?? false
    this.retryAdvice = facts.retryAdvice ?? 'never'
    this.operation = facts.operation
    this.detail = facts.detail
    for (const name of FACTS) {
      if (facts[name] !== null && facts[name] !== undefined) this[name] = facts[name]
    }
    hidden(this, 'context', facts.context ?? [])
    hidden(this, 'staffTexts', facts.staffTexts ?? [])
  }

  /** A sentence for the shop's staff: `ar`, `fr` or `en`. */
  staffText(language) {
    return this.staffTexts[models.words.Language.indexOf(language)] ?? this.detail
  }

  toJSON() {
    const { name, message, code, outcome, retryable, retryAdvice, operation, detail } = this
    const json = { name, message, code, outcome, retryable, retryAdvice, operation, detail }
    for (const fact of FACTS) if (this[fact] !== null) json[fact] = this[fact]
    return json
  }
}

function hidden(object, name, value) {
  Object.defineProperty(object, name, { value, enumerable: false, configurable: true, writable: true })
}

for (const name of FACTS) {
  Object.defineProperty(OneClickDzError.prototype, name, { value: null, writable: true, configurable: true })
}
hidden(OneClickDzError.prototype, 'name', 'OneClickDzError')

const classes = { OneClickDzError }
const byCode = {}

/** A class of its own, under `parent`, for the kinds of failure in `codes`. */
function kind(name, codes, parent = OneClickDzError) {
  const made = { [name]: class extends parent {} }[name]
  hidden(made.prototype, 'name', name)
  classes[name] = made
  for (const code of codes) byCode[code] = made
  return made
}

const ValidationError = kind('ValidationError', ['validation'])
kind('InvalidNumberError', ['invalid_number'], ValidationError)
kind('ConfigError', ['config'])
kind('InsufficientBalanceError', ['insufficient_balance'])
kind('OutOfStockError', ['out_of_stock'])
kind('DuplicatedRefError', ['duplicated_ref'])
kind('RefConflictError', ['ref_conflict'])
const NotFoundError = kind('NotFoundError', ['not_found'])
kind('EndpointNotFoundError', ['endpoint_not_found'])
kind('LinkExpiredError', ['link_expired'])
kind('AuthenticationError', ['authentication'])
kind('IpBlockedError', ['ip_blocked'])
kind('IpNotAllowedError', ['ip_not_allowed'])
kind('ApiDisabledError', ['api_disabled'])
kind('ForbiddenError', ['forbidden'])
kind('EnvironmentMismatchError', ['environment_mismatch'])
kind('RateLimitedError', ['rate_limited'])
kind('InternalServerError', ['internal_server_error'])
kind('ServiceUnavailableError', ['service_unavailable'])
kind('AuthUnavailableError', ['auth_unavailable'])
kind('RefusedError', ['refused'])
const TransportError = kind('TransportError', ['transport'])
kind('RequestTimeoutError', ['timeout'], TransportError)
kind('UnreadableResponseError', ['unreadable_response'], TransportError)
kind('ResponseTooLargeError', ['response_too_large'], TransportError)
kind('StillPending', ['still_pending'])
kind('JournalError', ['journal'])
const VaultError = kind('VaultError', [])
kind('VaultKeyMissingError', ['vault_key_missing'], VaultError)
kind('VaultKeyLostError', ['vault_key_lost'], VaultError)
kind('VaultTamperedError', ['vault_tampered'], VaultError)
kind('VaultUnavailableError', ['vault_unavailable'], VaultError)
kind('OrderNotReadyError', ['order_not_ready'])
kind('OrderNotFoundError', ['order_not_found'], NotFoundError)
kind('AlreadyPurgedError', ['already_purged'])
kind('DeliveryFailedError', ['delivery_failed'])
kind('ClosedError', ['closed'])
kind('AbortedError', ['aborted'])
kind('InternalError', ['internal'])
// What the rest of the platform looks for.
hidden(classes.AbortedError.prototype, 'name', 'AbortError')

/** The engine's names of settings, where ours carry the unit. */
const SETTINGS = {
  timeout: 'timeoutMs',
  connect_timeout: 'connectTimeoutMs',
  read_timeout: 'readTimeoutMs',
  poll_interval: 'pollIntervalMs',
  lease: 'leaseMs',
  extra_root: 'extraRoots',
}

function camel(name) {
  return name.replace(/_([a-z0-9])/g, (_, letter) => letter.toUpperCase())
}

/** More frames than ours need, so that the caller's are among them. */
const OUR_FRAMES = 16

/** An error whose stack begins with the caller: our own frames tell nobody anything. */
function make(facts) {
  const made = byCode[facts.code] ?? OneClickDzError
  const limit = Error.stackTraceLimit
  if (typeof limit === 'number') Reflect.set(Error, 'stackTraceLimit', limit + OUR_FRAMES)
  const error = new made(facts)
  Reflect.set(Error, 'stackTraceLimit', limit)
  if (typeof error.stack !== 'string') return error
  const lines = error.stack.split('\n').filter((line) => !(line.startsWith('    at ') && line.includes(__dirname)))
  const head = lines.findIndex((line) => line.startsWith('    at '))
  hidden(error, 'stack', (head < 0 ? lines : lines.slice(0, head + (limit ?? lines.length))).join('\n'))
  return error
}

/** An error of the engine, from the array in which it crosses (`src/failure.rs`); `wrap` makes what people hold. */
function fromEngine(crossed, wrap) {
  const [code, message, [detail, operation], [outcome, retryable, retryAdvice], names, numbers, amounts, rest] = crossed
  const [field, wireCode, ref, requestId] = names ?? [null, null, null, null]
  const [httpStatus, attemptsLeft] = numbers ?? [null, null]
  const [retryAfterMs, required, available] = amounts ?? [null, null, null]
  const [order, delivery, context, causes, staffTexts] = rest ?? [null, null, [], [], []]
  const ourField = field === null ? null : code === 'config' ? (SETTINGS[field] ?? camel(field)) : camel(field)
  const ours = (text) => (field === null ? text : text.replaceAll(`\`${field}\``, `\`${ourField}\``))
  let cause
  for (const text of [...causes].reverse()) cause = new Error(text, cause === undefined ? undefined : { cause })
  // The texts alone: where they were made is inside the engine.
  for (let inner = cause; inner !== undefined; inner = inner.cause) inner.stack = `Error: ${inner.message}`
  return make({
    code,
    message: ours(message),
    detail: ours(detail),
    operation,
    outcome,
    retryable,
    retryAdvice,
    field: ourField,
    wireCode,
    ref,
    requestId,
    httpStatus,
    attemptsLeft,
    retryAfterMs,
    required,
    available,
    order: order === null ? null : wrap.order(order),
    delivery: delivery === null ? null : wrap.delivery(delivery),
    context,
    cause,
    staffTexts,
  })
}

/** A value that breaks a rule, found before anything was sent. */
function invalid(operation, field, rule, cause) {
  return refusal('validation', operation, field, rule, cause)
}

/** A setting that cannot work. */
function misconfigured(field, rule, cause) {
  return unusable('client.build', field, rule, cause)
}

/** What was given to a call and turns out not to work. */
function unusable(operation, field, rule, cause) {
  return refusal('config', operation, field, rule, cause)
}

function refusal(code, operation, field, rule, cause) {
  const detail = `\`${field}\` ${rule}`
  return make({ code, message: `${operation} (${code}): ${detail}`, detail, operation, outcome: 'not_sent', field, cause })
}

/** The caller has gone away: its waiting ended, what was on its way goes on. */
function aborted(operation, outcome, ref, cause) {
  const whatGoesOn =
    ref === null
      ? 'what it began may still be done: look before you repeat it'
      : 'the order goes on: look it up by its `ref`'
  const detail = outcome === 'unknown' ? `the waiting was aborted, and ${whatGoesOn}` : 'the call was aborted'
  const message = `${operation} (aborted): ${detail}${ref === null ? '' : ` [ref ${ref}]`}`
  return make({ code: 'aborted', message, detail, operation, outcome, ref, cause, retryAdvice: outcome === 'unknown' ? 'check_first' : 'safe', retryable: outcome !== 'unknown' })
}

/** The client was closed while somebody waited. */
function closed(operation, ref) {
  const detail = 'the client was closed: build a new one'
  const message = `${operation} (closed): ${detail}${ref === null ? '' : ` [ref ${ref}]`}`
  return make({ code: 'closed', message, detail, operation, outcome: 'not_sent', ref })
}

module.exports = { classes, byCode, fromEngine, invalid, misconfigured, unusable, aborted, closed, camel, inspect }
