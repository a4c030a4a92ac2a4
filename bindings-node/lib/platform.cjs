'use strict'

// Which of the platform packages is the one for this machine.

const fs = require('node:fs')

const PLATFORMS = [
  'linux-x64-gnu',
  'linux-x64-musl',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'darwin-x64',
  'darwin-arm64',
  'win32-x64-msvc',
  'win32-arm64-msvc',
]

/** `gnu` or `musl`. The file is read because a report takes milliseconds. */
function libc() {
  try {
    const ldd = fs.readFileSync('/usr/bin/ldd', 'latin1')
    if (ldd.includes('musl')) return 'musl'
    if (ldd.includes('GNU C Library') || ldd.includes('GLIBC')) return 'gnu'
  } catch {
    // A slim image may not have it.
  }
  const report = process.report?.getReport?.()
  return report === undefined || report.header?.glibcVersionRuntime ? 'gnu' : 'musl'
}

function platform() {
  const base = `${process.platform}-${process.arch}`
  if (process.platform === 'linux') return `${base}-${libc()}`
  return process.platform === 'win32' ? `${base}-msvc` : base
}

module.exports = { PLATFORMS, libc, platform }
