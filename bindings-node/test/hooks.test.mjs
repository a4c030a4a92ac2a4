// Logging and tracing: what happened is told, a secret never.
import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import { after, test } from 'node:test'

import { setLogger } from 'oneclickdz'

import { client, failure, run, sandbox, topUp } from './helpers.mjs'

const box = await sandbox()

test('log lines name the call, and hold neither key nor code', async () => {
  const lines = []
  after(() => setLogger(null))
  setLogger((line) => lines.push(line), 'trace')
  const shop = client(box, { apiKey: 'sandbox-key' })
  const order = await (await shop.internet.send({ type: 'ADSL', number: '036362608', value: 1000, ref: topUp().ref })).wait()
  const { card } = await shop.internet.checkByRef(order.ref)
  await box.faults({ operation: 'account.balance', fault: 'error_503', calls: [1] })
  await shop.account.balance()
  assert.ok(lines.length >= 4)
  assert.ok(lines.some((line) => line.operation === 'internet.send' && line.level === 'debug' && line.fields.status === '200'))
  const text = JSON.stringify(lines)
  for (const secret of ['sandbox-key', card.code]) assert.ok(!text.includes(secret))
  const before = lines.length
  setLogger(null)
  await shop.account.balance()
  assert.equal(lines.length, before, 'null ends it')
})

test('the level holds back what is below it; a logger that throws breaks nothing', async () => {
  const seen = []
  const warned = new Promise((resolve) => process.once('warning', (warning) => resolve(warning.message)))
  const shop = client(box)
  setLogger((line) => seen.push(line), 'warn')
  await shop.account.balance()
  assert.deepEqual(seen, [])
  setLogger(() => {
    throw new Error('no disk')
  }, 'debug')
  assert.equal(typeof (await shop.account.balance()).amount, 'string')
  assert.match(await warned, /the logger given to oneclickdz threw: no disk/)
  const rejected = new Promise((resolve) => process.once('warning', (warning) => resolve(warning.message)))
  setLogger(async () => {
    throw new Error('no network')
  }, 'debug')
  await shop.account.balance()
  assert.match(await rejected, /the logger given to oneclickdz threw: no network/)
  setLogger(null)
})

test('a logger keeps no process alive', async () => {
  const { code, out } = await run(`
    import { Client, setLogger } from 'oneclickdz'
    setLogger((line) => console.log(line.message), 'debug')
    const shop = new Client({ apiKey: 'sandbox-key', baseUrl: '${box.url}', journal: ':memory:' })
    await shop.account.balance()
  `)
  assert.deepEqual([code, out.trim()], [0, 'answered'])
})

test('each call is published to tracing tools, with its end or its error', async () => {
  const told = []
  const handlers = {
    start: (call) => told.push(['start', call.operation, call.ref]),
    error: (call) => told.push(['error', call.error.code]),
    asyncEnd: (call) => told.push(['end', call.operation]),
  }
  const channel = diagnostics.tracingChannel('oneclickdz:call')
  channel.subscribe(handlers)
  after(() => channel.unsubscribe(handlers))
  const shop = client(box)
  const request = topUp({ number: '0599999999' })
  await shop.account.balance()
  await failure(shop.mobile.send(request))
  assert.deepEqual(told, [
    ['start', 'account.balance', undefined],
    ['end', 'account.balance'],
    ['start', 'mobile.send', request.ref],
    ['error', 'invalid_number'],
    ['end', 'mobile.send'],
  ])
})
