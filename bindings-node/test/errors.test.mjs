// Errors as a program meets them: classes, facts, stacks, nothing secret.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { test } from 'node:test'
import { inspect } from 'node:util'

import * as face from 'oneclickdz'

import { client, failure, run, sandbox, topUp } from './helpers.mjs'

const require = createRequire(import.meta.url)
const { byCode } = require('../lib/errors.cjs')
const { words } = require('../lib/models.cjs')
const { OneClickDzError, ValidationError } = face

const box = await sandbox()

test('every kind of the engine has a class of its own or of its family', () => {
  for (const code of words.ErrorKind) assert.ok(byCode[code], `${code} has no class`)
  for (const made of Object.values(byCode)) {
    assert.equal(face[made.prototype.constructor.name], made, 'it is exported')
    assert.ok(made.prototype instanceof OneClickDzError)
  }
})

test('what the service refuses', async () => {
  const shop = client(box)
  const phone = await failure(shop.mobile.send(topUp({ number: '0599999999' })))
  assert.ok(phone instanceof face.InvalidNumberError)
  assert.deepEqual([phone.outcome, phone.httpStatus, phone.wireCode], ['refused', 400, 'ERR_PHONE'])
  assert.match(phone.staffText('ar'), /[\u0600-\u06ff]/)
  assert.match(phone.staffText('fr'), /numéro/)
  const stock = await failure(shop.internet.send({ type: '4G', number: '213472731602', value: 2500, ref: topUp().ref }))
  assert.ok(stock instanceof face.OutOfStockError)
  await box.control('PATCH', 'account', { balance: '10.5' })
  const poor = await failure(shop.mobile.send(topUp()))
  assert.ok(poor instanceof face.InsufficientBalanceError)
  assert.deepEqual([poor.code, poor.outcome, typeof poor.ref], ['insufficient_balance', 'refused', 'string'])
  await box.control('PATCH', 'account', { balance: '100000' })
  const missing = await failure(shop.giftCards.checkOrder('000000000000000000000000'))
  assert.ok(missing instanceof face.NotFoundError)
  assert.ok(missing.requestId, 'the service gave an id for its support')
})

test('keys and environments', async () => {
  const other = await failure(client(box, { apiKey: 'production-key' }).mobile.send(topUp()))
  assert.ok(other instanceof face.EnvironmentMismatchError)
  const readOnly = await failure(client(box, { apiKey: 'read-only-key' }).mobile.send(topUp()))
  assert.ok(readOnly instanceof face.ForbiddenError)
  const blocked = await failure(client(box, { apiKey: 'blocked-key' }).account.balance())
  assert.ok(blocked instanceof face.IpBlockedError)
  const own = await sandbox('--manual-clock')
  const wrong = client(own, { apiKey: 'wrong-secret-key' })
  const refused = await failure(wrong.account.balance())
  assert.ok(refused instanceof face.AuthenticationError)
  assert.deepEqual([refused.httpStatus, refused.attemptsLeft, refused.retryable], [401, 4, false])
  wrong.setApiKey('sandbox-key')
  assert.equal((await wrong.account.balance()).amount, '100000')
})

test('failures on the way', async () => {
  const own = await sandbox('--manual-clock')
  for (const [fault, expected, code] of [
    ['html_502', face.OneClickDzError, 'service_unavailable'],
    ['empty_200', face.UnreadableResponseError, 'unreadable_response'],
    ['error_503', face.ServiceUnavailableError, 'service_unavailable'],
    ['rate_limited', face.RateLimitedError, 'rate_limited'],
    ['reset_before', face.TransportError, 'transport'],
  ]) {
    await own.faults({ operation: 'account.balance', fault, params: fault === 'rate_limited' ? { retry_after: 120 } : {} })
    // A client of its own: after a 429 the budget pauses.
    const error = await failure(client(own, { readRetries: 0 }).account.balance({ timeoutMs: 3000 }))
    assert.ok(error instanceof expected, `${fault}: ${error}`)
    if (fault !== 'html_502') assert.equal(error.code, code)
    assert.equal(error.retryable, true, fault)
  }
  await own.faults({ operation: 'account.balance', fault: 'stall' })
  const late = await failure(client(own).account.balance({ timeoutMs: 100 }))
  assert.ok(late instanceof face.RequestTimeoutError && late instanceof face.TransportError)
  const nobody = client({ url: 'http://127.0.0.1:9' }, { readRetries: 0, connectTimeoutMs: 500 })
  const unheard = await failure(nobody.account.balance())
  assert.ok(unheard instanceof face.TransportError)
  assert.equal(unheard.outcome, 'not_sent')
  assert.ok(unheard.cause instanceof Error, 'what lies behind it')
  const broken = await failure(client(own, { journal: '/nonexistent/folder/orders.db' }).mobile.send(topUp()))
  assert.ok(broken instanceof face.JournalError)
  assert.equal(broken.outcome, 'not_sent')
})

