// What only a process has: its end, its threads, its children, its memory.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'

import { client, folder, run, sandbox, topUp } from './helpers.mjs'

const box = await sandbox()
const still = await sandbox('--manual-clock')

const begin = (url, more = '') => `
  import { Client } from 'oneclickdz'
  const shop = new Client({ apiKey: 'sandbox-key', baseUrl: '${url}', journal: process.env.JOURNAL ?? ':memory:', pollIntervalMs: 100 ${more} })
  const request = (ref) => ({ planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500, ref })
`

test('a program ends by itself after close', async () => {
  const ended = await run(`${begin(box.url)}
    const order = await shop.mobile.send(request('ends-1'))
    const settled = await order.wait()
    console.log(settled.state)
    await shop.close()
  `)
  assert.deepEqual([ended.out.trim(), ended.code, ended.err], ['fulfilled', 0, ''])
})

test('an idle client does not keep a program alive, as with undici', async () => {
  const ended = await run(`${begin(still.url)}
    const order = await shop.mobile.send(request('idle-1'))
    console.log(order.state)
  `)
  assert.deepEqual([ended.out.trim(), ended.code, ended.err], ['accepted', 0, ''])
})

test('whoever waits keeps the program alive', async () => {
  const ended = await run(`${begin(box.url)}
    shop.mobile.send(request('waits-1')).then((order) => order.wait()).then((order) => console.log(order.state))
  `)
  assert.deepEqual([ended.out.trim(), ended.code, ended.err], ['fulfilled', 0, ''])
})

test('close ends waits, lets sends come to their end, may be called twice', async () => {
  await still.faults({ operation: 'mobile.send', fault: 'slow', params: { delay_ms: 300 } })
  const ended = await run(`${begin(still.url)}
    const order = await shop.mobile.send(request('close-1'))
    const waiting = order.wait().catch((error) => error.code)
    const reading = shop.orders.events().next().then(() => shop.orders.events().next())
    const sending = shop.mobile.send(request('close-2')).then((sent) => sent.state)
    await reading
    const endless = shop.orders.events({ after: '999999' }).next().catch((error) => error.code)
    const times = [Date.now()]
    await Promise.all([shop.close(), shop.close()])
    times.push(Date.now())
    console.log(await waiting, await sending, await endless, times[1] - times[0] < 2000)
    await shop.account.balance().catch((error) => console.log(error.name, error.outcome))
  `)
  await still.faults()
  assert.equal(ended.out.trim(), 'closed accepted closed true\nClosedError not_sent', ended.err)
  assert.equal(ended.code, 0)
})

test('close does not wait for ever, and one signal serves any number of calls', async () => {
  await still.faults({ operation: 'account.balance', fault: 'stall' })
  const ended = await run(`${begin(still.url, ', timeoutMs: 600_000, readTimeoutMs: 600_000')}
    import timers from 'node:timers'
    // Its 30 seconds are a tenth of one here.
    const real = timers.setTimeout
    timers.setTimeout = (work, ms) => real(work, ms === 30_000 ? 100 : ms)
    process.on('warning', (warning) => console.log(warning.name))
    const { signal } = new AbortController()
    const reads = Array.from({ length: 64 }, () => shop.account.balance({ signal }).catch((error) => error.code))
    const started = Date.now()
    await shop.close()
    console.log(new Set(await Promise.all(reads)), Date.now() - started < 10_000)
  `)
  await still.faults()
  assert.equal(ended.out.trim(), "Set(1) { 'closed' } true", ended.err)
})

test('await using', async () => {
  const shop = client(box)
  assert.equal(typeof shop[Symbol.asyncDispose], 'function')
  await shop[Symbol.asyncDispose]()
  await assert.rejects(shop.account.balance(), { name: 'ClosedError' })
})

