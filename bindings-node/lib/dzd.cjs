'use strict'

// Exact amounts of Algerian dinars as decimal text, calculated as whole numbers of the smallest part.

const { invalid } = require('./errors.cjs')

const DECIMAL = /^([+-]?)([0-9]{1,40})(?:\.([0-9]{1,40}))?$/

/** The digits of an amount as one whole number, and how many of them stand behind the point. */
function parse(operation, field, value) {
  if (typeof value === 'bigint') return { units: value, scale: 0 }
  if (typeof value === 'number' && Number.isSafeInteger(value)) return { units: BigInt(value), scale: 0 }
  const found = typeof value === 'string' ? DECIMAL.exec(value) : null
  if (found === null) {
    const rule = typeof value === 'number' ? 'is a float that is not a safe whole number' : 'is not an amount'
    throw invalid(operation, field, `${rule}: give a whole number, or exact decimal text such as "826.13"`)
  }
  const [, sign, whole, fraction = ''] = found
  const units = BigInt(whole + fraction)
  return { units: sign === '-' ? -units : units, scale: fraction.length }
}

function print(units, scale) {
  const sign = units < 0n ? '-' : ''
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0')
  const whole = digits.slice(0, digits.length - scale)
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '')
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`
}

function aligned(operation, a, b) {
  const [left, right] = [parse(operation, 'a', a), parse(operation, 'b', b)]
  const scale = Math.max(left.scale, right.scale)
  const units = ({ units, scale: own }) => units * 10n ** BigInt(scale - own)
  return [units(left), units(right), scale]
}

const Dzd = {
  /** The amount in its shortest form: `'500.00'` is `'500'`. */
  parse(value) {
    const { units, scale } = parse('Dzd.parse', 'value', value)
    return print(units, scale)
  },
  add(a, b) {
    const [left, right, scale] = aligned('Dzd.add', a, b)
    return print(left + right, scale)
  },
  subtract(a, b) {
    const [left, right, scale] = aligned('Dzd.subtract', a, b)
    return print(left - right, scale)
  },
  /** An amount times a whole number. */
  multiply(value, count) {
    const { units, scale } = parse('Dzd.multiply', 'value', value)
    if (typeof count !== 'bigint' && !Number.isSafeInteger(count)) {
      throw invalid('Dzd.multiply', 'count', 'is not a whole number: give one')
    }
    return print(units * BigInt(count), scale)
  },
  /** The sum of all amounts. */
  sum(values) {
    if (typeof values?.[Symbol.iterator] !== 'function' || typeof values === 'string') {
      throw invalid('Dzd.sum', 'values', 'is not a list of amounts: give an array, or another iterable')
    }
    let sum = '0'
    for (const value of values) sum = Dzd.add(sum, value)
    return sum
  },
  /** -1, 0 or 1, as `sort` wants it. */
  compare(a, b) {
    const [left, right] = aligned('Dzd.compare', a, b)
    return left < right ? -1 : left > right ? 1 : 0
  },
  equals(a, b) {
    return Dzd.compare(a, b) === 0
  },
  /** For people: `'1 234 567,50 DA'` in French; exact, not through a float. */
  format(value, locale = 'fr-DZ') {
    const style = { style: 'currency', currency: 'DZD', minimumFractionDigits: 2, maximumFractionDigits: 20 }
    return new Intl.NumberFormat(locale, style).format(Dzd.parse(value))
  },
}

module.exports = { Dzd: Object.freeze(Dzd) }
