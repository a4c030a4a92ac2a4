// Input of every wrong kind: a typed rejection that names the field, never a throw in passing, never the process.
import assert from 'node:assert/strict'
import { test } from 'node:test'

import { Client, ConfigError, Dzd, InvalidNumberError, OneClickDzError, ValidationError, makeRef, setLogger } from 'oneclickdz'

import { client, failure, sandbox, topUp } from './helpers.mjs'

const box = await sandbox('--manual-clock')
const shop = client(box)

class Loud {
  get planCode() {
    throw new Error('a getter that throws')
  }
}
const proxied = new Proxy({}, {
  ownKeys() {
    throw new TypeError('a proxy that throws')
  },
})

/** Things that are no text. */
const NO_TEXT = [undefined, null, 0, NaN, 1e21, 10n, true, Symbol('s'), {}, [], () => {}, new Date(0), new String('x')]
const MEGABYTE = '7'.repeat(1_000_000)

/** Rejects with a typed error that names this field, and sends nothing. */
async function refuses(call, field, label = '') {
  let promise
  assert.doesNotThrow(() => (promise = call()), `${field} ${label}`)
  const error = await failure(promise)
  assert.ok(error instanceof ValidationError, `${field} ${label}: ${error}`)
  assert.equal(error.field, field, `${label}: ${error.message}`)
  assert.equal(error.outcome, 'not_sent')
  assert.equal(error.retryable, false)
  assert.ok(error.message.length < 500, 'a message never quotes a megabyte')
  return error
}

test('requests that are no objects', async () => {
  for (const given of [undefined, null, 5, 'text', Symbol('s'), 1n, [], () => {}]) {
    for (const send of [shop.mobile.send, shop.internet.send, shop.giftCards.order, shop.paymentLinks.create]) {
      const area = [shop.mobile, shop.internet, shop.giftCards, shop.paymentLinks].find((each) =>
        [each.send, each.order, each.create].includes(send),
      )
      await refuses(() => send.call(area, given), 'request', String(typeof given))
    }
  }
  await refuses(() => shop.mobile.send(new Loud()), 'request')
  const cause = (await refuses(() => shop.mobile.send(proxied), 'request')).cause
  assert.equal(cause.message, 'a proxy that throws')
})

test('texts of every other type', async () => {
  for (const given of NO_TEXT) {
    for (const field of ['planCode', 'number']) {
      await refuses(() => shop.mobile.send(topUp({ [field]: given })), field, typeof given)
    }
    await refuses(() => shop.mobile.checkById(given), 'id')
    await refuses(() => shop.giftCards.product(given), 'productId')
    await refuses(() => shop.orders.get(given), 'ref')
    await refuses(() => shop.orders.ack(given), 'cursor')
    await refuses(() => shop.paymentLinks.check(given), 'paymentRef')
    if (given !== undefined) {
      await refuses(() => shop.mobile.send(topUp({ ref: given })), 'ref', typeof given)
      await refuses(() => shop.mobile.send(topUp({ owner: given })), 'owner', typeof given)
    }
  }
})

test('texts that no engine should see', async () => {
  for (const surrogate of ['\ud83d', 'x\udc00', '\udfff\ud800']) {
    for (const field of ['planCode', 'number', 'ref', 'owner']) {
      const error = await refuses(() => shop.mobile.send(topUp({ [field]: surrogate })), field)
      assert.match(error.detail, /surrogate/)
    }
  }
  for (const field of ['planCode', 'number', 'ref']) {
    await refuses(() => shop.mobile.send(topUp({ [field]: MEGABYTE })), field, 'a megabyte')
    await refuses(() => shop.mobile.send(topUp({ [field]: '' })), field, 'empty')
  }
  const number = await failure(shop.mobile.send(topUp({ number: '😀' })))
  assert.ok(number instanceof InvalidNumberError && number.field === 'number')
  await refuses(() => shop.mobile.send(topUp({ ref: 'a\u0000b' })), 'ref', 'a zero byte')
  const order = await shop.mobile.send(topUp({ ref: 'طلب-😀-1', owner: '客-user' }))
  assert.deepEqual([order.ref, order.owner], ['طلب-😀-1', '客-user'], 'every whole character survives')
})

test('numbers that lost their zero', async () => {
  const error = await refuses(() => shop.mobile.send(topUp({ number: 778037340 })), 'number')
  assert.match(error.detail, /leading zero/)
  const text = await failure(shop.mobile.send(topUp({ number: '778037340' })))
  assert.ok(text instanceof InvalidNumberError && text instanceof ValidationError)
})

