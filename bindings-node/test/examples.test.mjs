// The examples and the snippets of the documentation run as they are written, against a real sandbox service.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { after, test } from 'node:test'

import { PACKAGE, VAULT_KEY, folder, run, sandbox } from './helpers.mjs'

const box = await sandbox('--speed', '100')
const env = () => ({
  ONECLICKDZ_API_KEY: 'sandbox-key',
  ONECLICKDZ_BASE_URL: box.url,
  ONECLICKDZ_VAULT_KEY: VAULT_KEY,
  PORT: '0',
})
const example = (name) => path.join(PACKAGE, 'examples', name)

/** Runs an example in a folder of its own, where its journal lies. */
async function play(file, kill) {
  const cwd = folder()
  return run(file, { env: env(), cwd, kill })
}

/** A server of the examples: its address, once it has printed its port. */
async function serve(name) {
  const child = spawn(process.execPath, [example(name)], {
    cwd: folder(),
    env: { ...process.env, ...env() },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  after(() => child.kill('SIGKILL'))
  let said = ''
  child.stderr.on('data', (part) => (said += part))
  const port = await new Promise((resolve, reject) => {
    child.stdout.on('data', (part) => resolve(Number(part)))
    child.on('exit', (code) => reject(new Error(`${name} ended with ${code}: ${said}`)))
  })
  const ask = async (method, what, body, headers = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${what}`, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    return [response.status, await response.json()]
  }
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners('exit')
      child.on('exit', (code, signal) => resolve([code, signal, said]))
      child.kill('SIGTERM')
    })
  return { ask, stop }
}

test('a plain script', async () => {
  const { code, out, err } = await play(example('script.mjs'))
  assert.equal(code, 0, err + out)
  assert.match(out, /costs 496,25.DZD|costs 496,25.DA/)
  assert.match(out, /order-1001: fulfilled, charged 496\.25 DZD/)
})

test('an Express server', async () => {
  const { ask, stop } = await serve('express.mjs')
  const mine = { 'x-user': 'user-7' }
  const order = { orderNumber: '77', planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500 }
  assert.deepEqual(await ask('POST', '/topups', order, mine), [202, { ref: 'order-77', state: 'accepted' }])
  const [status, again] = await ask('POST', '/topups', order, mine)
  assert.ok([200, 202].includes(status) && again.ref === 'order-77')
  assert.equal((await ask('GET', '/topups/order-77', undefined, { 'x-user': 'other' }))[0], 404)
  assert.equal((await ask('GET', '/topups/order-77', undefined, mine))[1].ref, 'order-77')
  assert.deepEqual(await ask('POST', '/topups', { ...order, orderNumber: '78', number: '123' }, mine), [
    400,
    { error: 'invalid_number', field: 'number', outcome: 'not_sent' },
  ])
  assert.equal((await ask('POST', '/topups', { ...order, amount: 700 }, mine))[0], 409)
  assert.deepEqual((await stop()).slice(0, 2), [0, null], 'it ends by itself once closed')
})

test('a Fastify server', async () => {
  const { ask, stop } = await serve('fastify.mjs')
  const order = { orderNumber: 'a-1', type: 'ADSL', number: '036362608', value: 1000 }
  assert.deepEqual(await ask('POST', '/cards', order), [200, { ref: 'order-a-1', state: 'fulfilled' }])
  const [status, { field, text }] = await ask('POST', '/cards', { ...order, orderNumber: 'a-2', number: '36362608' })
  assert.deepEqual([status, field], [400, 'number'])
  assert.match(text, /numéro/)
  assert.deepEqual((await stop()).slice(0, 2), [0, null])
})

test('a NestJS provider', async () => {
  const { ask, stop } = await serve('nestjs.mjs')
  const order = { orderNumber: 'n-1', planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500 }
  assert.deepEqual(await ask('POST', '/topups', order), [201, { ref: 'order-n-1', state: 'accepted' }])
  assert.equal((await ask('GET', '/topups/order-n-1'))[1].ref, 'order-n-1')
  assert.deepEqual(await ask('GET', '/topups/none'), [404, { error: 'not_found', field: null }])
  const [code, signal] = await stop()
  assert.ok(code === 0 || signal === 'SIGTERM', 'Nest ends itself by the signal once all is closed')
})

test('a worker of a job queue', async () => {
  const { code, out, err } = await play(example('worker.mjs'))
  assert.equal(code, 0, err)
  assert.equal(
    out,
    '1 {"state":"fulfilled","charged":"496.25"}\n2 {"failed":"invalid_number","field":"number"}\n' +
      '1 {"state":"fulfilled","charged":"496.25"}\n3 {"state":"refunded","charged":"0"}\nsettled job-1 job-3\n',
  )
})

test('spans for OpenTelemetry', async () => {
  const { code, out, err } = await play(example('opentelemetry.mjs'))
  assert.equal(code, 0, err)
  assert.match(out, /name: 'oneclickdz account\.balance'/)
  assert.match(out, /'error\.type': 'not_found'/)
  assert.ok(!out.includes('sandbox-key'))
})

for (const file of ['README.md', '../docs/migration-node.md']) {
  const text = readFileSync(path.join(PACKAGE, file), 'utf8')
  const snippets = [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code]) => code)
  test(`the snippets of ${path.basename(file)} run word by word`, async () => {
    assert.ok(snippets.length >= 3)
    for (const [index, snippet] of snippets.entries()) {
      // This Node may be too old for `await using`; TypeScript writes what a build step would.
      const { default: typescript } = await import('typescript')
      const { ScriptTarget, ModuleKind } = typescript
      const compilerOptions = { target: ScriptTarget.ES2022, module: ModuleKind.ESNext }
      const code = /^\s*await using /m.test(snippet) ? typescript.transpile(snippet, compilerOptions) : snippet
      const program = path.join(PACKAGE, 'test', `.snippet-${process.pid}-${index}.mjs`)
      writeFileSync(program, code)
      after(async () => (await import('node:fs')).rmSync(program, { force: true }))
      const { code: exit, out, err } = await run(program, { env: env(), cwd: journals, kill: 60_000 })
      assert.equal(exit, 0, `${snippet}\n${out}${err}`)
      if (file === 'README.md' && index === 0) assert.match(out, /DZD\nfulfilled: charged 496\.25, back null/)
    }
  })
}
const journals = folder()
