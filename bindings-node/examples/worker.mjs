// A job worker in the manner of BullMQ: jobs may run twice, be retried, or die half-way, and each order still happens once,
// because its `ref` is the job's own number. The queue here is an array; with BullMQ `work` is the processor of a Worker.
import { Client, OneClickDzError, StillPending } from 'oneclickdz'

const client = new Client()

/** The processor. Throwing asks the queue to run the job again later; returning ends it. */
async function work(job) {
  try {
    const order = await client.mobile.send({ ...job.data, ref: `job-${job.id}` })
    const settled = await order.wait({ timeoutMs: 60_000 })
    return { state: settled.state, charged: settled.charged }
  } catch (error) {
    // Not a failure, and no reason to keep a worker busy: the engine goes on following it, the events below tell its end.
    if (error instanceof StillPending) return { state: error.order.state }
    // Certain that nothing was charged, and no later try would end otherwise.
    if (error instanceof OneClickDzError && !error.retryable) return { failed: error.code, field: error.field }
    throw error
  }
}

const jobs = [
  { id: 1, data: { planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500 } },
  { id: 2, data: { planCode: 'PREPAID_DJEZZY', number: '778037341', amount: 500 } },
  { id: 1, data: { planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500 } }, // delivered twice, as queues do
  { id: 3, data: { planCode: 'PREPAID_MOBILIS', number: '0600000001', amount: 200 } },
]
const results = await Promise.all(jobs.map(async (job) => [job.id, await work(job)]))
for (const [id, result] of results) console.log(id, JSON.stringify(result))

// Whoever books the money listens here, in one place, and hears of every end at least once.
const ends = new Set()
for await (const { cursor, order } of client.orders.events()) {
  if (order.isSettled) ends.add(order.ref)
  await client.orders.ack(cursor)
  if (ends.size === 2) break
}
console.log('settled', [...ends].sort().join(' '))
await client.close()
