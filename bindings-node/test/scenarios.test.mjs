// The shared scenarios of ../tests/scenarios, played through this package: what every language must do alike. The rules of
// the game are in the README there.
import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { test } from 'node:test'

import { Client, OneClickDzError } from 'oneclickdz'

import { PACKAGE, sandbox } from './helpers.mjs'

const { byCode, camel } = createRequire(import.meta.url)('../lib/errors.cjs')
const FOLDER = path.join(PACKAGE, '..', 'tests', 'scenarios')
const UNFORCED = 'unforced_errors.json'
/** The bytes 0 to 31. */
const VAULT_KEY = Buffer.from(Array.from({ length: 32 }, (_, byte) => byte)).toString('hex')

const snake = (name) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A value with other names, all the way down. */
function renamed(value, rename) {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [rename(name), renamed(item, rename)]))
}

/** What a result is to a scenario: plain data, names in snake_case, secrets as printing shows them. */
const plain = (value) => (value === undefined ? null : renamed(JSON.parse(JSON.stringify(value)), snake))

/** The settings that the README lists, of which those of a time are in seconds. */
const SETTINGS = 'api_key base_url journal poll_interval requests_per_second expect_environment timeout read_retries response_limit vault_key'.split(' ')

/** The scenario's words for settings, in ours. */
function settings(given) {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => {
      assert.ok(SETTINGS.includes(name), `the option ${name}`)
      if (name === 'expect_environment') return ['expect', value]
      if (name === 'vault_key') return ['vaultKey', value ?? undefined]
      if (['timeout', 'poll_interval'].includes(name)) return [`${camel(name)}Ms`, Math.round(value * 1000)]
      return [camel(name), value]
    }),
  )
}

function told(error) {
  assert.ok(error instanceof OneClickDzError, `${error.stack}`)
  assert.equal(error.constructor, byCode[error.code], `${error.code} has a class of its own`)
  const { code, outcome, operation, httpStatus, wireCode, ref, attemptsLeft, required, available, retryAdvice, retryable, order } = error
  const field = error.field === null ? null : snake(error.field).replace(/_ms$/, '')
  return plain({ code, outcome, operation, field, httpStatus, wireCode, ref, attemptsLeft, required, available, retryAdvice, isRetryable: retryable, order })
}

async function all(stream, count = Infinity) {
  const items = []
  if (count === 0) return items
  for await (const item of stream) {
    items.push(item)
    if (items.length === count) break
  }
  return items
}

/** The verbs: each takes a client and the members of `with`, in our names. */
const VERBS = {
  ping: (client) => client.ping(),
  'account.validate': (client) => client.account.validate(),
  'account.balance': (client) => client.account.balance(),
  'account.transactions': (client, given) => all(client.account.transactions(given)),
  'mobile.plans': (client) => client.mobile.plans(),
  'gift_cards.catalog': (client) => client.giftCards.catalog(),
  'gift_cards.order': (client, given) => client.giftCards.order(given),
  'gift_cards.check_order': (client, { id }) => client.giftCards.checkOrder(id),
  'gift_cards.product': (client, { id }) => client.giftCards.product(id),
  'internet.products': (client, { type }) => client.internet.products(type),
  'internet.check_number': (client, { type, number }) => client.internet.checkNumber(type, number),
  'payment_links.create': (client, given) => client.paymentLinks.create(given),
  'payment_links.check': (client, { paymentRef }) => client.paymentLinks.check(paymentRef),
  'orders.get': (client, { ref }) => client.orders.get(ref),
  'orders.history': (client, { ref }) => client.orders.history(ref),
  'orders.list': (client, given) => client.orders.list(given),
  'orders.events': (client, { count, after }) => all(client.orders.events({ after }), count),
  'orders.ack': (client, { cursor }) => client.orders.ack(cursor),
  'orders.resolve': (client, { ref, ...decision }) => client.orders.resolve(ref, decision),
  'order.wait': async (client, { ref, timeout }) => (await client.orders.get(ref)).wait({ timeoutMs: Math.round(timeout * 1000) }),
  'cards.reveal': (client, { ref, ...viewer }) => client.cards.reveal(ref, viewer),
  'cards.purge': (client, given) => client.cards.purge(given),
  'cards.import': (client, given) => client.cards.import(given),
  'cards.rekey': (client) => client.cards.rekey(),
  'audit.verify': (client, { head }) => client.audit.verify(head ?? undefined),
  'audit.entries': (client, { after }) => all(client.audit.entries({ after })),
  'delivery.deliver': (client, given) => client.delivery.deliver(given),
  'delivery.get': (client, { id }) => client.delivery.get(id),
  'delivery.list': (client, { ref }) => client.delivery.list(ref),
  'delivery.wait': async (client, { id, timeout }) => (await client.delivery.get(id)).wait({ timeoutMs: Math.round(timeout * 1000) }),
  'client.set_api_key': (client, { apiKey }) => client.setApiKey(apiKey),
}
for (const area of ['mobile', 'internet', 'gift_cards']) {
  VERBS[`${area}.list`] = (client, given) => all(client[camel(area)].list(given))
  VERBS[`${area}.quote`] = (client, { maxPrice, ...given }) => client[camel(area)].quote(given, { maxPrice })
}
for (const area of ['mobile', 'internet']) {
  VERBS[`${area}.send`] = (client, given) => client[area].send(given)
  VERBS[`${area}.check_by_id`] = (client, { id }) => client[area].checkById(id)
  VERBS[`${area}.check_by_ref`] = (client, { ref }) => client[area].checkByRef(ref)
}

