'use strict'

// Functions of the program's own that the engine asks to do something: to send a text message, to say what the keys are.

const check = require('./check.cjs')
const { SmsMessage } = require('./models.cjs')

/** Functions, by the number that the engine knows them by. */
const employed = new Map()
let last = 0
/** The engine takes the codes out and shortens: of one cut in half here it could not know. */
const LONGEST_TROUBLE = 65_536

function employ(work) {
  last += 1
  employed.set(last, work)
  return last
}

/** The settings with numbers in the place of functions, and those numbers. */
function hired(settings) {
  const { sms, vaultKey } = settings
  const changed = { ...settings }
  if (typeof sms?.function === 'function') changed.sms = { ...sms, function: employ(messenger(sms.function)) }
  if (typeof vaultKey === 'function') changed.vaultKey = employ(keeper(vaultKey))
  const numbers = [changed.sms?.function, changed.vaultKey].filter((each) => typeof each === 'number')
  return [changed, numbers]
}

function dismiss(numbers) {
  for (const number of numbers) employed.delete(number)
}

/** Sends one text message; the gateway's id of it. */
function messenger(send) {
  return async (message) => {
    const receipt = await send(SmsMessage(message))
    return ['string', 'number', 'bigint'].includes(typeof receipt) ? [String(receipt)] : []
  }
}

/** Asks for the keys. What the function throws could quote one: its name and code are told, not its text. */
function keeper(provide) {
  return async () => {
    let given
    try {
      given = await provide()
    } catch (error) {
      const code = typeof error?.code === 'string' ? ` (${error.code})` : ''
      throw new Error(`the function given as vaultKey threw ${error?.name ?? check.kindOf(error)}${code}`)
    }
    const keys = Array.isArray(given) ? given : [given]
    return keys.map((key) => {
      const text = check.keyText(key)
      if (text === undefined) throw new Error(`the function given as vaultKey gave ${check.kindOf(key)}: give ${check.KEY_FORM}`)
      return text
    })
  }
}

/** Runs one errand. What a function throws is tried again later, unless it says `permanent`. */
async function run([number, which, given], inbox) {
  try {
    const work = employed.get(which)
    if (work === undefined) throw new Error('the client was closed')
    inbox.answer(number, await work(given), null, false)
  } catch (error) {
    const { words, isPermanent } = told(error)
    inbox.answer(number, [], words, isPermanent)
  }
}

/** What a function threw, which may be anything: the engine waits for an answer. */
function told(error) {
  try {
    const words = String(error?.message ?? error).slice(0, LONGEST_TROUBLE).toWellFormed()
    return { words, isPermanent: error?.permanent === true }
  } catch {
    return { words: 'the function threw what cannot be read', isPermanent: false }
  }
}

module.exports = { hired, dismiss, run }
