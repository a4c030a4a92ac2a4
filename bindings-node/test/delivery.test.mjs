// Codes on their way to customers: by a function of the program's, by a gateway over HTTP, by a mail server.
import assert from 'node:assert/strict'
import diagnostics from 'node:diagnostics_channel'
import http from 'node:http'
import net from 'node:net'
import path from 'node:path'
import { after, test } from 'node:test'
import { inspect } from 'node:util'

import * as face from 'oneclickdz'

import { client, failure, folder, sandbox, topUp } from './helpers.mjs'

const box = await sandbox()

async function card(shop) {
  const request = { type: 'ADSL', number: '036362608', value: 1000, ref: topUp().ref, owner: 'user-7' }
  const order = await (await shop.internet.send(request)).wait()
  const [{ code }] = await shop.cards.reveal(order.ref, { owner: 'user-7' })
  return { ref: order.ref, code }
}
const to = (ref, fields) => ({ ref, channel: 'sms', to: '0770123456', language: 'fr', owner: 'user-7', ...fields })

test('a function of the program sends text messages, and is asked again when it fails', { timeout: 60_000 }, async () => {
  const seen = []
  const shop = client(box, {
    journal: path.join(folder(), 'orders.db'),
    sms: async (message) => {
      seen.push(message)
      return `gateway-${message.id}`
    },
  })
  const { ref, code } = await card(shop)
  const delivery = await shop.delivery.deliver(to(ref))
  assert.ok(delivery instanceof face.Delivery)
  const sent = await delivery.wait({ timeoutMs: 20_000 })
  assert.deepEqual([sent.state, sent.receipt], ['sent', `gateway-${seen[0].id}`])
  assert.ok(seen[0].text.includes(code))
  assert.ok(!inspect(seen, { depth: 5 }).includes(code) && !JSON.stringify(seen).includes(code))
  assert.equal((await shop.delivery.deliver(to(ref))).id, delivery.id, 'the same request is the same delivery')
  assert.deepEqual((await shop.delivery.list(ref)).map((each) => each.id), [delivery.id])
  assert.equal((await shop.delivery.get(delivery.id)).state, 'sent')

  const page = await shop.delivery.inApp(ref, { owner: 'user-7', language: 'ar', title: 'ADSL' })
  assert.deepEqual([page.direction, page.cards[0].code], ['rtl', code])
  assert.ok(!inspect(page, { depth: 9 }).includes(code) && !JSON.stringify(page).includes(code))

  const refuses = client(box, {
    sms: {
      send: () => {
        throw Object.assign(new Error('the number is barred'), { permanent: true })
      },
    },
  })
  const other = await card(refuses)
  const failed = await failure((await refuses.delivery.deliver(to(other.ref))).wait({ timeoutMs: 20_000 }))
  assert.ok(failed instanceof face.DeliveryFailedError)
  assert.match(`${failed.message} ${failed.cause}`, /the number is barred/)
})

test('whatever a function throws is told without a piece of a code, and ends no process', { timeout: 60_000 }, async () => {
  let told = 0
  const words = [
    ({ text }) => new Error(`${'r'.repeat(80)} ${text} ${text}`),
    ({ text }) => new Error(`${'r'.repeat(190 - text.length)} ${text}`),
    () => Object.create(null),
    () => Object.defineProperty({}, 'message', { get: () => assert.fail('a getter') }),
    () => undefined,
  ]
  for (const make of words) {
    const shop = client(box, {
      sms: (message) => {
        told += 1
        throw make(message)
      },
    })
    const { ref, code } = await card(shop)
    const delivery = await shop.delivery.deliver(to(ref))
    const pending = await failure(delivery.wait({ timeoutMs: 1500 }))
    assert.equal(pending.code, 'still_pending')
    const shown = inspect([pending, pending.cause, await shop.delivery.get(delivery.id)], { depth: 9 })
    assert.ok(pending.delivery.lastError.startsWith('the gateway failed'), shown)
    for (let at = 0; at + 6 <= code.length; at += 1) assert.ok(!shown.includes(code.slice(at, at + 6)), shown)
    await shop.close()
  }
  assert.equal(told, words.length)
})

