'use strict'

// What a caller gives is looked at once, here, and crosses the border only in the form that the engine wants. Numbers,
// amounts and texts are then judged by the engine itself: no rule of business is written in this file.

const { Buffer } = require('node:buffer')

const { classes, invalid } = require('./errors.cjs')
const { words, requests } = require('./models.cjs')

const LARGEST_COUNT = 0xffffffff
/** The longest time that fits the border, 49 days. */
const LONGEST_MS = 0xffffffff
const DECIMAL = /^[+-]?[0-9]{1,40}(\.[0-9]{1,40})?$/
const ISO_WITH_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)$/

/** How the documentation writes words that have another form here. */
const ALSO_WRITTEN = { InternetType: { ADSL: 'adsl', '4G': 'four_g' } }

/** What kind of thing a value is, for a message: never the value itself. */
function kindOf(value) {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  const type = typeof value
  return type === 'undefined' || type === 'object' ? (type === 'object' ? 'an object' : 'missing') : `a ${type}`
}

function text(operation, field, value) {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw invalid(operation, field, 'holds half of a character (a lone surrogate): give whole text')
    return value
  }
  if (typeof value === 'number' && field === 'number') {
    throw invalid(operation, field, 'is a number, which loses its leading zero: give text, such as "0778037340"')
  }
  throw invalid(operation, field, value === undefined ? 'is missing: give text' : `is ${kindOf(value)}: give text`)
}

/** Decimal text. A float never becomes money, because 0.1 + 0.2 has no place in an account. */
function amount(operation, field, value) {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value)) return (value + 0).toString()
    const rule = Number.isFinite(value) ? 'is a float that is not a safe whole number' : `is ${value}`
    throw invalid(operation, field, `${rule}: give a whole number, or exact decimal text such as "826.13"`)
  }
  if (typeof value === 'string' && DECIMAL.test(value)) return value
  const rule = typeof value === 'string' ? 'is not a decimal number' : value === undefined ? 'is missing' : `is ${kindOf(value)}`
  throw invalid(operation, field, `${rule}: give a whole number, or exact decimal text such as "826.13"`)
}

function count(operation, field, value) {
  if (Number.isSafeInteger(value) && value >= 0 && value <= LARGEST_COUNT) return value
  throw invalid(operation, field, `is ${typeof value === 'number' ? value : kindOf(value)}: give a whole number from 0 on`)
}

/** Milliseconds since 1970. */
function instant(operation, field, value) {
  if (value instanceof Date) {
    const time = value.getTime()
    if (Number.isFinite(time)) return time
    throw invalid(operation, field, 'is an invalid Date: give a Date that stands for an instant')
  }
  if (typeof value === 'string' && ISO_WITH_ZONE.test(value) && isDay(value)) {
    const time = Date.parse(value)
    if (Number.isFinite(time)) return time
  }
  const rule = value === undefined ? 'is missing' : typeof value === 'string' ? 'is not an instant' : `is ${kindOf(value)}`
  throw invalid(operation, field, `${rule}: give a Date, or text such as "2026-01-31T12:00:00Z"`)
}

/** Whether there is such a day: JavaScript takes the 30th of February for a day in March. */
function isDay(text) {
  const [year, month, day] = text.slice(0, 10).split('-').map(Number)
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function word(operation, field, value, type) {
  const known = words[type]
  if (typeof value === 'string') {
    const spelt = ALSO_WRITTEN[type]?.[value] ?? value
    if (known.includes(spelt)) return spelt
  }
  const choice = [...Object.keys(ALSO_WRITTEN[type] ?? {}), ...known].map((name) => `"${name}"`).join(', ')
  throw invalid(operation, field, `is ${value === undefined ? 'missing' : 'not a known word'}: give one of ${choice}`)
}

function valueOf(operation, field, value, type) {
  switch (type) {
    case 'String':
      return text(operation, field, value)
    case 'Dzd':
      return amount(operation, field, value)
    case 'u32':
      return count(operation, field, value)
    case 'Timestamp':
      return instant(operation, field, value)
    default:
      return word(operation, field, value, type)
  }
}

/** The values of `fields` ([name, type, optional]) in their order. A misspelt name is an error, not a missing value. */
function values(operation, fields, given, whole) {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    const names = fields.map(([name]) => name).join(', ')
    throw invalid(operation, whole, `${given === undefined ? 'is missing' : `is ${kindOf(given)}`}: give an object { ${names} }`)
  }
  try {
    for (const name of Object.keys(given)) {
      if (!fields.some(([known]) => known === name)) throw invalid(operation, name, unknownField(name, fields))
    }
    const read = []
    for (const [name, type, isOptional] of fields) {
      const value = given[name]
      read.push(value === undefined && isOptional ? null : valueOf(operation, name, value, type))
    }
    return read
  } catch (cause) {
    if (cause instanceof classes.OneClickDzError) throw cause
    // A getter or a proxy of the caller's threw.
    throw invalid(operation, whole, 'cannot be read: one of its properties throws', cause)
  }
}

function unknownField(name, fields) {
  const plain = (text) => text.toLowerCase().replace(/_/g, '')
  const meant = fields.find(([known]) => plain(known) === plain(name))
  const names = fields.map(([known]) => known).join(', ')
  return `is not known here: ${meant ? `write ${meant[0]}` : `there are ${names}`}`
}

function request(operation, name, given) {
  return values(operation, requests[name], given, 'request')
}

const KEY_FORM = 'text, or the key\'s 32 bytes'

/** A vault key as text: from text as it is, from bytes (what key services give) in hexadecimal digits. */
function keyText(value) {
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex')
  return typeof value === 'string' && value.isWellFormed() ? value : undefined
}

/** Milliseconds, from 1 on, or what stands for none given. */
function milliseconds(operation, field, value, fallback) {
  if (value === undefined) return fallback
  if (Number.isSafeInteger(value) && value >= 1 && value <= LONGEST_MS) return value
  throw invalid(operation, field, `is ${typeof value === 'number' ? value : kindOf(value)}: give whole milliseconds from 1 on`)
}

/** An AbortSignal, or nothing. */
function signal(operation, value) {
  if (value === undefined || value instanceof AbortSignal) return value
  throw invalid(operation, 'signal', `is ${kindOf(value)}: give an AbortSignal`)
}

/** What may be asked of any call: `signal`, `timeoutMs`, and what the call itself adds. */
function options(operation, given, added = []) {
  if (given === undefined) return {}
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw invalid(operation, 'options', `is ${kindOf(given)}: give an object`)
  }
  const known = ['signal', 'timeoutMs', ...added]
  const read = {}
  try {
    for (const name of Object.keys(given)) {
      if (!known.includes(name)) throw invalid(operation, name, unknownField(name, known.map((each) => [each])))
    }
    for (const name of known) read[name] = given[name]
  } catch (cause) {
    if (cause instanceof classes.OneClickDzError) throw cause
    throw invalid(operation, 'options', 'cannot be read: one of its properties throws', cause)
  }
  read.signal = signal(operation, read.signal)
  read.timeoutMs = milliseconds(operation, 'timeoutMs', read.timeoutMs)
  return read
}

module.exports = { KEY_FORM, values, request, options, text, keyText, kindOf, milliseconds }