test('a stack begins with the caller', async () => {
  const shop = client(box)
  async function placeOrder() {
    await shop.mobile.checkByRef('no-such-order')
  }
  async function checkout() {
    await placeOrder()
  }
  async function typo() {
    await shop.mobile.send(topUp({ number: 5 }))
  }
  for (const [error, name] of [
    [await failure(checkout()), 'placeOrder'],
    [await failure(typo()), 'typo'],
  ]) {
    const [head, first] = error.stack.split('\n')
    assert.ok(head.includes(error.message))
    assert.match(first, new RegExp(`^    at (async )?${name} \\(.*errors\\.test\\.mjs:\\d+`), error.stack)
    assert.ok(!error.stack.includes('/lib/'), error.stack)
  }
  assert.match((await failure(checkout())).stack, /at async checkout/)
})

test('an error crosses to other programs as JSON', async () => {
  const shop = client(box)
  const error = await failure(shop.mobile.send(topUp({ number: '123' })))
  const json = JSON.parse(JSON.stringify(error))
  assert.deepEqual(
    [json.name, json.code, json.field, json.outcome, json.operation],
    ['InvalidNumberError', 'invalid_number', 'number', 'not_sent', 'mobile.send'],
  )
  assert.equal(json.stack, undefined)
  assert.match(String(error), /^InvalidNumberError: mobile\.send \(invalid_number\)/)
  assert.equal(Object.prototype.toString.call(error), '[object Error]')
  assert.ok(error instanceof ValidationError && !(error instanceof face.JournalError))
})

test('secrets are seen by who asks for them by name, and nobody else', async () => {
  const shop = client(box, { apiKey: 'sandbox-key' })
  const adsl = await (await shop.internet.send({ type: 'ADSL', number: '036362608', value: 1000, ref: topUp().ref })).wait()
  const topup = await shop.internet.checkByRef(adsl.ref)
  const { code } = topup.card
  assert.match(code, /^\d{8,}$/)
  const shown = [
    inspect(topup, { depth: 9, showHidden: true, getters: true }),
    JSON.stringify(topup),
    `${inspect(topup.card)}`,
    JSON.stringify({ ...topup.card }),
    inspect(structuredClone({ ...topup.card })),
    String(topup.card),
    Object.values(topup.card).join(),
    inspect(adsl, { depth: 9, showHidden: true }),
  ]
  for (const text of shown) assert.ok(!text.includes(code), text)
  assert.match(shown[2], /InternetCard.*\[redacted\]/s)
  assert.throws(() => (topup.card.code = 'x'), TypeError)
  for (const text of [inspect(shop, { depth: 9, showHidden: true }), JSON.stringify(shop)]) {
    assert.ok(!text.includes('sandbox-key'))
  }
})

test('a rejection that nobody awaits is the program\'s, and there is one', async () => {
  const source = `
    import { Client } from 'oneclickdz'
    const seen = []
    process.on('unhandledRejection', (error) => seen.push(error.name))
    const shop = new Client({ apiKey: 'sandbox-key', baseUrl: '${box.url}', journal: ':memory:' })
    await shop.mobile.send({}).catch(() => {})
    for await (const entry of shop.mobile.list({ pageSize: 0 })) void entry
  `
  const loud = await run(source)
  assert.equal(loud.code, 1, 'an error at the top ends the program as always')
  assert.match(loud.err, /ValidationError.*pageSize/s)
  const quiet = await run(`
    import { Client } from 'oneclickdz'
    let seen = 0
    process.on('unhandledRejection', () => (seen += 1))
    const shop = new Client({ apiKey: 'sandbox-key', baseUrl: '${box.url}', journal: ':memory:' })
    for (const call of [() => shop.mobile.send({}), () => shop.account.balance({ signal: AbortSignal.abort() })]) {
      await call().catch(() => {})
    }
    const order = await shop.mobile.send({ planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500, ref: 'quiet-1' })
    const stop = new AbortController()
    const wait = order.wait({ signal: stop.signal }).catch(() => {})
    const next = order.updates().next().catch(() => {})
    stop.abort()
    await shop.close()
    await Promise.all([wait, next])
    shop.mobile.send({})
    await new Promise((resolve) => setImmediate(resolve))
    console.log(seen)
  `)
  assert.equal(quiet.out.trim(), '1', quiet.err)
  assert.equal(quiet.code, 0, quiet.err)
})

test('the types of the classes name them all, and their parents', () => {
  const types = readFileSync(new URL('../index.d.ts', import.meta.url), 'utf8')
  for (const made of new Set(Object.values(byCode))) {
    const parent = Object.getPrototypeOf(made)
    assert.match(types, new RegExp(`export class ${made.name} extends ${parent.name} `))
  }
})
