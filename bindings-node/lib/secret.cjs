'use strict'

// Values that must not be seen by accident. They are read on purpose, by their name; whatever shows the whole object
// (console.log, util.inspect, JSON, a spread) shows no secret.

const inspect = Symbol.for('nodejs.util.inspect.custom')
const HIDDEN = '[redacted]'

/** An object whose `secrets` are there for who asks by name, and for nobody else. */
function redacted(name, secrets, fields) {
  const shown = {}
  const object = Object.create({
    get [Symbol.toStringTag]() {
      return name
    },
    toJSON() {
      return { ...shown }
    },
    [inspect](_depth, options, show) {
      return `${name} ${show ? show(shown, options) : JSON.stringify(shown)}`
    },
  })
  for (const [key, value] of Object.entries(fields)) {
    const isSecret = secrets.includes(key)
    shown[key] = isSecret && value !== null ? HIDDEN : value
    Object.defineProperty(object, key, isSecret ? { get: () => value } : { value, enumerable: true })
  }
  return Object.freeze(object)
}

module.exports = { redacted, inspect }