test('a delivery that goes on is told with its order', { timeout: 60_000 }, async () => {
  const answers = []
  const shop = client(box, { journal: path.join(folder(), 'orders.db'), sms: () => new Promise((answer) => answers.push(answer)) })
  const { ref } = await card(shop)
  const delivery = await shop.delivery.deliver(to(ref))
  const calls = []
  const note = ({ operation }) => calls.push(operation)
  diagnostics.subscribe('tracing:oneclickdz:call:start', note)
  const pending = await failure(delivery.wait({ timeoutMs: 1 }))
  diagnostics.unsubscribe('tracing:oneclickdz:call:start', note)
  assert.deepEqual(calls, ['delivery.wait'], 'nothing is read after it, which could fail in its turn')
  assert.ok(pending instanceof face.StillPending, pending.stack)
  assert.ok(pending.delivery instanceof face.Delivery && pending.order instanceof face.Order)
  assert.deepEqual([pending.delivery.id, pending.delivery.state, pending.order.ref], [delivery.id, 'waiting', ref])
  while (answers.length === 0) await new Promise(setImmediate)
  answers[0]('receipt-1')
  assert.equal((await pending.delivery.wait({ timeoutMs: 20_000 })).receipt, 'receipt-1')
})

test('a close waits for the message on its way, which the next client does not send again', { timeout: 60_000 }, async () => {
  const [taken, order] = [[], []]
  const answers = []
  const sms = (message) => {
    taken.push(message.id)
    return new Promise((answer) => answers.push(answer))
  }
  const journal = path.join(folder(), 'orders.db')
  const shop = client(box, { journal, sms })
  const { ref } = await card(shop)
  const delivery = await shop.delivery.deliver(to(ref))
  while (answers.length === 0) await new Promise(setImmediate)
  const closing = shop.close().then(() => order.push('closed'))
  assert.ok((await failure(shop.ping())) instanceof face.ClosedError)
  const next = client(box, { journal, sms })
  await next.ping()
  order.push('answered')
  answers[0]('receipt-1')
  await closing
  assert.deepEqual(order, ['answered', 'closed'])
  const sent = await next.delivery.get(delivery.id)
  assert.deepEqual([sent.state, sent.receipt, sent.attempts], ['sent', 'receipt-1', 1])
  assert.deepEqual(taken, [delivery.id])
})

