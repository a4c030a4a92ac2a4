// One turn of one client, in a process of its own: prints what it cost as JSON.
// node turn.mjs CLIENT CALLS CALLERS REQUESTS URL
import { monitorEventLoopDelay } from 'node:perf_hooks'

import { CONTENDERS } from './contenders.mjs'

const [name, calls, callers, requests, url] = process.argv.slice(2)
const client = await CONTENDERS[name](url, Number(callers))
const KNOWN = '6901616fe9e88196b4eb64b0'
let orders = 0

async function step() {
  if (calls === 'check') return client.check(KNOWN)
  orders += 1
  return client.check(await client.send(`bench-${process.pid}-${orders}`))
}

async function run(steps) {
  let left = steps
  const caller = async () => {
    while (left > 0) {
      left -= 1
      await step()
    }
  }
  await Promise.all(Array.from({ length: Number(callers) }, caller))
}

const steps = Number(requests) / (calls === 'check' ? 1 : 2)
await run(Math.ceil(steps / 3))
const delay = monitorEventLoopDelay({ resolution: 1 })
delay.enable()
const [cpu, began] = [process.cpuUsage(), performance.now()]
await run(steps)
const { user, system } = process.cpuUsage(cpu)
const wall = performance.now() - began
delay.disable()
console.log(
  JSON.stringify({
    cpu: (user + system) / Number(requests),
    perSecond: (Number(requests) / (user + system)) * 1e6,
    wall: (wall * 1000) / Number(requests),
    delay: delay.percentile(99) / 1e6,
    memory: process.resourceUsage().maxRSS / 1024,
  }),
)
await client.close?.()
process.exit(0)
