// Packs the main package and the one of this platform, looks at them as a stranger would, and prints their sizes.
// node tools/pack.mjs --out FOLDER [--strict]; strict: also the limit on the size, for release builds.
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const require = createRequire(import.meta.url)
const { PLATFORMS, platform } = require('../lib/platform.cjs')

const PACKAGE = fileURLToPath(new URL('..', import.meta.url))
const ROOT = path.join(PACKAGE, '..')
/** The most that an installation may take, both packages together. */
const LIMIT = 6_000_000

const { values: given } = parseArgs({ options: { out: { type: 'string' }, strict: { type: 'boolean' } } })
const out = path.resolve(given.out ?? 'packages')
const manifest = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8'))
const common = ['version', 'license', 'repository', 'engines'].map((key) => [key, manifest[key]])

/** What a platform's package says of itself; npm installs it there and nowhere else. */
function platformManifest(name) {
  const [os, cpu, libc] = name.split('-')
  return {
    name: `@oneclickdz/${name}`,
    description: `The native part of oneclickdz for ${name}`,
    ...Object.fromEntries(common),
    os: [os],
    cpu: [cpu],
    ...(os === 'linux' ? { libc: [libc === 'gnu' ? 'glibc' : 'musl'] } : {}),
    main: './oneclickdz.node',
    files: ['oneclickdz.node'],
  }
}

function npm(folder, ...args) {
  return execFileSync('npm', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32' })
}

function pack(folder) {
  const [{ filename, size, unpackedSize }] = JSON.parse(npm(folder, 'pack', '--json', '--ignore-scripts', '--pack-destination', out))
  return { file: path.join(out, filename), size, unpackedSize }
}

function licences(into) {
  for (const name of ['LICENSE', 'LICENSE-APACHE', 'LICENSE-MIT']) copyFileSync(path.join(ROOT, name), path.join(into, name))
}

const scratch = mkdtempSync(path.join(tmpdir(), 'oneclickdz-pack-'))
try {
  mkdirSync(out, { recursive: true })
  const name = process.env.ONECLICKDZ_PLATFORM || platform()
  if (!PLATFORMS.includes(name)) throw new Error(`${name} is none of ${PLATFORMS.join(', ')}`)
  const native = path.join(PACKAGE, 'native', `oneclickdz.${name}.node`)
  if (!existsSync(native)) throw new Error(`${native} is not built: run tools/node.sh lib release`)

  const binary = path.join(scratch, 'platform')
  mkdirSync(binary)
  writeFileSync(path.join(binary, 'package.json'), `${JSON.stringify(platformManifest(name), null, 2)}\n`)
  writeFileSync(path.join(binary, 'README.md'), `# @oneclickdz/${name}\n\nThe native part of the package \`oneclickdz\` for ${name}. Install \`oneclickdz\`, not this.\n`)
  copyFileSync(native, path.join(binary, 'oneclickdz.node'))
  licences(binary)
  if (!given.strict && process.platform === 'linux') execFileSync('strip', [path.join(binary, 'oneclickdz.node')])

  const main = path.join(scratch, 'main')
  mkdirSync(main)
  for (const file of [...manifest.files, 'README.md']) cpSync(path.join(PACKAGE, file), path.join(main, file), { recursive: true })
  licences(main)
  const { devDependencies: _, ...published } = manifest
  published.optionalDependencies = Object.fromEntries(PLATFORMS.map((each) => [`@oneclickdz/${each}`, manifest.version]))
  writeFileSync(path.join(main, 'package.json'), `${JSON.stringify(published, null, 2)}\n`)

  const tarballs = [pack(binary), pack(main)]
  const nodeBin = path.join(PACKAGE, 'node_modules', '.bin')
  execFileSync(path.join(nodeBin, 'publint'), ['run', '--strict', tarballs[1].file], { stdio: 'inherit' })
  execFileSync(path.join(nodeBin, 'attw'), [tarballs[1].file, '--format', 'table-flipped', '--no-emoji'], { stdio: 'inherit' })
  for (const { file, size, unpackedSize } of tarballs) {
    console.log(`${path.basename(file)}: ${(size / 1e6).toFixed(2)} MB packed, ${(unpackedSize / 1e6).toFixed(2)} MB installed`)
  }
  const installed = tarballs.reduce((sum, { unpackedSize }) => sum + unpackedSize, 0)
  console.log(`together ${installed} bytes installed, at most ${LIMIT}`)
  if (given.strict && installed > LIMIT) throw new Error(`that is more than ${LIMIT}`)
} finally {
  rmSync(scratch, { recursive: true, force: true })
}