test('a gateway over HTTP', { timeout: 60_000 }, async () => {
  const asked = []
  const server = http.createServer(async (request, response) => {
    let body = ''
    for await (const part of request) body += part
    asked.push([request.headers.authorization, JSON.parse(body)])
    response.setHeader('content-type', 'application/json').end('{"status": "ok", "data": {"id": "m-1"}}')
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const shop = client(box, {
    sms: {
      url: `http://127.0.0.1:${server.address().port}/send`,
      headers: { authorization: 'Bearer gateway-key' },
      json: '{"to": "{to_international}", "message": "{text}"}',
      success: { pointer: '/status', word: 'ok' },
      receipt: '/data/id',
    },
  })
  const { ref, code } = await card(shop)
  const sent = await (await shop.delivery.deliver(to(ref, { language: 'en' }))).wait({ timeoutMs: 20_000 })
  assert.deepEqual([sent.state, sent.receipt], ['sent', 'm-1'])
  assert.deepEqual([asked[0][0], asked[0][1].to], ['Bearer gateway-key', '213770123456'])
  assert.ok(asked[0][1].message.includes(code))
})

test('a mail server', { timeout: 60_000 }, async () => {
  let mail = ''
  const server = net.createServer((socket) => {
    let isData = false
    socket.write('220 mail.test\r\n')
    socket.on('data', (part) => {
      const text = String(part)
      if (isData) {
        mail += text
        if (!mail.endsWith('\r\n.\r\n')) return
        isData = false
        return socket.write('250 2.0.0 queued as 77\r\n')
      }
      for (const line of text.split('\r\n').filter(Boolean)) {
        if (line === 'DATA') isData = true
        socket.write(line === 'DATA' ? '354 go on\r\n' : line === 'QUIT' ? '221 bye\r\n' : '250 well\r\n')
      }
    })
    socket.on('error', () => {})
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  after(() => server.close())
  const email = { host: '127.0.0.1', port: server.address().port, from: 'My shop <cards@shop.example>', security: 'none' }
  const shop = client(box, { email })
  const { ref } = await card(shop)
  const sent = await (await shop.delivery.deliver(to(ref, { channel: 'email', to: 'a@b.example' }))).wait({ timeoutMs: 20_000 })
  assert.equal(sent.state, 'sent')
  assert.match(mail, /From: .*cards@shop\.example/)
})

test("a shop's own texts, and the engine's where it has none", { timeout: 60_000 }, async () => {
  const seen = []
  const french = 'Bonjour ! {% for card in cards %}{{ card.code }}{% endfor %} pour {{ number }}'
  const shop = client(box, { sms: (message) => void seen.push(message.text), templates: { sms: { fr: french, en: undefined } } })
  const { ref, code } = await card(shop)
  await (await shop.delivery.deliver(to(ref))).wait({ timeoutMs: 20_000 })
  assert.equal(seen[0], `Bonjour ! ${code} pour 036362608`)
  await (await shop.delivery.deliver(to(ref, { language: 'en' }))).wait({ timeoutMs: 20_000 })
  assert.ok(seen[1].includes(code) && !seen[1].includes('Bonjour'), seen[1])
})

test('bad settings and bad requests name what is wrong', async () => {
  const wrong = [
    [{ email: {} }, 'email.host'],
    [{ email: { host: 'h', from: 'nobody' } }, 'email.from'],
    [{ email: { host: 'h.example', from: 'a@b.example', security: 'none' } }, 'email.security'],
    [{ email: { host: 'h', from: 'a@b.example', user: 'u' } }, 'email.password'],
    [{ email: { host: 'h', from: 'a@b.example', password: 'p' } }, 'email.user'],
    [{ email: { host: 5, from: 'a@b.example' } }, 'email.host'],
    [{ email: 'smtp://h' }, 'email'],
    [{ sms: {} }, 'sms.url'],
    [{ sms: { url: 'http://other.example/' } }, 'sms.url'],
    [{ sms: { send: 'x' } }, 'sms.send'],
    [{ sms: { url: 'https://h.example/', json: '{' } }, 'sms.body'],
    [{ sms: { url: 'https://h.example/', headers: { key: 5 } } }, 'sms.headers.key'],
    [{ sms: { send: () => null, maxSegments: 50 } }, 'sms.maxSegments'],
    [{ sms: { send: () => null, url: 'https://h.example/' } }, 'sms.url'],
    [{ sms: { send: () => null, timeoutMs: 500 } }, 'sms.timeoutMs'],
    [{ sms: { url: 'https://h.example/', headers: new Map([['key', 5]]) } }, 'sms.headers.key'],
    [{ sms: { tel: '5' } }, 'sms.tel'],
    [{ sms: { url: 'https://h.example/', json: '{}', form: 'a=b' } }, 'sms.form'],
    [{ sms: { url: 'https://h.example/', success: { pointer: '/a' } } }, 'sms.success.word'],
    [{ email: { host: 'h', from: 'a@b.example', port: 70_000 } }, 'email.port'],
    [{ templates: 'hello' }, 'templates'],
    [{ templates: { letter: {} } }, 'templates.letter'],
    [{ templates: { sms: 'hello' } }, 'templates.sms'],
    [{ templates: { sms: { de: 'hallo' } } }, 'templates.sms.de'],
    [{ templates: { sms: { fr: 5 } } }, 'templates.sms.fr'],
    [{ templates: { sms: { fr: 'no code' } } }, 'templates.sms.fr'],
    [{ templates: { emailHtml: { ar: '{{ colour }}' } } }, 'templates.emailHtml.ar'],
    [{ templates: { emailSubject: { en: '{{ cards[0].code }}' } } }, 'templates.emailSubject.en'],
  ]
  for (const [settings, field] of wrong) {
    assert.throws(() => client(box, settings), (error) => {
      assert.ok(error instanceof face.ConfigError, `${inspect(settings)}: ${error}`)
      assert.equal(error.field, field, error.message)
      return true
    })
  }
  const shop = client(box)
  const { ref } = await card(shop)
  assert.equal((await failure(shop.delivery.deliver(to(ref)))).code, 'config', 'no gateway is set up')
  assert.equal((await failure(shop.delivery.deliver({ ref }))).field, 'channel')
  const ready = client(box, { sms: () => null })
  const mobile = await ready.mobile.send(topUp({ owner: 'user-7' }))
  assert.ok((await failure(ready.delivery.deliver(to(mobile.ref)))) instanceof face.OneClickDzError)
  assert.equal((await failure(ready.delivery.deliver(to(mobile.ref, { to: '123' })))).field, 'to')
})
