'use strict'

// Finds the native part: one small package per platform, installed by npm because the main one names them all as
// optional. Nothing is downloaded or compiled here.

const fs = require('node:fs')
const path = require('node:path')
const { version } = require('../package.json')
const { PLATFORMS, libc, platform } = require('./platform.cjs')

class LoadError extends Error {
  constructor(detail, cause) {
    super(detail, { cause })
    this.name = 'LoadError'
    this.code = 'native_part_missing'
  }
}

function load() {
  const wanted = platform()
  const name = `@oneclickdz/${wanted}`
  // In a checkout of the source the library lies beside the package; a published package has no such folder.
  const built = path.join(__dirname, '..', 'native', `oneclickdz.${wanted}.node`)
  const place = fs.existsSync(built) ? built : name
  let cause
  try {
    return checked(require(place), place)
  } catch (error) {
    if (error instanceof LoadError) throw error
    cause = error
  }
  const isKnown = PLATFORMS.includes(wanted)
  const isAbsent = cause.code === 'MODULE_NOT_FOUND' && cause.message.includes(name)
  const why = !isKnown
    ? `There is no such package; those that exist are for ${PLATFORMS.join(', ')}.`
    : isAbsent
      ? 'It is not installed. Install again on this machine, with optional dependencies ' +
        '(no --omit=optional), and do not copy node_modules from another platform.'
      : `It is installed but cannot be loaded: ${cause.message}`
  throw new LoadError(
    `oneclickdz: the native part for platform ${process.platform}, processor ${process.arch}` +
      `${process.platform === 'linux' ? `, libc ${libc()}` : ''} was looked for in the package ${name} ${version}. ${why}`,
    cause,
  )
}

function checked(native, place) {
  if (native.version() === version) return native
  throw new LoadError(
    `oneclickdz: the package is version ${version} and its native part ${place} is ${native.version()}: install both again.`,
  )
}

module.exports = { native: load(), LoadError }
