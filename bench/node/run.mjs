// What the Node package costs beside what Node has, as ratios in one run. See README.md.
// node run.mjs [--quick] [--rounds N] [--requests N] [--calls check] [--callers 16] [--track 1000] [--no-track]
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

import { CONTENDERS } from './contenders.mjs'

const HERE = fileURLToPath(new URL('.', import.meta.url))
const ROOT = path.join(HERE, '..', '..')
const TARGET = process.env.CARGO_TARGET_DIR ?? path.join(ROOT, 'target')
const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean' },
    rounds: { type: 'string' },
    requests: { type: 'string' },
    calls: { type: 'string', multiple: true, default: ['check', 'send-and-check'] },
    callers: { type: 'string', multiple: true, default: ['1', '16', '64'] },
    track: { type: 'string', multiple: true },
    'no-track': { type: 'boolean' },
  },
})
const ROUNDS = Number(given.rounds ?? (given.quick ? 2 : 7))
const REQUESTS = Number(given.requests ?? (given.quick ? 1000 : 9000))
const TRACKED = (given.track ?? (given.quick ? ['200'] : ['1000', '10000'])).map(Number)
const SECONDS = given.quick ? 5 : 20

const hasCores = availableParallelism() > 1 && spawnSync('taskset', ['-V']).status === 0
const onCore = (core, command, args) => (hasCores ? ['taskset', ['-c', String(core), command, ...args]] : [command, args])
const binary = (name) =>
  ['release', 'debug'].map((kind) => path.join(TARGET, kind, name)).find(existsSync) ?? name

async function service(name, ...args) {
  const [command, all] = onCore(0, binary(name), args)
  // Its input stays open: the service ends when we do.
  const child = spawn(command, all, { stdio: ['pipe', 'pipe', 'ignore'] })
  const line = await new Promise((resolve, reject) => {
    child.stdout.once('data', (data) => resolve(String(data).split('\n')[0]))
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}: build it first`)))
  })
  return { child, url: line.startsWith('{') ? JSON.parse(line).url : `http://${line}` }
}

function turn(file, args, flags = []) {
  const [command, all] = onCore(1, process.execPath, [...flags, path.join(HERE, file), ...args.map(String)])
  const env = { ...process.env, ONECLICKDZ_PACKAGE: process.env.ONECLICKDZ_PACKAGE ?? path.join(ROOT, 'bindings-node') }
  return JSON.parse(execFileSync(command, all, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }))
}

// What the calls take without any package, and without Node: of it only the CPU is told.
function bare(calls, callers, requests, url) {
  const [command, all] = onCore(1, binary('oneclickdz-bench'), ['bare', url.replace('http://', ''), calls, callers, requests].map(String))
  const cpu = JSON.parse(execFileSync(command, all, { encoding: 'utf8' })).cpu_per_request * 1e6
  return { cpu, perSecond: 1e6 / cpu }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]
const names = Object.keys(CONTENDERS)
const row = (cells) => console.log(cells.map((cell, index) => (index === 0 ? String(cell).padEnd(10) : String(cell).padStart(12))).join(''))

console.log(`Node ${process.version}, ${hasCores ? 'client on core 1, service on core 0' : 'client and service share the processor'}`)
console.log(`${ROUNDS} rounds of ${REQUESTS} requests; medians of the ratios within each round; undici Pool = 1.00`)
const bench = await service('oneclickdz-bench', 'serve')
const goals = []
for (const calls of given.calls) {
  for (const callers of given.callers.map(Number)) {
    const rounds = []
    for (let round = 0; round < ROUNDS; round += 1) {
      const turns = names.map((name) => [name, turn('turn.mjs', [name, calls, callers, REQUESTS, bench.url])])
      rounds.push({ ...Object.fromEntries(turns), hyper: bare(calls, callers, REQUESTS, bench.url) })
    }
    console.log(`\n${calls}, ${callers} caller${callers > 1 ? 's' : ''}`)
    row(['', 'CPU/request', 'req/CPU-s', 'wall', 'delay p99', 'peak MB'])
    const ratio = (name, what, to = 'pool') => median(rounds.map((round) => round[name][what] / round[to][what]))
    for (const name of names) {
      const of = (what) => median(rounds.map((round) => round[name][what]))
      row([name, ratio(name, 'cpu').toFixed(2), of('perSecond').toFixed(0), ratio(name, 'wall').toFixed(2), of('delay').toFixed(2), of('memory').toFixed(0)])
    }
    row(['hyper', ratio('hyper', 'cpu').toFixed(2), median(rounds.map((round) => round.hyper.perSecond)).toFixed(0)])
    const delays = names.filter((name) => name !== 'engine').map((name) => median(rounds.map((round) => round[name].delay)))
    goals.push([
      `${calls} ${callers}`,
      ratio('engine', 'cpu', 'fetch').toFixed(2),
      ratio('engine', 'cpu', 'agent').toFixed(2),
      ratio('engine', 'cpu', 'pool').toFixed(2),
      ratio('hyper', 'cpu', 'fetch').toFixed(2),
      median(rounds.map((round) => round.engine.delay)) <= Math.min(...delays) ? 'below all' : 'above one',
    ])
  }
}
bench.child.kill()

console.log('\nThe engine against its goals (CPU per request)')
console.log('calls'.padEnd(20) + ['fetch 0.15', 'agent <1', 'pool 1.00', 'hyper/fetch', 'delay p99'].map((head) => head.padStart(12)).join(''))
for (const [name, ...cells] of goals) console.log(name.padEnd(20) + cells.map((cell) => cell.padStart(12)).join(''))

if (!given['no-track']) {
  for (const count of TRACKED) {
    console.log(`\nfollowing ${count} orders for ${SECONDS} s, a look each 5 s; then all settle at once`)
    row(['', 'CPU ms/s', 'to engine', 'HTTP/s', 'KB/order', 'delay p99 ms', 'lag p50 ms', 'lag p99 ms'])
    const found = {}
    for (const name of ['engine', 'pool', 'fetch']) {
      const box = await service('oneclickdz-sandbox', '--manual-clock')
      found[name] = turn('track.mjs', [name, count, SECONDS, box.url], ['--expose-gc'])
      box.child.kill()
      const { cpu, requests, memory, delay, lag50, lag99 } = found[name]
      row([name, cpu.toFixed(1), (cpu / found.engine.cpu).toFixed(1), requests.toFixed(1), memory.toFixed(2), delay.toFixed(1), lag50.toFixed(0), lag99.toFixed(0)])
    }
  }
}
