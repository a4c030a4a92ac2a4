'use strict'

// The areas of the API, one class each. Every method starts one call of the engine; what it may take is looked at in
// check.cjs, what it brings is given names in models.cjs.

const { start, stream } = require('./calls.cjs')
const check = require('./check.cjs')
const models = require('./models.cjs')
const { Delivery } = require('./delivery.cjs')
const { exported } = require('./export.cjs')
const { native } = require('./load.cjs')
const { Order } = require('./order.cjs')
const { Stream } = require('./stream.cjs')

const TEXT = (name) => [[name, 'String', false]]
const MAX_PRICE = [['maxPrice', 'Dzd', true]]
const LINE = [['type', 'InternetType', false]]
const LINE_AND_NUMBER = [...LINE, ['number', 'String', false]]

const list = (decode) => (crossed) => crossed.map(decode)

class Area {
  #calls

  constructor(calls) {
    this.#calls = calls
  }

  /** A call without arguments. */
  read(operation, name, decode, options) {
    return this.own({ operation }, options, name, () => [], decode)
  }

  /** A call that takes one text. */
  readBy(operation, name, field, value, decode, options) {
    const call = { operation, ref: field === 'ref' ? value : undefined }
    return this.own(call, options, name, () => [check.text(operation, field, value)], decode)
  }

  /** Something that takes a request of the tables. */
  ask(operation, name, type, request, decode, options) {
    return this.own({ operation }, options, name, () => [check.request(operation, type, request)], decode)
  }

  /** The same for what leaves something changed that an abort does not take back. */
  change(operation, name, type, request, decode, options) {
    return this.own({ operation, changes: true }, options, name, () => [check.request(operation, type, request)], decode)
  }

  /** An order. One that may be aborted has its reference from the start, so that the error can name it. */
  send(operation, name, type, service, request, options) {
    const isAbortable = readable(options, 'signal') instanceof AbortSignal
    const needsRef = isAbortable && request !== null && typeof request === 'object'
    let ref = readable(request, 'ref')
    const made = needsRef && ref === undefined ? native.makeRef(service) : undefined
    ref ??= made
    const values = () => {
      const read = check.request(operation, type, request)
      const at = models.requests[type].findIndex(([field]) => field === 'ref')
      read[at] ??= made ?? null
      return [read]
    }
    return this.own({ operation, ref, moves: true }, options, name, values, (crossed) => this.order(crossed))
  }

  quote(operation, name, type, request, options) {
    const values = ({ maxPrice }) => {
      const limit = check.values(operation, MAX_PRICE, { maxPrice }, 'options')
      return [check.request(operation, type, request), ...limit]
    }
    return this.own({ operation, added: ['maxPrice'] }, options, name, values, models.Quote)
  }

