'use strict'

// The areas of the API, one class each. Every method starts one call of the engine; what it may take is looked at in
// check.cjs, what it brings is given names in models.cjs.

const check = require('./check.cjs')
const models = require('./models.cjs')
const { Delivery } = require('./delivery.cjs')
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

  /** A read without arguments. */
  read(operation, method, decode, options) {
    return this.#calls.ask({ operation }, options, (engine, ticket, ms) => engine[method](ticket, ms), decode)
  }

  /** A read that takes one text. */
  readBy(operation, method, field, value, decode, options) {
    return this.#calls.ask(
      { operation, ref: field === 'ref' ? value : undefined },
      options,
      (engine, ticket, ms) => engine[method](ticket, ms, check.text(operation, field, value)),
      decode,
    )
  }

  /** Something that takes a request of the tables. */
  ask(operation, method, name, request, decode, options) {
    return this.#calls.ask(
      { operation },
      options,
      (engine, ticket, ms) => engine[method](ticket, ms, check.request(operation, name, request)),
      decode,
    )
  }

  /** An order. One that may be aborted has its reference from the start, so that the error can name it. */
  send(operation, method, name, service, request, options) {
    const isAbortable = options?.signal instanceof AbortSignal
    const needsRef = isAbortable && request !== null && typeof request === 'object'
    let ref = readable(request)
    const made = needsRef && ref === undefined ? native.makeRef(service) : undefined
    ref ??= made
    return this.#calls.ask(
      { operation, ref, moves: true },
      options,
      (engine, ticket, ms) => {
        const values = check.request(operation, name, request)
        const at = models.requests[name].findIndex(([field]) => field === 'ref')
        values[at] ??= made ?? null
        engine[method](ticket, ms, values)
      },
      (crossed) => new Order(this.#calls, models.Order(crossed)),
    )
  }

  quote(operation, method, name, request, options) {
    return this.#calls.ask(
      { operation, added: ['maxPrice'] },
      options,
      (engine, ticket, ms, { maxPrice }) => {
        const limit = check.values(operation, MAX_PRICE, { maxPrice }, 'options')
        engine[method](ticket, ms, check.request(operation, name, request), limit)
      },
      models.Quote,
    )
  }

  /** A list of the service, as far as it is asked for. */
  pages(operation, method, request, decode, options) {
    const open = (engine, ms) => engine[method](ms ?? null, check.request(operation, 'ListRequest', request ?? {}))
    return new Stream(this.#calls, { operation }, options, open, decode)
  }

  /** For what has a form of its own. */
  own(call, options, begin, decode) {
    return this.#calls.ask(call, options, begin, decode)
  }

  /** What follows a cursor. */
  after(operation, method, given, decode) {
    const open = (engine, _ms, { after }) =>
      engine[method](after === undefined || after === null ? null : check.text(operation, 'after', after))
    return new Stream(this.#calls, { operation, added: ['after'] }, given, open, decode)
  }

  delivery(crossed) {
    return new Delivery(this.#calls, crossed)
  }

  order(crossed) {
    return new Order(this.#calls, models.Order(crossed))
  }
}

/** The reference in a request, where it can be read; a getter that throws is told of later, as a rejection. */
function readable(request) {
  try {
    return request?.ref
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
    return this.#area.read('account.validate', 'validate', models.KeyInfo, options)
  }
  balance(options) {
    return this.#area.read('account.balance', 'balance', models.Balance, options)
  }
  transactions(request, options) {
    return this.#area.pages('account.transactions', 'transactions', request, models.AccountTransaction, options)
  }
}

class Mobile {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  plans(options) {
    return this.#area.read('mobile.plans', 'mobilePlans', models.MobilePlans, options)
  }
  send(request, options) {
    return this.#area.send('mobile.send', 'mobileSend', 'MobileRequest', 'mobile', request, options)
  }
  quote(request, options) {
    return this.#area.quote('mobile.quote', 'mobileQuote', 'MobileRequest', request, options)
  }
  checkById(id, options) {
    return this.#area.readBy('mobile.check_id', 'mobileById', 'id', id, models.MobileTopup, options)
  }
  checkByRef(ref, options) {
    return this.#area.readBy('mobile.check_ref', 'mobileByRef', 'ref', ref, models.MobileTopup, options)
  }
  list(request, options) {
    return this.#area.pages('mobile.list', 'mobileList', request, models.MobileTopup, options)
  }
}

class Internet {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  products(type, options) {
    const operation = 'internet.products'
    const begin = (engine, ticket, ms) =>
      engine.internetProducts(ticket, ms, check.values(operation, LINE, { type }, 'request'))
    return this.#area.own({ operation }, options, begin, list(models.InternetProduct))
  }
  checkNumber(type, number, options) {
    const operation = 'internet.check_number'
    const begin = (engine, ticket, ms) =>
      engine.internetCheckNumber(ticket, ms, check.values(operation, LINE_AND_NUMBER, { type, number }, 'request'))
    return this.#area.own({ operation }, options, begin, models.InternetLine)
  }
  send(request, options) {
    return this.#area.send('internet.send', 'internetSend', 'InternetRequest', 'internet', request, options)
  }
  quote(request, options) {
    return this.#area.quote('internet.quote', 'internetQuote', 'InternetRequest', request, options)
  }
  checkById(id, options) {
    return this.#area.readBy('internet.check_id', 'internetById', 'id', id, models.InternetTopup, options)
  }
  checkByRef(ref, options) {
    return this.#area.readBy('internet.check_ref', 'internetByRef', 'ref', ref, models.InternetTopup, options)
  }
  list(request, options) {
    return this.#area.pages('internet.list', 'internetList', request, models.InternetTopup, options)
  }
}

class GiftCards {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  catalog(options) {
    return this.#area.read('gift_cards.catalog', 'giftCardCatalog', models.GiftCardCatalog, options)
  }
  product(id, options) {
    const operation = 'gift_cards.check_product'
    return this.#area.readBy(operation, 'giftCardProduct', 'productId', id, models.GiftCardProduct, options)
  }
  order(request, options) {
    const operation = 'gift_cards.place_order'
    return this.#area.send(operation, 'giftCardSend', 'GiftCardRequest', 'gift_cards', request, options)
  }
  quote(request, options) {
    return this.#area.quote('gift_cards.quote', 'giftCardQuote', 'GiftCardRequest', request, options)
  }
  checkOrder(id, options) {
    const operation = 'gift_cards.check_order'
    return this.#area.readBy(operation, 'giftCardOrderById', 'id', id, models.GiftCardOrder, options)
  }
  list(request, options) {
    return this.#area.pages('gift_cards.list', 'giftCardList', request, models.GiftCardOrder, options)
  }
}

class PaymentLinks {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  create(request, options) {
    const operation = 'payment_links.create'
    return this.#area.ask(operation, 'paymentLink', 'PaymentLinkRequest', request, models.PaymentLink, options)
  }
  check(paymentRef, options) {
    const operation = 'payment_links.check'
    return this.#area.readBy(operation, 'payment', 'paymentRef', paymentRef, models.Payment, options)
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
    return this.#area.read('orders.resume', 'resume', () => undefined, options)
  }
  get(ref, options) {
    return this.#area.readBy('orders.get', 'order', 'ref', ref, (crossed) => this.#area.order(crossed), options)
  }
  list(request, options) {
    const decode = list((crossed) => this.#area.order(crossed))
    return this.#area.ask('orders.list', 'orders', 'OrderListRequest', request ?? {}, decode, options)
  }
  events(given) {
    return this.#area.after('orders.events', 'events', given, this.#event)
  }
  ack(cursor, options) {
    return this.#area.readBy('orders.ack', 'ack', 'cursor', cursor, () => undefined, options)
  }
  history(ref, options) {
    return this.#area.readBy('orders.history', 'history', 'ref', ref, list(this.#event), options)
  }
  resolve(ref, given, options) {
    const operation = 'orders.resolve'
    const begin = (engine, ticket) =>
      engine.resolve(ticket, check.text(operation, 'ref', ref), check.values(operation, DECISION, given, 'decision'))
    return this.#area.own({ operation, ref }, options, begin, (crossed) => this.#area.order(crossed))
  }
  reconcile(window, options) {
    const operation = 'orders.reconcile'
    const begin = (engine, ticket, ms) => engine.reconcile(ticket, ms, check.values(operation, WINDOW, window, 'request'))
    return this.#area.own({ operation }, options, begin, models.Reconciliation)
  }
}

class Cards {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  reveal(ref, viewer, options) {
    const operation = 'cards.reveal'
    const begin = (engine, ticket, ms) => {
      const given = check.values(operation, VIEWER, viewer ?? {}, 'viewer')
      engine.reveal(ticket, ms, [check.text(operation, 'ref', ref), ...given])
    }
    return this.#area.own({ operation, ref }, options, begin, list(models.Card))
  }
  purge(request, options) {
    return this.#area.ask('cards.purge', 'purge', 'PurgeRequest', request, models.PurgeReport, options)
  }
  rekey(options) {
    return this.#area.read('cards.rekey', 'rekey', models.RekeyReport, options)
  }
  import(request, options) {
    return this.#area.ask('cards.import', 'importCard', 'ImportRequest', request, models.ImportReport, options)
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
    return this.#area.ask(operation, 'deliver', 'DeliveryRequest', request, (crossed) => this.#area.delivery(crossed), options)
  }
  get(id, options) {
    return this.#area.readBy('delivery.get', 'delivery', 'id', id, (crossed) => this.#area.delivery(crossed), options)
  }
  list(ref, options) {
    const decode = list((crossed) => this.#area.delivery(crossed))
    return this.#area.readBy('delivery.list', 'deliveries', 'ref', ref, decode, options)
  }
  inApp(ref, given, options) {
    const operation = 'delivery.in_app'
    const begin = (engine, ticket, ms) => {
      const read = check.values(operation, [...VIEWER, ...WORDS], given ?? {}, 'viewer')
      const viewer = read.slice(0, VIEWER.length)
      engine.inApp(ticket, ms, [check.text(operation, 'ref', ref), ...viewer], read.slice(VIEWER.length))
    }
    return this.#area.own({ operation, ref }, options, begin, models.InAppCards)
  }
}

class Audit {
  #area
  constructor(calls) {
    this.#area = new Area(calls)
  }
  verify(head, options) {
    const operation = 'audit.verify'
    const begin = (engine, ticket, ms) =>
      engine.verify(ticket, ms, head === undefined ? null : check.text(operation, 'head', head))
    return this.#area.own({ operation }, options, begin, models.AuditReport)
  }
  entries(given) {
    return this.#area.after('audit.entries', 'entries', given, models.AuditEntry)
  }
}

module.exports = { Area, Account, Mobile, Internet, GiftCards, PaymentLinks, Orders, Cards, Audit, Courier }