test('process.exit in the middle of a send loses nothing', async () => {
  const journal = path.join(folder(), 'orders.db')
  await still.faults({ operation: 'mobile.send', fault: 'slow', params: { delay_ms: 1500 } })
  for (const [index, end] of ['process.exit(7)', 'process.kill(process.pid, "SIGKILL")', 'throw new Error("down")'].entries()) {
    const ended = await run(
      `${begin(still.url)}
      process.on('exit', () => console.log('left'))
      for (let count = 0; count < 5; count += 1) shop.mobile.send(request('exit-${index}-' + count)).catch(() => {})
      const own = (orders) => orders.filter((order) => order.ref.startsWith('exit-${index}-'))
      const sending = () => shop.orders.list({ state: 'sending' }).then((orders) => own(orders).length)
      while ((await sending()) < 5) await new Promise((resolve) => setTimeout(resolve, 20))
      ${end}`,
      { env: { JOURNAL: journal } },
    )
    if (index === 0) assert.deepEqual([ended.code, ended.out.trim(), ended.err], [7, 'left', ''])
    if (index === 1) assert.equal(ended.signal, 'SIGKILL')
    if (index === 2) assert.deepEqual([ended.code, /Error: down/.test(ended.err)], [1, true])
  }
  await still.faults()
  const shop = client(still, { journal, leaseMs: 100 })
  const refs = [0, 1, 2].flatMap((index) => [0, 1, 2, 3, 4].map((count) => `exit-${index}-${count}`))
  for (const ref of refs) assert.equal((await shop.orders.get(ref)).ref, ref, 'it is on record')
  const { charges } = await still.ledger()
  for (const ref of refs) assert.ok(charges.filter((charge) => charge.ref === ref).length <= 1, 'charged once at most')
})

test('a client in each worker thread, on one journal; a worker that is terminated takes nobody along', async () => {
  const ended = await run(
    `
    import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads'
    const source = ${JSON.stringify(`
      ${begin(box.url)}
      import { parentPort, workerData } from 'node:worker_threads'
      const sent = []
      for (let count = 0; count < 5; count += 1) {
        const order = await shop.mobile.send(request('worker-' + workerData + '-' + count))
        sent.push((await order.wait()).state)
      }
      await shop.close()
      parentPort.postMessage(sent.join())
    `)}
    const spoiled = ${JSON.stringify(`
      ${begin(box.url)}
      import { parentPort } from 'node:worker_threads'
      setInterval(() => { for (let count = 0; count < 20; count += 1) shop.account.balance().catch(() => {}) }, 1)
      parentPort.postMessage('busy')
    `)}
    const start = (code, workerData) =>
      new Worker(new URL('data:text/javascript,' + encodeURIComponent(code.replaceAll("'oneclickdz'", JSON.stringify(import.meta.resolve('oneclickdz'))))), { workerData })
    const done = [1, 2, 3].map((name) => new Promise((resolve, reject) => start(source, name).on('message', resolve).on('error', reject)))
    for (let round = 0; round < 5; round += 1) {
      const worker = start(spoiled)
      await new Promise((resolve, reject) => worker.on('message', resolve).on('error', reject))
      await new Promise((resolve) => setTimeout(resolve, 50))
      await worker.terminate()
    }
    console.log((await Promise.all(done)).join(' '))
    `,
    { env: { JOURNAL: path.join(folder(), 'orders.db') }, kill: 60_000 },
  )
  const five = Array(5).fill('fulfilled').join()
  assert.deepEqual([ended.out.trim(), ended.code, ended.err], [`${five} ${five} ${five}`, 0, ''])
})

test('a cluster shares one journal: one reference is charged once', async () => {
  const journal = path.join(folder(), 'orders.db')
  // A cluster starts a file, so the program is one.
  const file = path.join(folder(), 'cluster.mjs')
  const program = `
    import cluster from 'node:cluster'
    ${begin(box.url)}
    if (cluster.isPrimary) {
      // The parent's own threads run before it forks.
      await shop.account.balance()
      const said = []
      let left = 3
      for (let count = 0; count < 3; count += 1) {
        const worker = cluster.fork()
        worker.on('message', (text) => said.push(text))
        worker.on('exit', (code) => {
          said.push(code)
          left -= 1
          if (left === 0) console.log(said.sort().join())
        })
      }
    } else {
      const orders = await Promise.all([...Array(10).keys()].map((count) => shop.mobile.send(request('cluster-' + count))))
      const settled = await Promise.all(orders.map((order) => order.wait()))
      process.send(settled.every((order) => order.state === 'fulfilled'), () => process.disconnect())
    }
  `
  writeFileSync(file, program.replaceAll("'oneclickdz'", JSON.stringify(import.meta.resolve('oneclickdz'))))
  const ended = await run(file, { env: { JOURNAL: journal }, kill: 60_000 })
  assert.equal(ended.code, 0, ended.err)
  assert.equal(ended.out.trim(), '0,0,0,true,true,true', ended.err)
  const { charges } = await box.ledger()
  for (let count = 0; count < 10; count += 1) {
    assert.equal(charges.filter((charge) => charge.ref === `cluster-${count}`).length, 1)
  }
})

