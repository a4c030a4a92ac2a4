// Cards: bought with a key, shown on purpose and on record, destroyed, sealed anew; and what only JavaScript could leak.
import assert from 'node:assert/strict'
import { createCipheriv } from 'node:crypto'
import { chmodSync, readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'

import * as face from 'oneclickdz'

import { VAULT_KEY, client, failure, folder, sandbox, topUp } from './helpers.mjs'

const box = await sandbox()
const OTHER_KEY = 'c0'.repeat(15) + 'de'.repeat(17)
const adsl = (fields) => ({ type: 'ADSL', number: '036362608', value: 1000, ref: topUp().ref, owner: 'user-7', ...fields })

test('cards are shown to their owner, on record, and printed to nobody', async () => {
  const shop = client(box)
  const order = await (await shop.internet.send(adsl())).wait()
  assert.equal(order.cardCount, 1)
  const cards = await shop.cards.reveal(order.ref, { owner: 'user-7', actor: 'api', address: '10.0.0.7', agent: 'test/1' })
  const [card] = cards
  assert.match(card.code, /^\d{8,}$/)
  assert.deepEqual([card.index, card.serial], [0, null])
  assert.ok(card.processedAt instanceof Date)
  for (const text of [inspect(cards, { depth: 9, showHidden: true, getters: true }), JSON.stringify(cards), `${card}`, JSON.stringify({ ...card })]) {
    assert.ok(!text.includes(card.code) && !text.includes(card.transactionNumber), text)
  }
  assert.match(inspect(card), /^Card \{.*code: '\[redacted\]'/s)

  const stranger = await failure(shop.cards.reveal(order.ref, { owner: 'user-8', actor: 'api' }))
  const nobody = await failure(shop.cards.reveal('no-such-order', { owner: 'user-8', actor: 'api' }))
  for (const error of [stranger, nobody]) assert.ok(error instanceof face.OrderNotFoundError)
  assert.equal((await failure(shop.cards.reveal(order.ref))).code, 'validation')
  assert.equal((await failure(shop.cards.reveal(order.ref, { owner: 'user-7', ref: 'x' }))).field, 'ref')

  const entries = []
  for await (const entry of shop.audit.entries()) if (entry.ref === order.ref) entries.push(entry)
  const shown = entries.find((entry) => entry.event === 'card_revealed')
  assert.deepEqual([shown.actor, shown.owner, shown.address, shown.agent], ['api', 'user-7', '10.0.0.7', 'test/1'])
  assert.ok(entries.some((entry) => entry.event === 'reveal_refused'))
  const report = await shop.audit.verify()
  assert.deepEqual([report.isIntact, report.brokenAt], [true, null])
  assert.equal((await shop.audit.verify(report.head)).isIntact, true)
  assert.equal((await failure(shop.audit.verify('nonsense'))).field, 'head')
})

test('without a key no card is bought, and a mobile top-up needs none', async () => {
  const shop = client(box, { vaultKey: undefined })
  const missing = await failure(shop.internet.send(adsl()))
  assert.ok(missing instanceof face.VaultKeyMissingError && missing instanceof face.VaultError)
  assert.equal(missing.outcome, 'not_sent')
  assert.equal((await shop.mobile.send(topUp())).state, 'accepted')
  for (const vaultKey of ['', 'short', 'zz'.repeat(32), '00'.repeat(32), 5, null, [5]]) {
    assert.throws(() => client(box, { vaultKey }), (error) => error instanceof face.ConfigError && error.field === 'vaultKey')
  }
})

test('a function gives the key, such as one that asks a key service', async () => {
  let asked = 0
  const shop = client(box, {
    vaultKey: async () => {
      asked += 1
      await null
      return [new Uint8Array(Buffer.from(OTHER_KEY, 'hex')), VAULT_KEY]
    },
  })
  assert.equal((await shop.mobile.send(topUp())).state, 'accepted')
  assert.equal(asked, 0, 'nobody asks for a key before there are cards')
  const order = await (await shop.internet.send(adsl())).wait()
  const [card] = await shop.cards.reveal(order.ref, { owner: 'user-7' })
  assert.match(card.code, /^\d{8,}$/)
  assert.equal(asked, 1, 'what it gave is believed for a while')
  const report = await shop.cards.rekey()
  assert.deepEqual([report.unreadable, asked], [0, 2])

  const simple = client(box, { vaultKey: () => VAULT_KEY })
  const again = await (await simple.internet.send(adsl())).wait()
  assert.equal((await simple.cards.reveal(again.ref, { owner: 'user-7' })).length, 1)
})

test('a function that gives no key: no card is bought, and nothing that it says is told', async () => {
  const trouble = Object.assign(new TypeError(`the key is ${OTHER_KEY}`), { code: 'ACCESS_DENIED' })
  const wrong = [
    [() => { throw trouble }, /TypeError \(ACCESS_DENIED\)/],
    [async () => { throw undefined }, /threw missing/],
    [async () => undefined, /gave missing: give text, or the key's 32 bytes/],
    [async () => [VAULT_KEY, 5], /gave a number/],
    [async () => 'short', /vault_key/],
    [async () => new Uint8Array(8), /vault_key/],
    [async () => [], /./],
  ]
  for (const [vaultKey, says] of wrong) {
    const shop = client(box, { vaultKey })
    const before = await shop.account.balance()
    const error = await failure(shop.internet.send(adsl()))
    assert.ok(error instanceof face.VaultUnavailableError, `${vaultKey}: ${error}`)
    assert.equal(error.outcome, 'not_sent')
    const text = inspect(error, { depth: 9 })
    assert.match(text, says)
    assert.ok(!text.includes(OTHER_KEY), text)
    assert.deepEqual(await shop.account.balance(), before, 'nothing was bought')
  }
})

test('the audit log is written to a file or a stream, line by line', async () => {
  const home = folder()
  const shop = client(box, { journal: path.join(home, 'orders.db') })
  const order = await (await shop.internet.send(adsl())).wait()
  // More than crosses at once.
  for (let look = 0; look < 120; look += 1) await shop.cards.reveal(order.ref, { owner: 'user-7', reason: `look ${look} «é»` })
  const events = []
  for await (const entry of shop.audit.entries()) events.push(entry)

  const file = path.join(home, 'audit.jsonl')
  assert.equal(await shop.audit.export(file), events.length)
  const lines = readFileSync(file, 'utf8').split('\n')
  assert.equal(lines.pop(), '', 'each line has an end')
  assert.deepEqual(lines.map((line) => JSON.parse(line)).map(({ number, event, hash }) => [String(number), event, hash]), events.map(({ cursor, event, hash }) => [cursor, event, hash]))
  assert.equal(statSync(file).mode & 0o777, 0o600, 'private to its user')
  chmodSync(file, 0o644)
  assert.equal(await shop.audit.export(pathToFileURL(file)), events.length, 'written anew, not longer')
  assert.equal(readFileSync(file, 'utf8').split('\n').length - 1, events.length)
  assert.equal(statSync(file).mode & 0o777, 0o600, 'one that was open to others no longer is')

  let text = ''
  let isEnded = false
  const slow = new Writable({
    highWaterMark: 16,
    write: (part, _, done) => setImmediate(() => done(void (text += part))),
    final: (done) => done(void (isEnded = true)),
  })
  assert.equal(await shop.audit.export(slow), events.length)
  assert.equal(text, readFileSync(file, 'utf8'))
  assert.equal(isEnded, false, 'a stream of the caller is left open')
  assert.ok(slow.writable)

  for (const to of [undefined, null, 5, {}, []]) {
    const error = await failure(shop.audit.export(to))
    assert.ok(error instanceof face.ValidationError, `${error}`)
    assert.equal(error.field, 'to')
  }
  const nowhere = await failure(shop.audit.export(path.join(home, 'no', 'such', 'folder')))
  assert.ok(nowhere instanceof face.ConfigError)
  assert.deepEqual([nowhere.field, nowhere.cause.code, nowhere.operation], ['to', 'ENOENT', 'audit.export'])
  const broken = new Writable({ write: (_part, _encoding, done) => done(new Error('the disk is full')) })
  broken.on('error', () => {})
  const full = await failure(shop.audit.export(broken))
  assert.deepEqual([full.code, full.cause.message], ['config', 'the disk is full'])
  const stuck = new Writable({ highWaterMark: 1, write: () => {} })
  const gone = failure(shop.audit.export(stuck))
  setImmediate(() => stuck.destroy())
  assert.equal((await gone).code, 'config')
  const still = new Writable({ highWaterMark: 1, write: () => {} })
  const leave = new AbortController()
  const left = failure(shop.audit.export(still, { signal: leave.signal }))
  setImmediate(() => leave.abort(new Error('enough')))
  const aborted = await left
  assert.deepEqual([aborted.code, aborted.cause.message], ['aborted', 'enough'])
  assert.equal((await failure(shop.audit.export(file, { timeout: 5 }))).field, 'timeout')

  await shop.close()
  for (const reads of [() => shop.audit.export(file), () => shop.audit.export(slow), () => shop.audit.entries().next(), () => shop.audit.verify()]) {
    assert.ok((await failure(reads())) instanceof face.ClosedError, `${reads}`)
  }
  assert.equal(readFileSync(file, 'utf8'), text, 'a closed client empties no file')
  assert.ok((await failure(shop.orders.get(order.ref))) instanceof face.ClosedError)
})

test('a key is changed, and then nothing needs the old one; the file holds no code', async () => {
  const home = folder()
  const journal = path.join(home, 'orders.db')
  const first = client(box, { journal })
  const order = await (await first.giftCards.order({ ...(await inStock(first)), quantity: 2, ref: topUp().ref, owner: 'u' })).wait()
  const before = (await first.cards.reveal(order.ref, { owner: 'u' })).map(({ code, serial }) => [code, serial])
  assert.equal(before.length, 2)
  await first.close()

  const both = client(box, { journal, vaultKey: [OTHER_KEY, VAULT_KEY] })
  const report = await both.cards.rekey()
  assert.deepEqual([report.unreadable, report.resealed > 0], [0, true])
  await both.close()
  const old = client(box, { journal })
  assert.ok((await failure(old.cards.reveal(order.ref, { owner: 'u' }))) instanceof face.VaultKeyLostError)
  await old.close()
  const fresh = client(box, { journal, vaultKey: OTHER_KEY })
  assert.deepEqual((await fresh.cards.reveal(order.ref, { owner: 'u' })).map(({ code, serial }) => [code, serial]), before)
  for (const file of readdirSync(home)) {
    const bytes = readFileSync(path.join(home, file), 'latin1')
    for (const [code, serial] of before) assert.ok(!bytes.includes(code) && !bytes.includes(serial), file)
  }

  const later = new Date(Date.now() + 3_600_000)
  assert.deepEqual(await fresh.cards.purge({ olderThan: later, actor: 'clerk' }), { orders: 1, cards: 2 })
  assert.ok((await failure(fresh.cards.reveal(order.ref, { owner: 'u' }))) instanceof face.AlreadyPurgedError)
})

test('a card that was kept as the documentation shows is taken over', async () => {
  const key = Buffer.from(VAULT_KEY, 'hex')
  const iv = Buffer.alloc(16, 7)
  const cipher = createCipheriv('aes-256-gcm', key, iv)
  const encryptedData = cipher.update('123456780000', 'utf8', 'hex') + cipher.final('hex')
  const kept = { iv: iv.toString('hex'), encryptedData, authTag: cipher.getAuthTag().toString('hex') }
  const shop = client(box)
  const { ref, type, number, value, owner } = adsl()
  const request = { ref, type, number, value, owner, ...kept, transactionNumber: 'AT-1', actor: 'migration' }
  assert.deepEqual(await shop.cards.import(request), { ref, isNewOrder: true, isKnown: false })
  assert.equal((await shop.cards.import(request)).isKnown, true)
  const [card] = await shop.cards.reveal(ref, { owner: 'user-7' })
  assert.deepEqual([card.code, card.transactionNumber], ['123456780000', 'AT-1'])
  const spoilt = { ...request, ref: topUp().ref, authTag: '00'.repeat(16) }
  assert.ok((await failure(shop.cards.import(spoilt))) instanceof face.VaultTamperedError)
})

async function inStock(shop) {
  const { categories } = await shop.giftCards.catalog()
  const { id: productId, types } = await shop.giftCards.product(categories[0].products[0].id)
  return { productId, typeId: types.find((type) => type.isInStock).id }
}
