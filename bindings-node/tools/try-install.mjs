// Installs tarballs into an empty folder, with scripts disabled and nothing but Node and npm on the PATH, and runs the quick
// start of the README there, as a module and through `require`. node tools/try-install.mjs SANDBOX_URL TARBALL...
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const [url, ...tarballs] = process.argv.slice(2)
const readme = readFileSync(fileURLToPath(new URL('../README.md', import.meta.url)), 'utf8')
const [, quickStart] = /^```js\n(.*?)^```$/ms.exec(readme)

const folder = mkdtempSync(path.join(tmpdir(), 'oneclickdz-install-'))
try {
  const bin = path.join(folder, 'bin')
  const shop = path.join(folder, 'shop')
  execFileSync('mkdir', [bin, shop])
  symlinkSync(process.execPath, path.join(bin, 'node'))
  // No cargo, no rustc, no compiler: only the folder above. npm itself is run by its file.
  const npm = path.join(path.dirname(process.execPath), '..', 'lib', 'node_modules', 'npm', 'bin', 'npm-cli.js')
  const env = { ...process.env, PATH: bin, ONECLICKDZ_API_KEY: 'sandbox-key', ONECLICKDZ_BASE_URL: url }
  writeFileSync(path.join(shop, 'package.json'), '{ "private": true }\n')
  // Offline: everything that is needed is in the tarballs, and npm leaves out optional packages that it cannot have.
  const install = ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error', ...tarballs.map((file) => path.resolve(file))]
  execFileSync(process.execPath, [npmFile(npm), ...install], { cwd: shop, env, stdio: ['ignore', 'inherit', 'inherit'] })
  writeFileSync(path.join(shop, 'start.mjs'), quickStart)
  process.stdout.write(execFileSync('node', ['start.mjs'], { cwd: shop, env, encoding: 'utf8' }))
  const again = "const { Client } = require('oneclickdz'); const c = new Client(); c.orders.get('order-1001').then((o) => console.log('again', o.state)).then(() => c.close())"
  process.stdout.write(execFileSync('node', ['-e', again], { cwd: shop, env, encoding: 'utf8' }))
} finally {
  rmSync(folder, { recursive: true, force: true })
}

/** npm as it came with Node, or the one of the system. */
function npmFile(beside) {
  try {
    readFileSync(beside)
    return beside
  } catch {
    return execFileSync('sh', ['-c', 'readlink -f "$(command -v npm)"'], { encoding: 'utf8' }).trim()
  }
}
