// Orders as a shop meets them: sent, followed, found again.
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'

import { AbortedError, NotFoundError, Order, RefConflictError, StillPending } from 'oneclickdz'

import { client, failure, folder, sandbox, topUp } from './helpers.mjs'

const box = await sandbox()

test('a top-up is sent and followed to its end', async () => {
  const shop = client(box)
  const request = topUp({ owner: 'user-7' })
  const order = await shop.mobile.send(request)
  assert.ok(order instanceof Order)
  assert.deepEqual(
    [order.ref, order.owner, order.service, order.state, order.isSettled],
    [request.ref, 'user-7', 'mobile', 'accepted', false],
  )
  const settled = await order.wait({ timeoutMs: 20_000 })
  assert.deepEqual([settled.state, settled.charged, settled.isSettled], ['fulfilled', '496.25', true])
  assert.ok(settled.createdAt instanceof Date && settled.updatedAt >= settled.createdAt)
  const same = await shop.mobile.send(request)
  assert.equal(same.state, 'fulfilled', 'the same reference is the same order')
  const { charges } = await box.ledger()
  assert.equal(charges.filter((charge) => charge.ref === request.ref).length, 1)
  const conflict = await failure(shop.mobile.send({ ...request, amount: 600 }))
  assert.ok(conflict instanceof RefConflictError)
  assert.deepEqual([conflict.code, conflict.ref, conflict.outcome], ['ref_conflict', request.ref, 'not_sent'])
})

test('internet and gift cards take the words of the documentation', async () => {
  const shop = client(box)
  const adsl = await shop.internet.send({ type: 'ADSL', number: '036362608', value: 1000, ref: topUp().ref })
  assert.equal((await adsl.wait({ timeoutMs: 20_000 })).state, 'fulfilled')
  const topup = await shop.internet.checkByRef(adsl.ref)
  assert.equal(topup.type, 'adsl')
  assert.match(topup.card.code, /^\d+$/)
  const { categories } = await shop.giftCards.catalog()
  const [{ id: productId }] = categories[0].products
  const { types } = await shop.giftCards.product(productId)
  const { id: typeId } = types.find((type) => type.isInStock)
  const cards = await shop.giftCards.order({ productId, typeId, quantity: 2, ref: topUp().ref })
  assert.equal((await cards.wait({ timeoutMs: 20_000 })).state, 'fulfilled')
  assert.equal((await shop.giftCards.checkOrder(cards.id)).cards.length, 2)
})

test('a wait that is over is not a failure, and carries the order', async () => {
  const slow = await sandbox('--manual-clock')
  const shop = client(slow)
  const order = await shop.mobile.send(topUp())
  const pending = await failure(order.wait({ timeoutMs: 150 }))
  assert.ok(pending instanceof StillPending)
  assert.deepEqual([pending.code, pending.outcome, pending.ref], ['still_pending', 'unknown', order.ref])
  assert.ok(pending.order instanceof Order && pending.order.nextCheckAt instanceof Date)
  await slow.advance(30)
  assert.equal((await pending.order.wait({ timeoutMs: 10_000 })).state, 'fulfilled')
})

test('an aborted call that changes something says that it may have done so; a read that it sent nothing', async () => {
  const shop = client(box)
  const { ref } = await shop.mobile.send(topUp())
  const link = { title: 'Top-up', amount: '500' }
  const changes = {
    create: (options) => shop.paymentLinks.create(link, options),
    deliver: (options) => shop.delivery.deliver({ ref, channel: 'sms', to: '0770123456', language: 'fr' }, options),
    resolve: (options) => shop.orders.resolve(ref, { decision: 'refused', actor: 'support', note: 'asked' }, options),
    purge: (options) => shop.cards.purge({ olderThan: new Date(0), actor: 'support' }, options),
  }
  const reads = { balance: (options) => shop.account.balance(options), get: (options) => shop.orders.get(ref, options) }
  for (const [name, call] of Object.entries({ ...changes, ...reads })) {
    const stop = new AbortController()
    const left = failure(call({ signal: stop.signal }))
    stop.abort()
    const aborted = await left
    assert.ok(aborted instanceof AbortedError, `${name}: ${aborted}`)
    const isChange = name in changes
    assert.deepEqual([aborted.outcome, aborted.retryable], isChange ? ['unknown', false] : ['not_sent', true], name)
    assert.equal((await failure(call({ signal: AbortSignal.abort() }))).outcome, 'not_sent', `${name}, aborted before`)
  }
  await shop.close()
})

