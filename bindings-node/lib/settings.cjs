'use strict'

// The settings of a client and their types. What they mean is told in index.d.ts, whether they make sense says the engine.

const check = require('./check.cjs')
const { camel, classes, misconfigured } = require('./errors.cjs')
const { words } = require('./models.cjs')

const LARGEST = 0xffffffff

const SETTINGS = {
  apiKey: 'text',
  keyIsToken: 'switch',
  baseUrl: 'text',
  journal: 'text',
  vaultKey: 'keys',
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
  email: 'email',
  sms: 'sms',
  templates: 'templates',
}

const EMAIL = {
  host: 'text',
  from: 'text',
  port: 'count',
  security: 'text',
  user: 'text',
  password: 'text',
  replyTo: 'text',
  timeoutMs: 'count',
}

const SMS = {
  send: 'function',
  url: 'text',
  method: 'text',
  headers: 'headers',
  json: 'text',
  form: 'text',
  success: 'success',
  receipt: 'text',
  timeoutMs: 'count',
  maxSegments: 'count',
  allowTextInUrl: 'switch',
}

/** Templates by what they are for, each by language. */
const TEMPLATES = Object.fromEntries(words.TemplateKind.map((kind) => [camel(kind), 'translations']))
const TRANSLATIONS = Object.fromEntries(words.Language.map((language) => [language, 'text']))

const SUCCESS = { pointer: 'text', word: 'text' }

function settings(given) {
  return given === undefined ? {} : members('', SETTINGS, given, 'an object such as { apiKey, journal }')
}

/** What is there of `known`, checked; `within` is the setting that it is part of. */
function members(within, known, given, form) {
  const whole = within === '' ? 'options' : within.slice(0, -1)
  if (given === null || typeof given !== 'object' || Array.isArray(given) || given instanceof Map) {
    throw misconfigured(whole, `is ${check.kindOf(given)}: give ${form}`)
  }
  const checked = {}
  try {
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(known, name)) {
        throw misconfigured(within + name, `is not a setting: there are ${Object.keys(known).join(', ')}`)
      }
    }
    // By name, because they may come from a class or from defaults that they were made of.
    for (const name of Object.keys(known)) {
      const value = given[name]
      if (value !== undefined) checked[name] = setting(within + name, known[name], value)
    }
  } catch (cause) {
    if (cause instanceof classes.OneClickDzError) throw cause
    throw misconfigured(whole, 'cannot be read: one of its properties throws', cause)
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
      if (!Array.isArray(value)) throw wrong('text, or an array of texts')
      return value.map((each) => setting(name, 'text', each))
    case 'keys':
      if (typeof value === 'function') return value
      return (Array.isArray(value) ? value : [value]).map((each) => {
        const text = check.keyText(each)
        if (text === undefined) throw misconfigured(name, `is ${check.kindOf(each)}: give ${check.KEY_FORM}, several of them, or a function`)
        return text
      })
    case 'templates':
      return members('templates.', TEMPLATES, value, 'an object such as { sms: { fr } }')
    case 'translations':
      return members(`${name}.`, TRANSLATIONS, value, 'an object such as { ar, fr, en }')
    case 'switch':
      if (typeof value !== 'boolean') throw wrong('true or false')
      return value
    case 'function':
      if (typeof value !== 'function') throw wrong('a function')
      return value
    case 'headers': {
      if (value === null || typeof value !== 'object') throw wrong('an object of texts')
      const pairs = typeof value[Symbol.iterator] === 'function' ? [...value] : Object.entries(value)
      const read = pairs.map(([header, text]) => [header, setting(`${name}.${header}`, 'text', text)])
      return Object.fromEntries(read)
    }
    case 'success':
      return required(members(`${name}.`, SUCCESS, value, '{ pointer, word }'), `${name}.`, ['pointer', 'word'])
    case 'email':
      return required(members('email.', EMAIL, value, '{ host, from }'), 'email.', ['host', 'from'])
    case 'sms':
      return gateway(value)
    default:
      if (!Number.isSafeInteger(value) || value < 0 || value > LARGEST) {
        throw misconfigured(name, `is not a whole number from 0 to ${LARGEST}: give one`)
      }
      return value
  }
}

function required(checked, within, names) {
  for (const name of names) if (checked[name] === undefined) throw misconfigured(within + name, 'is missing: give text')
  return checked
}

/** A function of the program's, or the description of a request. */
function gateway(value) {
  if (typeof value === 'function') return { function: value }
  const { send, ...rest } = members('sms.', SMS, value, 'a function, or { url, json }')
  const [other] = Object.keys(rest).filter((name) => name !== 'maxSegments')
  if (send !== undefined && other !== undefined) {
    throw misconfigured(`sms.${other}`, 'stands beside `send` and is part of a request: give one of them')
  }
  return { ...rest, function: send }
}

/** How checked settings cross, as src/options.rs and src/channels.rs read them: names and values in turns. */
const CROSSING = {
  email: ({ host, from, ...rest }) => [host, from, ...Object.entries(rest).flat()],
  sms: ({ maxSegments, function: send, url, headers, success, ...rest }) => {
    const list = [maxSegments, send, url, ...Object.entries(rest).flat()]
    if (headers !== undefined) list.push('headers', Object.entries(headers).flat())
    if (success !== undefined) list.push('success', [success.pointer, success.word])
    return list
  },
  templates: (given) =>
    words.TemplateKind.flatMap((kind) =>
      Object.entries(given[camel(kind)] ?? {}).flatMap(([language, text]) => [kind, language, text]),
    ),
}

function crossing(checked) {
  return Object.entries(checked).flatMap(([name, value]) => [name, CROSSING[name]?.(value) ?? value])
}

module.exports = { settings, crossing }