/** One run of one scenario. */
class Play {
  kept = {}
  clients = {}
  options = {}
  /** What the callback of each client was given. */
  messages = {}

  constructor(box, scenario, folder) {
    Object.assign(this, { box, scenario, folder })
  }

  /** What was kept, in place of `$name.member.0`. */
  filled(value) {
    if (typeof value === 'string' && value.startsWith('$')) {
      const [name, ...members] = value.slice(1).split('.')
      return members.reduce((found, member) => found[member], this.kept[name])
    }
    if (Array.isArray(value)) return value.map((item) => this.filled(item))
    if (value === null || typeof value !== 'object') return value
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, this.filled(item)]))
  }

  open(name, given = this.options[name] ?? this.scenario.client ?? {}) {
    this.options[name] = given
    const chosen = { api_key: 'sandbox-key', base_url: this.box.url, poll_interval: 0.02, requests_per_second: 1000, vault_key: VAULT_KEY }
    const { sms, journal = `${name}.db`, ...rest } = this.filled(given)
    const written = settings({ ...chosen, ...rest, journal: path.join(this.folder, journal) })
    this.clients[name] = new Client(sms === undefined ? written : { ...written, sms: this.gateway(name, sms) })
  }

  /** Takes every message, with this receipt, or fails for good with any other word. */
  gateway(name, word) {
    const messages = (this.messages[name] ??= [])
    return ({ id, to }) => {
      messages.push({ id, to })
      if (word !== 'taken') throw Object.assign(new Error(word), { permanent: true })
      return word
    }
  }

  async call({ do: verb, with: given = {}, client: name = 'main' }) {
    if (verb === 'client.open') return this.open(name, given)
    if (verb === 'client.close' || verb === 'client.restart') {
      await this.clients[name]?.close()
      return verb === 'client.restart' ? this.open(name) : undefined
    }
    if (this.clients[name] === undefined) this.open(name)
    if (verb === 'sms.received') return this.messages[name] ?? []
    assert.ok(Object.hasOwn(VERBS, verb), `the verb ${verb}`)
    return VERBS[verb](this.clients[name], renamed(this.filled(given), camel))
  }

  async step(step, where) {
    const known = ['do', 'with', 'client', 'control', 'body', 'as', 'expect']
    for (const member of Object.keys(step)) assert.ok(known.includes(member), `${where}: ${member}`)
    const expected = this.filled(step.expect)
    let result
    if (step.control !== undefined) {
      const [method, what] = step.control.split(' ')
      result = await this.box.control(method, what.split('/').map((part) => this.filled(part)).join('/'), this.filled(step.body))
    } else {
      try {
        result = plain(await this.call(step))
      } catch (error) {
        if (expected?.error === undefined) throw error
        result = { error: told(error) }
      }
    }
    if (expected !== undefined) match(result, expected, where)
    if (step.as !== undefined) this.kept[step.as] = result
  }

  async close() {
    await Promise.all(Object.values(this.clients).map((client) => client.close()))
  }
}

const INSTANT = /^\d{4}-\d\d-\d\dT.*(Z|[+-]\d\d:\d\d)$/

function match(actual, expected, where) {
  if (expected === '*') return assert.notEqual(actual ?? null, null, `${where}: something`)
  if (expected === null) return assert.equal(actual ?? null, null, where)
  if (Array.isArray(expected)) {
    assert.ok(Array.isArray(actual), `${where}: a list, not ${JSON.stringify(actual)}`)
    assert.equal(actual.length, expected.length, `${where}: the length of ${JSON.stringify(actual)}`)
    return expected.forEach((item, index) => match(actual[index], item, `${where}.${index}`))
  }
  if (typeof expected === 'object') {
    assert.ok(actual !== null && typeof actual === 'object', `${where}: not ${JSON.stringify(actual)}`)
    return Object.entries(expected).forEach(([name, item]) => match(actual[name], item, `${where}.${name}`))
  }
  if (INSTANT.test(expected) && INSTANT.test(actual)) return assert.equal(Date.parse(actual), Date.parse(expected), where)
  assert.deepEqual(actual, expected, where)
}

const box = await sandbox('--manual-clock')
const scratch = mkdtempSync(path.join(tmpdir(), 'oneclickdz-scenarios-'))
const files = readdirSync(FOLDER).filter((file) => file.endsWith('.json') && file !== UNFORCED)

test('the shared scenarios', async (t) => {
  assert.ok(files.length > 40)
  for (const file of files) {
    const scenario = JSON.parse(readFileSync(path.join(FOLDER, file), 'utf8'))
    await t.test(scenario.name, { timeout: 60_000 }, async () => {
      await box.control('POST', 'reset')
      const folder = path.join(scratch, scenario.name)
      mkdirSync(folder)
      const play = new Play(box, scenario, folder)
      try {
        for (const [index, step] of scenario.steps.entries()) {
          await play.step(step, `step ${index + 1} (${step.do ?? step.control})`)
        }
      } finally {
        await play.close()
      }
    })
  }
  rmSync(scratch, { recursive: true, force: true })
})

test('every kind of error that the scenarios force or explain has a class', () => {
  const text = files.map((file) => readFileSync(path.join(FOLDER, file), 'utf8')).join()
  const forced = [...text.matchAll(/"code": *"(\w+)"/g)].map(([, code]) => code).filter((code) => code === code.toLowerCase())
  const unforced = JSON.parse(readFileSync(path.join(FOLDER, UNFORCED), 'utf8'))
  for (const code of [...forced, ...Object.keys(unforced)].filter((code) => code !== 'about')) assert.ok(byCode[code], code)
})