test('money is never a float', async () => {
  const wrong = [500.5, 0.1, NaN, Infinity, -Infinity, 1e21, 2 ** 53, Number.MAX_VALUE, 5e-324]
  const texts = ['', ' ', '5,00', '500 DA', '1e3', '0x10', '٥٠٠', 'NaN', '--5', '.5', '5.', '1_000', '9'.repeat(60), MEGABYTE]
  for (const amount of [...wrong, ...texts, null, {}, [], true, Symbol('s'), () => {}, new Date(0)]) {
    await refuses(() => shop.mobile.send(topUp({ amount })), 'amount', String(typeof amount))
    await refuses(() => shop.mobile.quote(topUp(), { maxPrice: amount }), 'maxPrice', String(typeof amount))
    assert.throws(() => Dzd.add(amount, 1), ValidationError)
    assert.throws(() => Dzd.format(amount), ValidationError)
  }
  for (const amount of [0, -5, -0, '0', '-1', '0.5', 10n ** 30n, '99999999999999999999999999999999']) {
    await refuses(() => shop.mobile.send(topUp({ amount })), 'amount', String(amount))
  }
  for (const amount of [500, 500n, '500', '500.00', '+500']) {
    const order = await shop.mobile.send(topUp({ amount }))
    assert.equal(order.state, 'accepted', String(amount))
  }
})

test('counts, instants and words', async () => {
  const cards = { productId: 'p', typeId: 't' }
  for (const quantity of [0, -1, 1.5, NaN, 2 ** 32, 1e21, '2', null, undefined, 2n, {}]) {
    await refuses(() => shop.giftCards.order({ ...cards, quantity }), 'quantity', String(quantity))
  }
  for (const sendBefore of [NaN, 1700000000, '2026-01-01', 'tomorrow', new Date(NaN), null, {}, '2026-13-01T00:00:00Z', '2026-02-30T00:00:00Z', '2026-04-31T00:00:00+01:00']) {
    await refuses(() => shop.mobile.send(topUp({ sendBefore })), 'sendBefore', String(sendBefore))
  }
  for (const type of ['DSL', 'adsl ', '', null, undefined, 4, {}, '__proto__', 'constructor', 'toString']) {
    await refuses(() => shop.internet.send({ type, number: '036362608', value: 1000 }), 'type', String(type))
    await refuses(() => shop.internet.products(type), 'type', String(type))
  }
  await refuses(() => shop.orders.list({ state: 'done' }), 'state')
  await refuses(() => shop.orders.list({ limit: 0 }), 'limit')
  await refuses(() => shop.reconcile({ since: new Date() }), 'until')
  await refuses(() => shop.reconcile(), 'request')
  await refuses(() => shop.orders.resolve('r', { decision: 'paid', actor: 'a', note: 'n' }), 'decision')
})

test('a misspelt field is an error, not a missing value', async () => {
  const error = await refuses(() => shop.mobile.send({ ...topUp(), reff: 'x' }), 'reff')
  assert.match(error.detail, /there are planCode, number, amount, ref/)
  assert.match((await refuses(() => shop.mobile.send({ ...topUp(), plan_code: 'x' }), 'plan_code')).detail, /write planCode/)
  await refuses(() => shop.account.balance({ timeout: 5 }), 'timeout')
  await refuses(() => shop.mobile.send(JSON.parse('{"__proto__": {}, "planCode": "x"}')), '__proto__')
})

test('options of calls', async () => {
  for (const given of [null, 5, 'text', []]) await refuses(() => shop.account.balance(given), 'options')
  for (const signal of [null, {}, new EventTarget(), 'abort']) {
    await refuses(() => shop.account.balance({ signal }), 'signal')
    await refuses(() => shop.mobile.send(topUp(), { signal }), 'signal')
  }
  for (const timeoutMs of [0, -1, 1.5, NaN, Infinity, 1e21, '5', null, 5n]) {
    await refuses(() => shop.account.balance({ timeoutMs }), 'timeoutMs', String(timeoutMs))
  }
  class Inherited {
    get timeoutMs() {
      return -1
    }
  }
  await refuses(() => shop.account.balance(new Inherited()), 'timeoutMs')
  await refuses(() => shop.account.balance(Object.create({ timeoutMs: -1 })), 'timeoutMs')
  const loud = { get signal() { throw new Error('a getter that throws') } }
  await refuses(() => shop.mobile.send(topUp(), loud), 'options')
  await refuses(() => shop.audit.export('audit.jsonl', loud), 'options')
})

