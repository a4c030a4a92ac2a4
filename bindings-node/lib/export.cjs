'use strict'

// Lines to a file or a stream, as fast as that takes them.

const fs = require('node:fs/promises')

const check = require('./check.cjs')
const { aborted, classes, invalid, unusable } = require('./errors.cjs')

/** Private to its user, as the journal is. */
const PRIVATE = 0o600
/** How many signs are written at once. */
const PORTION = 65_536

/** Writes lines to a path or to a writable stream, which is not ended; how many there were. */
async function exported(operation, to, lines, signal) {
  const isPath = typeof to === 'string' || to instanceof URL
  if (!isPath && typeof to?.write !== 'function') {
    throw invalid(operation, 'to', `is ${check.kindOf(to)}: give a path or a writable stream`)
  }
  try {
    return await (isPath ? intoFile(to, lines) : intoStream(to, lines, signal))
  } catch (cause) {
    if (cause instanceof classes.OneClickDzError) throw cause
    if (signal?.aborted) throw aborted(operation, 'not_sent', null, signal.reason)
    throw unusable(operation, 'to', 'cannot be written: see the cause', cause)
  }
}

async function intoFile(path, lines) {
  // Before the file is written anew: where nothing can be read, a closed client for one, what is there stays.
  const first = await lines.next()
  const file = await fs.open(path, 'w', PRIVATE)
  try {
    // One that was there has kept its own permissions.
    await file.chmod(PRIVATE)
    return await each(after(first, lines), (text) => file.appendFile(text))
  } finally {
    await file.close()
  }
}

async function intoStream(stream, lines, signal) {
  // What goes wrong is told to the write that it befell; an error that nobody hears would end the process.
  const hear = () => {}
  stream.on?.('error', hear)
  try {
    return await each(lines, (text) => written(stream, text, signal))
  } finally {
    stream.off?.('error', hear)
  }
}

async function* after(first, lines) {
  if (first.done) return
  yield first.value
  yield* lines
}

async function each(lines, write) {
  let count = 0
  let text = ''
  for await (const line of lines) {
    count += 1
    text += `${line}\n`
    if (text.length < PORTION) continue
    await write(text)
    text = ''
  }
  if (text !== '') await write(text)
  return count
}

/** Until the stream has taken it, or the caller has gone. */
function written(stream, text, signal) {
  return new Promise((resolve, reject) => {
    const leave = () => reject(signal.reason)
    const gone = () => reject(new Error('the stream was closed'))
    if (signal?.aborted) return leave()
    signal?.addEventListener('abort', leave, { once: true })
    stream.once?.('close', gone)
    stream.write(text, (error) => {
      signal?.removeEventListener('abort', leave)
      stream.off?.('close', gone)
      if (error) reject(error)
      else resolve()
    })
  })
}

module.exports = { exported }
