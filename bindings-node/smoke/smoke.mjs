// What must work in every runtime that loads Node-API libraries: reads, an order to its end, typed errors, aborts, the end.
// RUNTIME smoke.mjs SANDBOX_URL
import { Client, ValidationError } from '../index.mjs'
const [url] = process.argv.slice(2)
const client = new Client({ apiKey: 'sandbox-key', baseUrl: url, journal: ':memory:', expect: 'sandbox', pollIntervalMs: 100 })
console.log((await client.account.balance()).amount)
const order = await client.mobile.send({ planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500, ref: `smoke-${process.pid}` })
console.log((await order.wait({ timeoutMs: 20_000 })).state)
try { await client.mobile.send({}) } catch (error) { console.log(error instanceof ValidationError, error.field) }
const stop = new AbortController()
const waiting = client.orders.events({ after: '99999', signal: stop.signal }).next().catch((error) => error.name)
setTimeout(() => stop.abort(), 50)
console.log(await waiting)
await client.close()
