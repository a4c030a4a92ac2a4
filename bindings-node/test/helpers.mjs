// What the tests share: a real sandbox service, clients with journals of their own, child processes.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { after } from 'node:test'
import { fileURLToPath } from 'node:url'

import { Client } from 'oneclickdz'

export const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const ROOT = path.join(PACKAGE, '..')
const SANDBOX =
  process.env.ONECLICKDZ_SANDBOX_BIN ?? path.join(ROOT, process.env.CARGO_TARGET_DIR ?? 'target', 'debug', 'oneclickdz-sandbox')

/** A key for the cards of these tests, and for nothing else. */
export const VAULT_KEY = '5a'.repeat(16) + 'a7'.repeat(16)

/** A running sandbox service. */
export class Sandbox {
  constructor(child, url) {
    this.child = child
    this.url = url
  }

  static async start(...args) {
    const child = spawn(SANDBOX, args, { stdio: ['ignore', 'pipe', 'ignore'] })
    const url = await new Promise((resolve, reject) => {
      let text = ''
      child.stdout.on('data', (part) => {
        text += part
        const end = text.indexOf('\n')
        if (end >= 0) resolve(JSON.parse(text.slice(0, end)).url)
      })
      child.on('error', reject)
      child.on('exit', (code) => reject(new Error(`the sandbox ended with ${code}`)))
    })
    return new Sandbox(child, url)
  }

  async control(method, what, body) {
    const response = await fetch(`${this.url}/__sandbox/${what}`, {
      method,
      headers: { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    })
    const answer = await response.json()
    assert.equal(response.status, 200, JSON.stringify(answer))
    return answer
  }

  faults(...rules) {
    return this.control('PUT', 'faults', { seed: 1, rules })
  }

  advance(seconds) {
    return this.control('POST', 'clock', { advance_ms: seconds * 1000 })
  }

  ledger() {
    return this.control('GET', 'ledger')
  }

  stop() {
    this.child.kill()
  }
}

/** A sandbox for one file of tests. */
export async function sandbox(...args) {
  const started = await Sandbox.start(...(args.length === 0 ? ['--speed', '50'] : args))
  after(() => started.stop())
  return started
}

/** A folder that goes away with the tests. */
export function folder() {
  const made = mkdtempSync(path.join(tmpdir(), 'oneclickdz-node-'))
  after(() => rmSync(made, { recursive: true, force: true }))
  return made
}

/** A client of this sandbox, quick to look. */
export function client(sandbox, options = {}) {
  const made = new Client({
    apiKey: 'sandbox-key',
    baseUrl: sandbox.url,
    journal: ':memory:',
    expect: 'sandbox',
    pollIntervalMs: 100,
    vaultKey: VAULT_KEY,
    ...options,
  })
  after(() => made.close())
  return made
}

let count = 0
/** A mobile top-up that settles, with a reference of its own. */
export function topUp(fields = {}) {
  count += 1
  return { planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500, ref: `t-${process.pid}-${count}`, ...fields }
}

/** Runs a program (a file's path, or its text) in a Node of its own; what it said and how it ended. */
export async function run(program, { env = {}, flags = [], cwd = PACKAGE, kill } = {}) {
  const given = path.isAbsolute(program) ? [program] : ['--input-type=module', '-e', program]
  const child = spawn(process.execPath, [...flags, ...given], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said = { out: '', err: '' }
  child.stdout.on('data', (part) => (said.out += part))
  child.stderr.on('data', (part) => (said.err += part))
  const limit = setTimeout(() => child.kill('SIGKILL'), kill ?? 30_000)
  const [code, signal] = await new Promise((resolve) => child.on('close', (...ended) => resolve(ended)))
  clearTimeout(limit)
  return { code, signal, ...said }
}

/** The error of a promise that has to reject. */
export async function failure(promise) {
  assert.ok(promise instanceof Promise, 'a promise, whatever was given')
  try {
    await promise
  } catch (error) {
    return error
  }
  assert.fail('it did not reject')
}
