// The clients that are compared: each sends a top-up and asks how it stands, and reads of the answers what a careful
// integrator reads.
import http from 'node:http'
import { createRequire } from 'node:module'

const KEY = 'bench-key'
const PLAN = { plan_code: 'PREPAID_DJEZZY', MSSIDN: '0778037340', amount: 500 }
const HEADERS = { 'x-access-token': KEY, 'content-type': 'application/json', 'user-agent': 'oneclickdz-bench' }

const sent = ({ data }) => data.topupId
function checked({ data }, id) {
  if (data._id !== id || data.status !== 'FULFILLED') throw new Error(`${data._id} is ${data.status}`)
}

/** The documentation's way: global fetch, with the time limit that it lacks. */
function viaFetch(url) {
  const ask = async (path, options) => {
    const response = await fetch(url + path, { ...options, headers: HEADERS, signal: AbortSignal.timeout(30_000) })
    if (!response.ok) throw new Error(`HTTP ${response.status}`)
    return response.json()
  }
  return {
    send: async (ref) => sent(await ask('/v3/mobile/send', { method: 'POST', body: JSON.stringify({ ...PLAN, ref }) })),
    check: async (id) => checked(await ask(`/v3/mobile/check-id/${id}`), id),
  }
}

/** undici's own pool, its fastest documented way. */
async function viaPool(url, callers) {
  const { Pool } = await import('undici')
  const pool = new Pool(url, { connections: Math.min(callers, 64), headersTimeout: 30_000, bodyTimeout: 30_000 })
  const ask = async (method, path, body) => {
    const response = await pool.request({ method, path, headers: HEADERS, body })
    if (response.statusCode !== 200) throw new Error(`HTTP ${response.statusCode}`)
    return response.body.json()
  }
  return {
    send: async (ref) => sent(await ask('POST', '/v3/mobile/send', JSON.stringify({ ...PLAN, ref }))),
    check: async (id) => checked(await ask('GET', `/v3/mobile/check-id/${id}`), id),
    close: () => pool.close(),
  }
}

/** node:http with a kept-alive agent. */
function viaAgent(url) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 })
  const { hostname, port } = new URL(url)
  const ask = (method, path, body) =>
    new Promise((resolve, reject) => {
      const request = http.request({ agent, hostname, port, method, path, headers: HEADERS, timeout: 30_000 }, (response) => {
        const parts = []
        response.on('data', (part) => parts.push(part))
        response.on('error', reject)
        response.on('end', () => {
          if (response.statusCode !== 200) return reject(new Error(`HTTP ${response.statusCode}`))
          try {
            resolve(JSON.parse(Buffer.concat(parts)))
          } catch (error) {
            reject(error)
          }
        })
      })
      request.on('error', reject)
      request.on('timeout', () => request.destroy(new Error('timeout')))
      request.end(body)
    })
  return {
    send: async (ref) => sent(await ask('POST', '/v3/mobile/send', JSON.stringify({ ...PLAN, ref }))),
    check: async (id) => checked(await ask('GET', `/v3/mobile/check-id/${id}`), id),
    close: () => agent.destroy(),
  }
}

/** This package, with everything on: deadlines, budget, classification, and for sends the journal (in memory). */
function viaEngine(url) {
  const { Client } = createRequire(import.meta.url)(process.env.ONECLICKDZ_PACKAGE)
  const client = new Client({ apiKey: KEY, baseUrl: url, journal: ':memory:', requestsPerSecond: 1_000_000, watches: false })
  return {
    send: async (ref) => {
      const order = await client.mobile.send({ planCode: PLAN.plan_code, number: PLAN.MSSIDN, amount: PLAN.amount, ref })
      return order.id
    },
    check: async (id) => {
      const topup = await client.mobile.checkById(id)
      if (topup.id !== id || topup.state !== 'succeeded') throw new Error(`${topup.id} is ${topup.state}`)
    },
    close: () => client.close(),
  }
}

export const CONTENDERS = { pool: viaPool, engine: viaEngine, agent: viaAgent, fetch: viaFetch }