test('aborting ends the waiting and never the order', async () => {
  const slow = await sandbox('--manual-clock')
  const shop = client(slow)
  const early = await failure(shop.mobile.send(topUp(), { signal: AbortSignal.abort(new Error('gone')) }))
  assert.ok(early instanceof AbortedError)
  assert.deepEqual([early.name, early.code, early.outcome, early.cause.message], ['AbortError', 'aborted', 'not_sent', 'gone'])
  assert.equal((await slow.ledger()).charges.length, 0)

  await slow.faults({ operation: 'mobile.send', fault: 'slow', params: { delay_ms: 400 } })
  const { ref: _, ...unnamed } = topUp()
  const sent = await failure(shop.mobile.send(unnamed, { signal: AbortSignal.timeout(150) }))
  assert.ok(sent instanceof AbortedError)
  assert.equal(sent.outcome, 'unknown')
  assert.equal(sent.cause.name, 'TimeoutError')
  assert.match(sent.ref, /^mobile-/, 'an unknown outcome always names its order')
  await slow.advance(30)
  const found = await (await shop.orders.get(sent.ref)).wait({ timeoutMs: 10_000 })
  assert.equal(found.state, 'fulfilled', 'the order went on')
  assert.equal((await slow.ledger()).charges.length, 1)

  const other = client(box)
  // In the same instant, too: what was called for is on record.
  for (let round = 0; round < 50; round += 1) {
    const leaving = new AbortController()
    const request = topUp()
    const left = failure(other.mobile.send(request, { signal: leaving.signal }))
    leaving.abort()
    assert.deepEqual([(await left).outcome, (await left).ref], ['unknown', request.ref])
    for (let tries = 0; ; tries += 1) {
      try {
        assert.equal((await other.orders.get(request.ref)).ref, request.ref)
        break
      } catch (error) {
        assert.ok(error instanceof NotFoundError && tries < 200, `${error}`)
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
  }

  const waiting = new AbortController()
  const third = await shop.mobile.send(topUp())
  const waited = failure(third.wait({ signal: waiting.signal }))
  waiting.abort()
  assert.equal((await waited).outcome, 'unknown')
  assert.equal(waiting.signal.aborted, true)
})

test('updates tell each change once, also those before they were asked for', async () => {
  const slow = await sandbox('--manual-clock')
  const shop = client(slow)
  const order = await shop.mobile.send(topUp())
  await slow.advance(30)
  await order.wait({ timeoutMs: 10_000 })
  const states = []
  for await (const update of order.updates()) states.push(update.state)
  assert.deepEqual(states, ['fulfilled'])

  const next = await shop.mobile.send(topUp())
  const seen = []
  for await (const update of next.updates()) {
    seen.push(update.status)
    await slow.advance(10)
  }
  assert.equal(seen.at(-1), 'FULFILLED')
  assert.equal(new Set(seen).size, seen.length)
})

test('leaving a loop, or ending it from outside, ends the waiting', async () => {
  const shop = client(await sandbox('--manual-clock'))
  const order = await shop.mobile.send(topUp())
  const updates = order.updates()
  const next = updates.next()
  const later = updates.next()
  assert.deepEqual(await updates.return(), { value: undefined, done: true })
  assert.deepEqual(await Promise.race([next, later]), { value: undefined, done: true })
  for await (const event of shop.orders.events()) {
    assert.equal(event.order.ref, order.ref)
    break
  }
  const stop = new AbortController()
  const aborted = failure(
    (async () => {
      for await (const _ of shop.orders.events({ signal: stop.signal })) stop.abort()
    })(),
  )
  assert.ok((await aborted) instanceof AbortedError)
})

test('events come after the last one acknowledged, in another process of the shop too', async () => {
  const journal = path.join(folder(), 'orders.db')
  const first = client(box, { journal })
  const refs = []
  for (let count = 0; count < 3; count += 1) {
    const order = await first.mobile.send(topUp())
    refs.push(order.ref)
    await order.wait({ timeoutMs: 20_000 })
  }
  const seen = []
  for await (const event of first.orders.events()) {
    seen.push(event)
    if (event.order.ref === refs[0] && event.order.isSettled) {
      await first.orders.ack(event.cursor)
      break
    }
  }
  assert.equal(seen[0].from, null)
  assert.ok(seen.every((event) => event.order.ref === refs[0] && event.at instanceof Date))
  await first.close()
  const second = client(box, { journal })
  for await (const event of second.orders.events()) {
    assert.equal(event.order.ref, refs[1], 'what was acknowledged does not come again')
    break
  }
  const listed = await second.orders.list({ state: 'fulfilled', limit: 10 })
  assert.deepEqual(listed.map((order) => order.ref), refs)
  assert.ok(listed.every((order) => order instanceof Order))
  const history = await second.orders.history(refs[2])
  assert.equal(history.at(-1).order.state, 'fulfilled')
  assert.ok((await failure(second.orders.get('no-such-order'))) instanceof NotFoundError)
})

test('an unclear order is decided by a person, and the books are compared', async () => {
  const slow = await sandbox('--manual-clock')
  const shop = client(slow)
  const since = new Date(Date.now() - 3_600_000)
  const order = await shop.mobile.send(topUp())
  const wrong = await failure(
    shop.orders.resolve(order.ref, { decision: 'fulfilled', actor: 'amina', note: 'seen in the books' }),
  )
  assert.equal(wrong.code, 'validation', 'only an order that needs it')
  const books = await shop.reconcile({ since, until: new Date(Date.now() + 3_600_000) })
  assert.deepEqual([books.recordsCompared, typeof books.balance, books.findings.length >= 0], [1, 'string', true])
})

test('a lost answer becomes an uncertain order, not an error and not a second charge', async () => {
  const slow = await sandbox('--speed', '200')
  const shop = client(slow)
  await slow.faults({ operation: 'mobile.send', fault: 'lost_reply' })
  const request = topUp()
  const order = await shop.mobile.send(request)
  assert.ok(['uncertain', 'accepted', 'fulfilled'].includes(order.state), order.state)
  assert.equal((await order.wait({ timeoutMs: 20_000 })).state, 'fulfilled')
  assert.equal((await slow.ledger()).charges.length, 1)
})

test('lists come page by page, quotes and plans with exact amounts', async () => {
  const slow = await sandbox('--manual-clock')
  await slow.control('POST', 'orders', { count: 25 })
  const shop = client(slow)
  const listed = []
  for await (const topup of shop.mobile.list({ pageSize: 10 })) listed.push(topup.id)
  assert.equal(new Set(listed).size, 25)
  assert.equal((await slow.ledger()).requests['mobile.list'], 3)
  const plans = await shop.mobile.plans()
  assert.equal(plans.dynamic.find((plan) => plan.code === 'PREPAID_DJEZZY').cost, '0.9925')
  const quote = await shop.mobile.quote(topUp(), { maxPrice: '500' })
  assert.deepEqual([quote.price, quote.balance, quote.isAffordable], ['496.25', '100000', true])
  const dear = await failure(shop.mobile.quote(topUp(), { maxPrice: '400' }))
  assert.deepEqual([dear.code, dear.field, dear.required], ['validation', 'maxPrice', '496.25'])
})

test('payment links', async () => {
  const shop = client(box)
  const link = await shop.paymentLinks.create({ title: 'Order 7', amount: '1500', feeMode: 'split_fee' })
  assert.match(link.paymentUrl, /^https?:/)
  assert.equal((await shop.paymentLinks.check(link.paymentRef)).state, 'pending')
  await box.control('POST', `payments/${link.paymentRef}`, { status: 'CONFIRMED' })
  const payment = await shop.paymentLinks.check(link.paymentRef)
  assert.deepEqual([payment.state, payment.amount], ['confirmed', '1500'])
})
