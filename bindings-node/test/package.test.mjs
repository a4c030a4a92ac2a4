// The package as people install it: the same names everywhere, types that tell the truth, a loader that explains itself.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { test } from 'node:test'

import * as esm from 'oneclickdz'
import typescript from 'typescript'

import { PACKAGE, client, folder, run, sandbox } from './helpers.mjs'

const require = createRequire(import.meta.url)
const cjs = require('oneclickdz')
const read = (file) => readFileSync(path.join(PACKAGE, file), 'utf8')

test('import and require have the same names, and the same classes', () => {
  assert.deepEqual(Object.keys(esm).sort(), Object.keys(cjs).sort())
  for (const [name, value] of Object.entries(esm)) assert.equal(value, cjs[name], name)
})

/** The members that index.d.ts promises, by class, interface or constant. */
function promised() {
  const file = typescript.createSourceFile('index.d.ts', read('index.d.ts'), typescript.ScriptTarget.Latest)
  const found = {}
  file.forEachChild((node) => {
    if (typescript.isVariableStatement(node)) {
      for (const each of node.declarationList.declarations) {
        found[each.name.text] = (each.type.members ?? []).map((member) => member.name.text)
      }
    } else if (typescript.isClassDeclaration(node) || typescript.isInterfaceDeclaration(node)) {
      const names = node.members.filter((member) => member.name !== undefined && !typescript.isConstructorDeclaration(member))
      const text = (member) => (typescript.isComputedPropertyName(member.name) ? member.name.expression.getText(file) : member.name.text)
      found[node.name.text] = [...(found[node.name.text] ?? []), ...names.map(text)]
    } else if (typescript.isFunctionDeclaration(node)) found[node.name.text] = []
  })
  return found
}

test('index.d.ts promises what is there, and all of it', async () => {
  const types = promised()
  for (const name of Object.keys(esm)) assert.ok(types[name], `${name} has no type`)
  const shop = client({ url: 'http://127.0.0.1:9' })
  const members = (object) => {
    const names = new Set(Object.keys(object))
    const of = Object.getPrototypeOf(object)
    for (const name of Reflect.ownKeys(of)) {
      names.add(typeof name === 'symbol' ? `Symbol.${name.description.replace(/^.*\./, '')}` : name)
    }
    names.delete('constructor')
    return [...names].sort()
  }
  const areas = { Client: shop, Account: shop.account, Mobile: shop.mobile, Internet: shop.internet, GiftCards: shop.giftCards }
  Object.assign(areas, { PaymentLinks: shop.paymentLinks, Orders: shop.orders, Cards: shop.cards, Audit: shop.audit, Courier: shop.delivery, Stream: shop.mobile.list() })
  for (const [name, object] of Object.entries(areas)) assert.deepEqual(members(object), types[name].sort(), name)
  assert.deepEqual(Object.keys(esm.Dzd).sort(), types.Dzd.sort())
  const own = (type) => Reflect.ownKeys(type.prototype).filter((name) => name !== 'constructor').sort()
  assert.deepEqual(own(esm.Order), types.Order.sort())
  const error = esm.OneClickDzError.prototype
  for (const name of types.OneClickDzError) {
    const isThere = name in error || ['code', 'outcome', 'retryable', 'retryAdvice', 'operation', 'detail', 'context'].includes(name)
    assert.ok(isThere, `OneClickDzError.${name}`)
  }
})