  /** A list of the service, as far as it is asked for. */
  pages(operation, name, request, decode, options) {
    const values = () => [check.request(operation, 'ListRequest', request ?? {})]
    return new Stream(this.#calls, { operation }, options, stream(name, values), decode)
  }

  /** For what has arguments of its own form. */
  own(call, options, name, values, decode) {
    return this.#calls.ask(call, options, start(name, values), decode)
  }

  /** What follows a cursor. */
  after(operation, name, given, decode) {
    const values = ({ after }) => [after === undefined || after === null ? null : check.text(operation, 'after', after)]
    const open = (engine, _ms, options) => stream(name, values)(engine, undefined, options)
    return new Stream(this.#calls, { operation, added: ['after'] }, given, open, decode)
  }

  /** Something without arguments that comes bit by bit. */
  parts(operation, name, given) {
    return new Stream(this.#calls, { operation }, given, stream(name, () => []), (item) => item)
  }

  delivery(crossed) {
    return new Delivery(this.#calls, crossed)
  }

  order(crossed) {
    return new Order(this.#calls, models.Order(crossed))
  }
}

/** What a caller gave under a name, where it can be read; a getter that throws is told of later, as a rejection. */
function readable(given, name) {
  try {
    return given?.[name]
  } catch {
    return undefined
  }
}

class Account {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  validate(options) {
    return this.#area.read('account.validate', 'Account.validate', models.KeyInfo, options)
  }
  balance(options) {
    return this.#area.read('account.balance', 'Account.balance', models.Balance, options)
  }
  transactions(request, options) {
    return this.#area.pages('account.transactions', 'Account.transactions', request, models.AccountTransaction, options)
  }
}

class Mobile {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  plans(options) {
    return this.#area.read('mobile.plans', 'Mobile.plans', models.MobilePlans, options)
  }
  send(request, options) {
    return this.#area.send('mobile.send', 'Mobile.send', 'MobileRequest', 'mobile', request, options)
  }
  quote(request, options) {
    return this.#area.quote('mobile.quote', 'Mobile.quote', 'MobileRequest', request, options)
  }
  checkById(id, options) {
    return this.#area.readBy('mobile.check_id', 'Mobile.checkById', 'id', id, models.MobileTopup, options)
  }
  checkByRef(ref, options) {
    return this.#area.readBy('mobile.check_ref', 'Mobile.checkByRef', 'ref', ref, models.MobileTopup, options)
  }
  list(request, options) {
    return this.#area.pages('mobile.list', 'Mobile.list', request, models.MobileTopup, options)
  }
}

class Internet {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  products(type, options) {
    const operation = 'internet.products'
    const values = () => check.values(operation, LINE, { type }, 'request')
    return this.#area.own({ operation }, options, 'Internet.products', values, list(models.InternetProduct))
  }
  checkNumber(type, number, options) {
    const operation = 'internet.check_number'
    const values = () => check.values(operation, LINE_AND_NUMBER, { type, number }, 'request')
    return this.#area.own({ operation }, options, 'Internet.checkNumber', values, models.InternetLine)
  }
  send(request, options) {
    return this.#area.send('internet.send', 'Internet.send', 'InternetRequest', 'internet', request, options)
  }
  quote(request, options) {
    return this.#area.quote('internet.quote', 'Internet.quote', 'InternetRequest', request, options)
  }
  checkById(id, options) {
    return this.#area.readBy('internet.check_id', 'Internet.checkById', 'id', id, models.InternetTopup, options)
  }
  checkByRef(ref, options) {
    return this.#area.readBy('internet.check_ref', 'Internet.checkByRef', 'ref', ref, models.InternetTopup, options)
  }
  list(request, options) {
    return this.#area.pages('internet.list', 'Internet.list', request, models.InternetTopup, options)
  }
}

class GiftCards {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  catalog(options) {
    return this.#area.read('gift_cards.catalog', 'GiftCards.catalog', models.GiftCardCatalog, options)
  }
  product(id, options) {
    const operation = 'gift_cards.check_product'
    return this.#area.readBy(operation, 'GiftCards.product', 'productId', id, models.GiftCardProduct, options)
  }
  order(request, options) {
    const operation = 'gift_cards.place_order'
    return this.#area.send(operation, 'GiftCards.order', 'GiftCardRequest', 'gift_cards', request, options)
  }
  quote(request, options) {
    return this.#area.quote('gift_cards.quote', 'GiftCards.quote', 'GiftCardRequest', request, options)
  }
  checkOrder(id, options) {
    const operation = 'gift_cards.check_order'
    return this.#area.readBy(operation, 'GiftCards.checkOrder', 'id', id, models.GiftCardOrder, options)
  }
  list(request, options) {
    return this.#area.pages('gift_cards.list', 'GiftCards.list', request, models.GiftCardOrder, options)
  }
}

class PaymentLinks {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  create(request, options) {
    const operation = 'payment_links.create'
    return this.#area.change(operation, 'PaymentLinks.create', 'PaymentLinkRequest', request, models.PaymentLink, options)
  }
  check(paymentRef, options) {
    const operation = 'payment_links.check'
    return this.#area.readBy(operation, 'PaymentLinks.check', 'paymentRef', paymentRef, models.Payment, options)
  }
}

// The reference stands before the rest; the table has it first.
const VIEWER = models.requests.RevealRequest.filter(([name]) => name !== 'ref')
const DECISION = [
  ['decision', 'OrderState', false],
  ['actor', 'String', false],
  ['note', 'String', false],
]
const WINDOW = [
  ['since', 'Timestamp', false],
  ['until', 'Timestamp', false],
]

class Orders {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }

  #event = (crossed) => {
    const event = models.OrderEvent(crossed)
    event.order = this.#area.order(crossed[3])
    return event
  }

  resume(options) {
    return this.#area.read('orders.resume', 'Orders.resume', () => undefined, options)
  }
  get(ref, options) {
    return this.#area.readBy('orders.get', 'Orders.get', 'ref', ref, (crossed) => this.#area.order(crossed), options)
  }
  list(request, options) {
    const decode = list((crossed) => this.#area.order(crossed))
    return this.#area.ask('orders.list', 'Orders.list', 'OrderListRequest', request ?? {}, decode, options)
  }
  events(given) {
    return this.#area.after('orders.events', 'Orders.events', given, this.#event)
  }
  ack(cursor, options) {
    return this.#area.readBy('orders.ack', 'Orders.ack', 'cursor', cursor, () => undefined, options)
  }
  history(ref, options) {
    return this.#area.readBy('orders.history', 'Orders.history', 'ref', ref, list(this.#event), options)
  }
  resolve(ref, given, options) {
    const operation = 'orders.resolve'
    const values = () => [check.text(operation, 'ref', ref), ...check.values(operation, DECISION, given, 'decision')]
    const call = { operation, ref, changes: true }
    return this.#area.own(call, options, 'Orders.resolve', values, (crossed) => this.#area.order(crossed))
  }
  reconcile(window, options) {
    const operation = 'orders.reconcile'
    const values = () => check.values(operation, WINDOW, window, 'request')
    return this.#area.own({ operation }, options, 'Orders.reconcile', values, models.Reconciliation)
  }
}

class Cards {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  reveal(ref, viewer, options) {
    const operation = 'cards.reveal'
    const values = () => {
      const given = check.values(operation, VIEWER, viewer ?? {}, 'viewer')
      return [[check.text(operation, 'ref', ref), ...given]]
    }
    return this.#area.own({ operation, ref }, options, 'Cards.reveal', values, list(models.Card))
  }
  purge(request, options) {
    return this.#area.change('cards.purge', 'Cards.purge', 'PurgeRequest', request, models.PurgeReport, options)
  }
  rekey(options) {
    return this.#area.read('cards.rekey', 'Cards.rekey', models.RekeyReport, options)
  }
  import(request, options) {
    return this.#area.change('cards.import', 'Cards.import', 'ImportRequest', request, models.ImportReport, options)
  }
}

const WORDS = [
  ['language', 'Language', false],
  ['title', 'String', true],
]

class Courier {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  deliver(request, options) {
    const operation = 'delivery.deliver'
    return this.#area.change(operation, 'Courier.deliver', 'DeliveryRequest', request, (crossed) => this.#area.delivery(crossed), options)
  }
  get(id, options) {
    return this.#area.readBy('delivery.get', 'Courier.get', 'id', id, (crossed) => this.#area.delivery(crossed), options)
  }
  list(ref, options) {
    const decode = list((crossed) => this.#area.delivery(crossed))
    return this.#area.readBy('delivery.list', 'Courier.list', 'ref', ref, decode, options)
  }
  inApp(ref, given, options) {
    const operation = 'delivery.in_app'
    const values = () => {
      const read = check.values(operation, [...VIEWER, ...WORDS], given ?? {}, 'viewer')
      const viewer = read.slice(0, VIEWER.length)
      return [[check.text(operation, 'ref', ref), ...viewer], ...read.slice(VIEWER.length)]
    }
    return this.#area.own({ operation, ref }, options, 'Courier.inApp', values, models.InAppCards)
  }
}

class Audit {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  verify(head, options) {
    const operation = 'audit.verify'
    const values = () => [head === undefined ? null : check.text(operation, 'head', head)]
    return this.#area.own({ operation }, options, 'Audit.verify', values, models.AuditReport)
  }
  entries(given) {
    return this.#area.after('audit.entries', 'Audit.entries', given, models.AuditEntry)
  }
  export(to, options) {
    const operation = 'audit.export'
    const lines = this.#area.parts(operation, 'auditLines', options)
    return exported(operation, to, lines, readable(options, 'signal'))
  }
}

module.exports = { Area, Account, Mobile, Internet, GiftCards, PaymentLinks, Orders, Cards, Audit, Courier }