test('many clients at once, each with an account of its own', async () => {
  const clients = Array.from({ length: 8 }, () => client(box))
  const answers = await Promise.all(
    clients.flatMap((shop, index) =>
      Array.from({ length: 10 }, async (_, count) => {
        const order = await shop.mobile.send(topUp({ ref: `many-${index}-${count}` }))
        return (await order.wait()).ref
      }),
    ),
  )
  assert.equal(new Set(answers).size, 80)
})

test('100,000 calls leave no memory behind', { timeout: 120_000 }, async () => {
  const ended = await run(
    `${begin(still.url, ', requestsPerSecond: 1000000')}
    const { memoryUsage } = process
    const order = await shop.mobile.send(request('leak-1'))
    const refused = () => shop.mobile.send({ planCode: 'x', number: 'x' }).catch(() => {})
    const looked = () => order.refresh()
    const aborted = () => { const stop = new AbortController(); const wait = order.wait({ signal: stop.signal }).catch(() => {}); stop.abort(); return wait }
    const asked = () => shop.account.balance()
    const round = async (count) => {
      for (let done = 0; done < count; done += 100) {
        const part = []
        for (let each = 0; each < 100; each += 1) part.push([refused, looked, looked, aborted, looked][each % 5]())
        part.push(asked(), asked())
        await Promise.all(part)
      }
      for (let each = 0; each < 4; each += 1) { gc(); await new Promise((resolve) => setTimeout(resolve, 25)) }
      return memoryUsage().rss
    }
    await round(20000)
    const before = await round(10000)
    const after = await round(70000)
    console.log(((after - before) / 1024 / 1024).toFixed(1))
    await shop.close()
    `,
    { flags: ['--expose-gc'], kill: 110_000 },
  )
  assert.equal(ended.code, 0, ended.err)
  const grown = Number(ended.out)
  assert.ok(grown < 16, `${grown} MB more after 70,000 calls`)
})

test('clients that nobody closed are collected, with all their threads', async () => {
  const ended = await run(
    `
    import { readFileSync } from 'node:fs'
    import { Client } from 'oneclickdz'
    const threads = () => Number(/Threads:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
    const use = async (count) => {
      for (let each = 0; each < count; each += 1) {
        const shop = new Client({ apiKey: 'sandbox-key', baseUrl: '${box.url}', journal: ':memory:' })
        await shop.account.balance()
      }
      for (let each = 0; each < 20; each += 1) { gc(); await new Promise((resolve) => setTimeout(resolve, 20)) }
    }
    await use(2)
    const before = threads()
    await use(40)
    console.log(threads() - before)
    `,
    { flags: ['--expose-gc'] },
  )
  assert.equal(ended.code, 0, ended.err)
  assert.ok(Number(ended.out) <= 4, `${ended.out} threads stayed`)
})

test('importing starts no thread and opens no file', async () => {
  const ended = await run(`
    import { readFileSync, existsSync } from 'node:fs'
    import { createRequire } from 'node:module'
    const threads = () => Number(/Threads:\\s*(\\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1])
    const before = threads()
    // An \`import\` would start Node's own threads for reading files.
    const { Client } = createRequire(${JSON.stringify(import.meta.url)})('oneclickdz')
    const journal = ${JSON.stringify(path.join(folder(), 'none.db'))}
    const shop = new Client({ apiKey: 'k', journal })
    console.log(threads() - before, existsSync(journal))
  `)
  assert.equal(ended.out.trim(), '0 false', ended.err)
})
