// One turn of following many orders at once, in a process of its own: prints what it cost as JSON.
// node track.mjs CLIENT ORDERS SECONDS URL      URL is a sandbox with a clock that stands still
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setTimeout as pause } from 'node:timers/promises'

import { Pool } from 'undici'

const [name, count, seconds, url] = process.argv.slice(2)
const INTERVAL_MS = 5000
const HEADERS = { 'x-access-token': 'sandbox-key', 'content-type': 'application/json' }
const { Client } = createRequire(import.meta.url)(process.env.ONECLICKDZ_PACKAGE)

const control = async (method, what, body) => {
  const response = await fetch(`${url}/__sandbox/${what}`, { method, headers: HEADERS, body: body && JSON.stringify(body) })
  return response.json()
}
const requests = async () => Object.values((await control('GET', 'ledger')).requests).reduce((sum, each) => sum + each, 0)

// All orders are sent by the engine, so that both ways begin with the same ones; the loops know only their ids.
// On disk, as a shop's are: in memory they would be counted.
const folder = mkdtempSync(path.join(tmpdir(), 'oneclickdz-bench-'))
const watches = name === 'engine'
const client = new Client({ apiKey: 'sandbox-key', baseUrl: url, journal: path.join(folder, 'orders.db'), requestsPerSecond: 1_000_000, watches })
await control('PATCH', 'account', { balance: 100_000_000 })
const orders = []
for (let begun = 0; begun < Number(count); begun += 200) {
  const part = Array.from({ length: Math.min(200, Number(count) - begun) }, (_, each) =>
    client.mobile.send({ planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500, ref: `track-${process.pid}-${begun + each}` }),
  )
  orders.push(...(await Promise.all(part)))
}
const ids = orders.map((order) => order.id)

const pool = new Pool(url, { connections: 64 })
const ways = {
  fetch: async (id) => (await fetch(`${url}/v3/mobile/check-id/${id}`, { headers: HEADERS })).json(),
  pool: async (id) => (await pool.request({ method: 'GET', path: `/v3/mobile/check-id/${id}`, headers: HEADERS })).body.json(),
}
/** The documentation's loop, one per order, spread over the interval. */
async function loop(id, index) {
  await pause((index / ids.length) * INTERVAL_MS)
  for (;;) {
    const { data } = await ways[name](id)
    if (['FULFILLED', 'REFUNDED'].includes(data.status)) return performance.now()
    await pause(INTERVAL_MS)
  }
}

globalThis.gc?.()
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const [cpu, memory, asked] = [process.cpuUsage(), process.memoryUsage().rss, await requests()]
const ends = watches
  ? orders.map((order) => order.wait({ timeoutMs: 600_000 }).then(() => performance.now()))
  : ids.map(loop)
await pause(Number(seconds) * 1000)
const { user, system } = process.cpuUsage(cpu)
const grown = process.memoryUsage().rss - memory
const looked = (await requests()) - asked
const began = performance.now()
await control('POST', 'clock', { advance_ms: 60_000 })
const lags = (await Promise.all(ends)).map((end) => end - began).sort((a, b) => a - b)
delay.disable()
console.log(
  JSON.stringify({
    cpu: (user + system) / 1000 / Number(seconds),
    requests: looked / Number(seconds),
    memory: grown / 1024 / Number(count),
    delay: delay.percentile(99) / 1e6,
    lag50: lags[Math.floor(lags.length / 2)],
    lag99: lags[Math.floor(lags.length * 0.99)],
  }),
)
await client.close()
rmSync(folder, { recursive: true })
process.exit(0)