test('sequences reject with their first item', async () => {
  for (const [stream, field] of [
    [() => shop.account.transactions({ pageSize: 0 }), 'pageSize'],
    [() => shop.account.transactions({ since: new Date() }), 'until'],
    [() => shop.mobile.list('all'), 'request'],
    [() => shop.orders.events({ after: 'no cursor' }), 'after'],
    [() => shop.orders.events({ after: 5 }), 'after'],
    [() => shop.orders.events({ signal: 5 }), 'signal'],
  ]) {
    let made
    assert.doesNotThrow(() => (made = stream()))
    await refuses(() => made.next(), field)
  }
})

test('settings that cannot work throw at once, and tell nothing of the key', () => {
  const wrong = {
    apiKey: [5, null, '', ' k', 'ké\u0001', {}, Symbol('s'), '\ud800'],
    baseUrl: ['ftp://h', 'http://example.com', '', 5, 'https://u:p@h'],
    journal: [5, {}, null],
    expect: ['prod', 5, 'unknown', ''],
    timeoutMs: [0, -1, 1.5, NaN, '5', 1e21, 3_600_001],
    pollIntervalMs: [0, Infinity],
    requestsPerSecond: [0, -5, null],
    watches: ['yes', 1, null],
    extraRoots: ['no certificate', 5, [5], [null]],
    appName: ['متجر', '', 5],
    giftCardPaths: ['camel', 5],
    proxy: ['::::', 5],
    apikey: ['k'],
    nothing: [1],
  }
  for (const [field, values] of Object.entries(wrong)) {
    for (const value of values) {
      assert.throws(
        () => new Client({ apiKey: 'secret-key', [field]: value }),
        (error) => {
          assert.ok(error instanceof ConfigError, `${field}: ${error}`)
          assert.deepEqual([error.code, error.field, error.outcome], ['config', field, 'not_sent'])
          assert.ok(!`${error.stack}${JSON.stringify(error)}`.includes('secret-key'))
          return true
        },
      )
    }
  }
  for (const given of [Object.create({ timeoutMs: -5 }), new (class { timeoutMs = -5 })(), new (class { get timeoutMs() { return -5 } })()]) {
    assert.throws(() => new Client(given), { field: 'timeoutMs' }, 'what a class or defaults say is heard')
  }
  for (const given of [null, 5, 'key', [], new Map([['apiKey', 'k']]), new Proxy({}, { ownKeys: () => assert.fail() })]) {
    assert.throws(() => new Client(given), ConfigError)
  }
  assert.throws(() => Client(), TypeError)
  assert.throws(() => shop.setApiKey(5), ValidationError)
  assert.throws(() => shop.setApiKey(''), OneClickDzError)
  assert.throws(() => makeRef(null), ValidationError)
  assert.throws(() => setLogger('console'), ValidationError)
  assert.throws(() => setLogger(console.log, 'loud'), ValidationError)
})

test('methods without their object reject or throw a plain TypeError, and the process lives', async () => {
  const { send } = shop.mobile
  try {
    await send(topUp())
    assert.fail('it has no client')
  } catch (error) {
    assert.ok(error instanceof TypeError)
  }
})

test('amounts are calculated exactly', () => {
  assert.equal(Dzd.add('0.1', '0.2'), '0.3')
  assert.equal(Dzd.subtract('100', '0.005'), '99.995')
  assert.equal(Dzd.multiply('826.13', 3), '2478.39')
  assert.equal(Dzd.sum(['1', 2, 3n, '0.5']), '6.5')
  for (const values of ['100', null, undefined, 5]) assert.throws(() => Dzd.sum(values), { field: 'values' })
  assert.equal(Dzd.parse('-0.50'), '-0.5')
  assert.equal(Dzd.parse('-0'), '0')
  assert.deepEqual(['10', '9', '9.5'].sort(Dzd.compare), ['9', '9.5', '10'])
  assert.ok(Dzd.equals('500.00', 500))
  assert.equal(Dzd.format('1234567890123456789.5', 'en').replace(/\s/g, ' '), 'DZD 1,234,567,890,123,456,789.50')
  assert.match(Dzd.format('826.13').replace(/\s/g, ' '), /826,13/)
})

test('nothing of all this was sent', async () => {
  const { requests } = await box.ledger()
  const good = { 'mobile.send': 6, 'internet.send': 0, 'gift_cards.place_order': 0, 'payment_links.create': 0 }
  for (const [operation, count] of Object.entries(good)) assert.equal(requests[operation] ?? 0, count, operation)
  for (const operation of ['account.balance', 'mobile.list', 'account.transactions', 'internet.products']) {
    assert.equal(requests[operation] ?? 0, 0, operation)
  }
})