test('the settings of the types are those of the code and of the native part', () => {
  const source = read('lib/settings.cjs')
  const known = [...source.slice(source.indexOf('const SETTINGS'), source.indexOf('const EMAIL')).matchAll(/^ {2}(\w+): '/gm)].map(([, name]) => name)
  assert.deepEqual(known.sort(), promised().ClientOptions.sort())
  const native = [...readFileSync(path.join(PACKAGE, 'src/options.rs'), 'utf8').matchAll(/^ {8}"(\w+)" =>/gm)].map(([, name]) => name)
  assert.deepEqual(native.sort(), known.sort())
})

test('every call of the native part is used here, and none that it has not', () => {
  const [calls, streams] = require('../lib/load.cjs').native.names().map((names) => names.map((name) => name.replace(/^[~#]/, '')))
  const source = readdirSync(path.join(PACKAGE, 'lib')).map((file) => read(`lib/${file}`)).join('\n')
  const named = new Set([...source.matchAll(/'((?:[A-Z]\w+\.)?[a-z]\w+)'/g)].map(([, name]) => name))
  for (const name of [...calls, ...streams]) assert.ok(named.has(name), `${name} is not called`)
  const areas = new Set([...calls, ...streams].map((name) => name.split('.')[0]))
  for (const name of named) {
    if (name.includes('.') && areas.has(name.split('.')[0])) assert.ok(calls.includes(name) || streams.includes(name), `${name} does not exist`)
  }
})

test('no lock file or setting names a registry', () => {
  assert.ok(!/"resolved"|https?:\/\/[^"]*registry/.test(read('package-lock.json')))
})

/** A copy of the package without its native part, in a folder of its own. */
function bare() {
  const into = path.join(folder(), 'node_modules', 'oneclickdz')
  mkdirSync(into, { recursive: true })
  for (const file of ['index.cjs', 'index.mjs', 'package.json', 'lib']) cpSync(path.join(PACKAGE, file), path.join(into, file), { recursive: true })
  return into
}

const tried = (into, program = '') =>
  spawnSync(process.execPath, ['-e', `${program}; try { require('oneclickdz') } catch (error) { console.log(error.code + ' ' + error.message) }`], {
    cwd: path.join(into, '..', '..'),
    encoding: 'utf8',
  }).stdout

test('a loader error names the package, the platform and the libc that were tried', () => {
  const into = bare()
  const { platform, libc } = require('../lib/platform.cjs')
  const name = `@oneclickdz/${platform()}`
  const absent = tried(into)
  assert.match(absent, /^native_part_missing/)
  for (const part of [name, process.platform, process.arch, `libc ${libc()}`, 'Install again on this machine']) {
    assert.ok(absent.includes(part), `${part}: ${absent}`)
  }
  const odd = tried(into, "Object.defineProperty(process, 'arch', { value: 'riscv64' })")
  assert.match(odd, /riscv64.*There is no such package; those that exist are for linux-x64-gnu/)

  const broken = path.join(into, '..', name)
  mkdirSync(broken, { recursive: true })
  writeFileSync(path.join(broken, 'package.json'), JSON.stringify({ name, main: 'oneclickdz.node' }))
  writeFileSync(path.join(broken, 'oneclickdz.node'), 'not a library')
  assert.match(tried(into), /It is installed but cannot be loaded: .*(invalid ELF header|file too short)/)
  writeFileSync(path.join(broken, 'package.json'), JSON.stringify({ name, main: 'old.js' }))
  writeFileSync(path.join(broken, 'old.js'), "exports.version = () => '0.0.9'")
  assert.match(tried(into), /the package is version .* and its native part .* is 0\.0\.9: install both again/)
})

test('musl is told from glibc', () => {
  const program = (text) => `
    const fs = require('node:fs')
    const { readFileSync } = fs
    fs.readFileSync = (file, ...more) => { if (file !== '/usr/bin/ldd') return readFileSync(file, ...more); ${text} }
    process.report.getReport = () => ({ header: {} })
    console.log(require(${JSON.stringify(path.join(PACKAGE, 'lib/platform.cjs'))}).libc())`
  const said = (text) => execFileSync(process.execPath, ['-e', program(text)], { encoding: 'utf8' }).trim()
  assert.equal(said("return 'musl libc (x86_64)'"), 'musl')
  assert.equal(said("return '# GNU C Library'"), 'gnu')
  assert.equal(said("throw new Error('no ldd')"), 'musl', 'then the report decides')
})

test('a browser or an edge runtime gets a clear message', async () => {
  for (const condition of ['browser', 'edge-light', 'workerd']) {
    const { err } = await run("await import('oneclickdz')", { flags: ['-C', condition] })
    assert.match(err, /not in browsers or edge runtimes/)
  }
})

test('packed, installed into an empty folder without scripts and without Rust, the quick start runs', { timeout: 170_000 }, async () => {
  const out = folder()
  const packed = spawnSync(process.execPath, [path.join(PACKAGE, 'tools/pack.mjs'), '--out', out], { encoding: 'utf8' })
  assert.equal(packed.status, 0, packed.stdout + packed.stderr)
  assert.match(packed.stdout, /All good!/, 'publint')
  assert.match(packed.stdout, /No problems found/, 'arethetypeswrong')
  const tarballs = readdirSync(out).map((file) => path.join(out, file))
  assert.equal(tarballs.length, 2)
  const box = await sandbox('--speed', '100')
  const installed = spawnSync(process.execPath, [path.join(PACKAGE, 'tools/try-install.mjs'), box.url, ...tarballs], { encoding: 'utf8' })
  assert.equal(installed.status, 0, installed.stdout + installed.stderr)
  assert.match(installed.stdout, /fulfilled: charged 496\.25/)
})
