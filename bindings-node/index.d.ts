/// <reference types="node" preserve="true" />

import type { Writable } from 'node:stream'

import type {
  AccountTransaction,
  AuditEntry,
  AuditReport,
  Balance,
  Card,
  DeliveryRecord,
  DeliveryRequest,
  DzdLike,
  DzdText,
  Environment,
  ErrorKind,
  GiftCardCatalog,
  GiftCardOrder,
  GiftCardProduct,
  GiftCardRequest,
  Health,
  ImportReport,
  ImportRequest,
  InAppCards,
  Instant,
  InternetLine,
  InternetProduct,
  InternetRequest,
  InternetTopup,
  InternetType,
  KeyInfo,
  Language,
  ListRequest,
  MobilePlans,
  MobileRequest,
  MobileTopup,
  OrderEvent as OrderEventRecord,
  OrderListRequest,
  OrderRecord,
  OrderState,
  Outcome,
  Payment,
  PaymentLink,
  PaymentLinkRequest,
  PurgeReport,
  PurgeRequest,
  Quote,
  Reconciliation,
  RekeyReport,
  RetryAdvice,
  RevealRequest,
  SmsMessage,
} from './models.js'

export type * from './models.js'

/** The settings of a client. Every one has a default. */
export interface ClientOptions {
  /** The account's key. Default: the environment variable `ONECLICKDZ_API_KEY`. */
  apiKey?: string | undefined
  /** Whether keys are short-lived tokens of one account, so that a new one is no other account. Default: false. */
  keyIsToken?: boolean | undefined
  /** Where the service lives: https, or plain http on this machine. Default: `ONECLICKDZ_BASE_URL`, else production. */
  baseUrl?: string | undefined
  /**
   * Where orders are kept: a file that is private to its user, or `:memory:` for tests. Several processes may share one
   * file. Default: `oneclickdz.db` in the current folder. It is opened with the first order.
   */
  journal?: string | undefined
  /**
   * The key that seals card codes, as 64 hexadecimal digits (`openssl rand -hex 32`) or 32 bytes; several to change it, the
   * new one first; or a function that gives them. Default: the environment variable `ONECLICKDZ_VAULT_KEY`. Without one no
   * cards are bought.
   */
  vaultKey?: VaultKey | readonly VaultKey[] | GetVaultKey | undefined
  /** Refuses to order anything unless the service says that the key is of this environment. */
  expect?: 'sandbox' | 'production' | undefined
  /** The longest time for one call, retries and waits included. Default: 30 000. */
  timeoutMs?: number | undefined
  /** The longest time for a connection to come about. Default: 10 000. */
  connectTimeoutMs?: number | undefined
  /** The longest silence on a connection. Default: 15 000. */
  readTimeoutMs?: number | undefined
  /** The time between two looks at a young order. Default: 5000. */
  pollIntervalMs?: number | undefined
  /** How long an order stays with a worker that has died before another takes it over. Default: 60 000. */
  leaseMs?: number | undefined
  /** How long the list of mobile plans is believed. Default: one hour. */
  plansMaxAgeMs?: number | undefined
  /** The longest `Retry-After` to be waited for. Default: 60 000. */
  maxRetryAfterMs?: number | undefined
  /** How often a failed read is repeated; a send never is. Default: 4. */
  readRetries?: number | undefined
  /** The account's budget of requests; it shrinks by itself when the service asks for it. Default: 50. */
  requestsPerSecond?: number | undefined
  /** The largest answer in bytes. Default: 16 MiB. */
  responseLimit?: number | undefined
  /** Whether this client follows unsettled orders in the background. Default: true. */
  watches?: boolean | undefined
  /** Whether a fixed plan's own amount is sent when none is given. Default: true. */
  sendsFixedAmount?: boolean | undefined
  /** Which spelling of two gift-card paths is tried first. Default: `camel_case`. */
  giftCardPaths?: 'camel_case' | 'kebab_case' | undefined
  /** A proxy for all requests. Default: the environment's, but never for a service on this machine. */
  proxy?: string | undefined
  /** Further CA certificates to trust, in PEM form, beside the bundled ones. */
  extraRoots?: string | readonly string[] | undefined
  /** Your program's name and version, put in front of the engine's in `User-Agent`. */
  appName?: string | undefined
  /** The mail server that codes are sent through. */
  email?: EmailSettings | undefined
  /** How codes are sent as text messages: a gateway's request, or a function of yours. */
  sms?: SmsSettings | SendSms | undefined
  /** Your own texts for messages, in place of the engine's. One that cannot work is a `ConfigError`. */
  templates?: MessageTemplates | undefined
}

/** A key that card codes are sealed with: 64 hexadecimal digits, base64, `file:PATH`, `env:NAME`, or 32 bytes. */
export type VaultKey = string | Uint8Array

/**
 * Asks a key service. Called before cards are bought, at least every five minutes while there is work for the keys, and when
 * a card needs a key that it did not give. The first key seals, all of them open. While it throws, no cards are bought and
 * those that come are waited for (`VaultUnavailableError`); of what it throws only name and code are told.
 */
export type GetVaultKey = () => VaultKey | readonly VaultKey[] | Promise<VaultKey | readonly VaultKey[]>

/** One text per language; the engine's own where there is none. */
export type Translations = { [language in Language]?: string | undefined }

/**
 * [MiniJinja](https://docs.rs/minijinja) templates by what they are for. Each must insert the code of every card as it is; a
 * subject must not. The engine's own, with the fields that they use, are in `core/src/delivery/texts`.
 */
export interface MessageTemplates {
  emailSubject?: Translations | undefined
  emailText?: Translations | undefined
  emailHtml?: Translations | undefined
  /** A text message: every sign costs. */
  sms?: Translations | undefined
}

/** The mail server that a shop sends through. */
export interface EmailSettings {
  host: string
  /** The address that messages come from, such as `My shop <cards@my-shop.dz>`. */
  from: string
  /** Default: 587 with `start_tls`, 465 with `tls`, 25 with `none`. */
  port?: number | undefined
  /** `none` is for a server on this machine only. Default: `start_tls`. */
  security?: 'start_tls' | 'tls' | 'none' | undefined
  user?: string | undefined
  password?: string | undefined
  /** Where answers of customers go. Default: to the sender. */
  replyTo?: string | undefined
  /** The longest silence of the server. Default: 30 000. */
  timeoutMs?: number | undefined
}

/**
 * Sends one text message and gives the gateway's id of it. Called again with the same `id` when it is not certain that the
 * first call succeeded. What it throws is tried again later; an error with `permanent: true` is not.
 */
export type SendSms = (message: SmsMessage) => Promise<string | null | void> | string | null | void

/**
 * A gateway's request. `{to}`, `{to_international}`, `{text}`, `{id}`, `{part}` and `{parts}` are put into address, headers
 * and body, each escaped as its place wants; or `send`, a function of yours.
 */
export interface SmsSettings {
  send?: SendSms | undefined
  url?: string | undefined
  /** Default: `POST`. */
  method?: string | undefined
  headers?: Record<string, string> | undefined
  /** A JSON body, such as `{"to": "{to}", "message": "{text}"}`. */
  json?: string | undefined
  /** A form as body, such as `to={to}&message={text}`. */
  form?: string | undefined
  /** Beside a status of 2xx, the answer must have this word at this JSON pointer. */
  success?: { pointer: string; word: string } | undefined
  /** Where in the answer the gateway's id is: a JSON pointer. */
  receipt?: string | undefined
  /** The longest time for one request. Default: 30 000. A function of yours has a minute. */
  timeoutMs?: number | undefined
  /** In how many segments one message may be cut, 1 to 10. Default: 4. */
  maxSegments?: number | undefined
  /** Allows `{text}` in the address, which ends up in logs. Default: false. */
  allowTextInUrl?: boolean | undefined
}

/** What may be asked of any call. */
export interface CallOptions {
  /** Ends the waiting with `AbortedError`. An order that is on its way goes on. */
  signal?: AbortSignal | undefined
  /** Another limit for this call. */
  timeoutMs?: number | undefined
}

/** What may be asked of a wait. */
export interface WaitOptions {
  /** Ends the waiting with `AbortedError`. The order goes on. */
  signal?: AbortSignal | undefined
  /** How long to wait at most. Default: 300 000. */
  timeoutMs?: number | undefined
}

/** What may be asked of a quote. */
export interface QuoteOptions extends CallOptions {
  /** The most that it may cost in DZD. */
  maxPrice?: DzdLike | undefined
}

/** A sequence for `for await`. Nothing is asked before its first `next()`; leaving the loop ends it. */
export interface Stream<T> extends AsyncIterableIterator<T> {
  next(): Promise<IteratorResult<T, undefined>>
  return(value?: unknown): Promise<IteratorResult<T, undefined>>
  [Symbol.asyncIterator](): Stream<T>
  [Symbol.asyncDispose](): Promise<void>
}

/** One account of the service. Make one and share it: its calls share connections, rate budget and journal. */
export class Client {
  /**
   * Checks every setting. Sends nothing, opens no file, starts no thread.
   * @throws {ConfigError} naming the setting, its rule and the remedy.
   */
  constructor(options?: ClientOptions)
  readonly account: Account
  readonly mobile: Mobile
  readonly internet: Internet
  readonly giftCards: GiftCards
  readonly paymentLinks: PaymentLinks
  readonly orders: Orders
  readonly cards: Cards
  readonly audit: Audit
  readonly delivery: Courier
  /** The service's health. Needs no key and sends none. */
  ping(options?: CallOptions): Promise<Health>
  /** The same as `orders.reconcile`. */
  reconcile(window: Window, options?: CallOptions): Promise<Reconciliation>
  /**
   * Changes the key, after a rotation or after the old one was refused.
   * @throws {ConfigError} for a text that cannot be a key.
   */
  setApiKey(key: string): void
  /**
   * Ends the client: later calls reject with `ClosedError`, waits end now, sends, reads and messages that are on their way to
   * customers come to their end first (30 seconds at most).
   */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

/** The account behind the key. */
export interface Account {
  /** What the service says of the key: environment, scope, addresses. */
  validate(options?: CallOptions): Promise<KeyInfo>
  /** What is left on the account, in DZD. */
  balance(options?: CallOptions): Promise<Balance>
  /** The account's ledger, page by page. */
  transactions(request?: ListRequest, options?: CallOptions): Stream<AccountTransaction>
}

/** Top-ups for Mobilis, Djezzy, Ooredoo and Pixx. */
export interface Mobile {
  /** All plans, fresh from the service, sorted by the rule for their amount. */
  plans(options?: CallOptions): Promise<MobilePlans>
  /**
   * Sends a top-up, at most once for its `ref`. Rejects only when it is certain that nothing was charged; in doubt the
   * order comes back in the state `uncertain`. (An `AbortedError` says so itself: its outcome is `unknown`.)
   */
  send(request: MobileRequest, options?: CallOptions): Promise<Order>
  /** What a top-up would cost now, without sending it. */
  quote(request: MobileRequest, options?: QuoteOptions): Promise<Quote>
  /** One top-up as the service tells it, by the service's id. */
  checkById(id: string, options?: CallOptions): Promise<MobileTopup>
  /** One top-up as the service tells it, by its reference. */
  checkByRef(ref: string, options?: CallOptions): Promise<MobileTopup>
  /** All top-ups, page by page. */
  list(request?: ListRequest, options?: CallOptions): Stream<MobileTopup>
}

/** Cards for Algérie Télécom lines. */
export interface Internet {
  /** The cards on sale for a type of line, with cost and stock. */
  products(type: InternetType | 'ADSL' | '4G', options?: CallOptions): Promise<InternetProduct[]>
  /** Asks whether a line exists for a type. Advised before a send. */
  checkNumber(type: InternetType | 'ADSL' | '4G', number: string, options?: CallOptions): Promise<InternetLine>
  /** Buys a card, at most once for its `ref`. Rejects as `mobile.send` does. */
  send(request: InternetRequest, options?: CallOptions): Promise<Order>
  /** What a card would cost now, without buying it. */
  quote(request: InternetRequest, options?: QuoteOptions): Promise<Quote>
  /** One order as the service tells it, by the service's id; with the card once fulfilled. */
  checkById(id: string, options?: CallOptions): Promise<InternetTopup>
  /** One order as the service tells it, by its reference. */
  checkByRef(ref: string, options?: CallOptions): Promise<InternetTopup>
  /** All orders, page by page. */
  list(request?: ListRequest, options?: CallOptions): Stream<InternetTopup>
}

/** Cards for PSN, iTunes, Steam and others. */
export interface GiftCards {
  /** All products by category. Changes seldom: keep it for a day. */
  catalog(options?: CallOptions): Promise<GiftCardCatalog>
  /** One product's denominations with live stock and your prices. */
  product(id: string, options?: CallOptions): Promise<GiftCardProduct>
  /** Buys cards. A lost answer is never followed by a second purchase. Rejects as `mobile.send` does. */
  order(request: GiftCardRequest, options?: CallOptions): Promise<Order>
  /** What cards would cost now, without buying them. */
  quote(request: GiftCardRequest, options?: QuoteOptions): Promise<Quote>
  /** One order as the service tells it, with its cards once fulfilled. */
  checkOrder(id: string, options?: CallOptions): Promise<GiftCardOrder>
  /** All orders, page by page, cards included. */
  list(request?: ListRequest, options?: CallOptions): Stream<GiftCardOrder>
}

/** Links on which a customer pays into the account's balance. */
export interface PaymentLinks {
  /** Creates a single-use link that lives for 20 minutes. */
  create(request: PaymentLinkRequest, options?: CallOptions): Promise<PaymentLink>
  /** Where a payment stands. Fulfil on `confirmed` only, and compare amount and environment with the order. */
  check(paymentRef: string, options?: CallOptions): Promise<Payment>
}

/** A span of time, both ends included. */
export interface Window {
  since: Instant
  until: Instant
}

/** What a person decided on an order that is `needs_review`. */
export interface Decision {
  decision: 'fulfilled' | 'partially_filled' | 'refunded' | 'refused'
  /** Who decided. */
  actor: string
  /** Why. */
  note: string
}

/** What may be asked of the events. */
export interface EventOptions {
  /** The cursor to begin after. Default: the last one acknowledged. */
  after?: string | null | undefined
  /** Ends the waiting with `AbortedError`. */
  signal?: AbortSignal | undefined
}

/** One transition of one order. */
export interface OrderEvent extends Omit<OrderEventRecord, 'order'> {
  /** The order right after it. */
  readonly order: Order
}

/** The orders of the journal. */
export interface Orders {
  /** Takes up the unsettled orders of the journal now, not with the first order of this process. */
  resume(options?: CallOptions): Promise<void>
  /** One order by its `ref`, as the journal has it. */
  get(ref: string, options?: CallOptions): Promise<Order>
  /** Orders of the journal, oldest first. */
  list(request?: OrderListRequest, options?: CallOptions): Promise<Order[]>
  /** Every transition of every order, at least once, without an end; also what happened while the shop was down. */
  events(options?: EventOptions): Stream<OrderEvent>
  /** Remembers that all events up to this cursor are handled. */
  ack(cursor: string, options?: CallOptions): Promise<void>
  /** The history of one order, oldest first. */
  history(ref: string, options?: CallOptions): Promise<OrderEvent[]>
  /** Settles an order that needs a person's decision. */
  resolve(ref: string, decision: Decision, options?: CallOptions): Promise<Order>
  /** Compares the journal with the service's books. */
  reconcile(window: Window, options?: CallOptions): Promise<Reconciliation>
}

/** Who asks to see cards, and why: kept in the audit log. */
export type Viewer = Omit<RevealRequest, 'ref'>

/** The codes of internet cards and gift cards, which lie sealed in the journal. */
export interface Cards {
  /**
   * Opens an order's cards for somebody who may see them. The audit entry is on disk before this resolves, and all cards
   * are opened or none. A card's secrets are there by their names; printing it shows `[redacted]`.
   */
  reveal(ref: string, viewer: Viewer, options?: CallOptions): Promise<Card[]>
  /** Destroys the codes of orders that were last revealed or delivered before a time. History and audit stay. */
  purge(request: PurgeRequest, options?: CallOptions): Promise<PurgeReport>
  /** Seals everything with the newest key, so that older ones can be given up. */
  rekey(options?: CallOptions): Promise<RekeyReport>
  /** Takes over an internet card that another program kept as the service's documentation shows. */
  import(request: ImportRequest, options?: CallOptions): Promise<ImportReport>
}

/** Sends codes to customers, and keeps the receipts. */
export interface Courier {
  /**
   * Has an order's codes sent. The request is on disk when this resolves; it is tried again for two days, always under the
   * same id. The same request again is the same delivery.
   */
  deliver(request: DeliveryRequest, options?: CallOptions): Promise<Delivery>
  /** One delivery by its id. */
  get(id: string, options?: CallOptions): Promise<Delivery>
  /** The deliveries of one order, oldest first. */
  list(ref: string, options?: CallOptions): Promise<Delivery[]>
  /** Opens an order's codes for the shop's own pages, with the words around them. On record, as a reveal. */
  inApp(ref: string, viewer: Viewer & { language: Language; title?: string | undefined }, options?: CallOptions): Promise<InAppCards>
}

/** A message with an order's codes as it was when last looked at, with the means to follow it. */
export interface Delivery extends DeliveryRecord {}
export class Delivery {
  private constructor()
  /**
   * Follows it until its channel has taken it. Rejects with `DeliveryFailedError`, or with `StillPending`, which carries it and
   * its order: it goes on.
   */
  wait(options?: WaitOptions): Promise<Delivery>
}

/** The audit log: read and verified, never changed. */
export interface Audit {
  /** Follows the chain from its first entry; with the `head` of an earlier report, over that. */
  verify(head?: string, options?: CallOptions): Promise<AuditReport>
  /** The entries after a cursor, or from the first, up to the log's end. */
  entries(options?: EventOptions): Stream<AuditEntry>
  /**
   * Writes all entries as lines of JSON to a file, which is private to its user and written anew, or to a stream, which is
   * not ended; how many there were. The chain can be computed again from the lines alone (`docs/audit-log.md`).
   */
  export(to: string | URL | Writable, options?: CallOptions): Promise<number>
}

/** An order as it was when last looked at, with the means to follow it. */
export interface Order extends OrderRecord {}
export class Order {
  private constructor()
  /** Whether the order has reached its end. */
  get isSettled(): boolean
  /**
   * Follows the order to its end. Rejects with `StillPending` when the time is over, or at once where nothing will be learnt
   * within it (the service has put it off; `needs_review`): that is not a failure, and neither the customer's money nor the
   * order may be given up for it.
   */
  wait(options?: WaitOptions): Promise<Order>
  /** The order's changes from here on, up to its end. */
  updates(options?: { signal?: AbortSignal | undefined }): Stream<Order>
  /** The order as the journal has it now, without asking the service. */
  refresh(options?: CallOptions): Promise<Order>
}

/** Exact calculation with amounts. A float is refused with `ValidationError`. */
export const Dzd: {
  /** The amount in its shortest form: `'500.00'` is `'500'`. */
  parse(value: DzdLike): DzdText
  add(a: DzdLike, b: DzdLike): DzdText
  subtract(a: DzdLike, b: DzdLike): DzdText
  /** An amount times a whole number. */
  multiply(value: DzdLike, count: number | bigint): DzdText
  sum(values: Iterable<DzdLike>): DzdText
  /** -1, 0 or 1, as `sort` wants it. */
  compare(a: DzdLike, b: DzdLike): -1 | 0 | 1
  equals(a: DzdLike, b: DzdLike): boolean
  /** For people, exact; in French unless another locale is given. */
  format(value: DzdLike, locale?: string | string[]): string
}

/** One line of the engine's log. Holds no secret. */
export interface LogLine {
  level: 'error' | 'warn' | 'info' | 'debug' | 'trace'
  message: string
  /** The call that it belongs to, such as `mobile.send`. */
  operation: string | null
  fields: Record<string, string>
}

/** Gives the engine's log lines to `logger`, from `level` on (default `warn`); `null` ends it. One per thread. */
export function setLogger(
  logger: ((line: LogLine) => void) | null,
  level?: 'off' | 'error' | 'warn' | 'info' | 'debug' | 'trace',
): void

/** A reference that no other call makes: `prefix-<seconds>-<12 random signs>`. Keep it with the order before sending. */
export function makeRef(prefix: string): string

/** Why a call failed, and whether money may have moved. Neither the key nor card data ever is part of it. */
export class OneClickDzError extends Error {
  protected constructor()
  /** The stable word of the kind. */
  readonly code: ErrorKind | 'aborted'
  /** Whether money may have moved. */
  readonly outcome: Outcome
  /** Whether the same call may be made again without looking anything up first. */
  readonly retryable: boolean
  /** Whether the same call may be made again, and when. */
  readonly retryAdvice: RetryAdvice
  /** The call that failed, such as `mobile.send`. */
  readonly operation: string
  /** What happened, in English, with the rule and the remedy where there is one. */
  readonly detail: string
  /** The field of the request or of the settings that is at fault. */
  readonly field: string | null
  /** The HTTP status, if there was an answer. */
  readonly httpStatus: number | null
  /** The service's own code, as sent. */
  readonly wireCode: string | null
  /** The reference of the order that the call was about. Never absent when the outcome is unknown. */
  readonly ref: string | null
  /** The service's id of the request. Give it to the service's support. */
  readonly requestId: string | null
  /** How long to wait before the next try. */
  readonly retryAfterMs: number | null
  /** How many bad keys are left before the service blocks this address. */
  readonly attemptsLeft: number | null
  /** What the order would have cost, in DZD, when the balance is too low and the service says so. */
  readonly required: DzdText | null
  /** What is left on the account, in DZD, when the balance is too low and the service says so. */
  readonly available: DzdText | null
  /** The order, when it goes on although the call has ended; beside a `delivery` the one whose codes are in it. */
  readonly order: Order | null
  /** The delivery as it stands, for a `StillPending` of `Delivery.wait`. */
  readonly delivery: Delivery | null
  /** Further facts, in the order in which they were learnt. */
  readonly context: readonly (readonly [string, string])[]
  /** A sentence for the shop's staff. */
  staffText(language: Language): string
  /** Everything but the stack. */
  toJSON(): Record<string, unknown>
}

/**
 * A value breaks a rule; `field` names it where that is known. `outcome` tells who refused it: `not_sent` this library, `refused`
 * the service.
 */
export class ValidationError extends OneClickDzError {}
/** The number is not valid for the service. */
export class InvalidNumberError extends ValidationError {}
/** The client is configured in a way that cannot work. */
export class ConfigError extends OneClickDzError {}
/** The balance is too low. */
export class InsufficientBalanceError extends OneClickDzError {}
/** The card or product is out of stock. */
export class OutOfStockError extends OneClickDzError {}
/** This `ref` already stands for another request. */
export class RefConflictError extends OneClickDzError {}
/** The service already has an order with this `ref`. */
export class DuplicatedRefError extends OneClickDzError {}
/** No order, product or payment of that name, or not yours. */
export class NotFoundError extends OneClickDzError {}
/** The path is unknown to the service's router: says nothing about any order. */
export class EndpointNotFoundError extends OneClickDzError {}
/** The payment link has expired. */
export class LinkExpiredError extends OneClickDzError {}
/** The key is missing, wrong, expired or revoked. All calls with it stop until it is changed. */
export class AuthenticationError extends OneClickDzError {}
/** Too many bad keys came from this address: about 15 minutes of silence. */
export class IpBlockedError extends OneClickDzError {}
/** This address is not on the key's list. */
export class IpNotAllowedError extends OneClickDzError {}
/** The key or the API is switched off. */
export class ApiDisabledError extends OneClickDzError {}
/** The key may not do this. */
export class ForbiddenError extends OneClickDzError {}
/** The key is of the other environment than the one expected. Nothing was sent. */
export class EnvironmentMismatchError extends OneClickDzError {}
/** Too many requests; `retryAfterMs` says how long to wait. */
export class RateLimitedError extends OneClickDzError {}
/** The service failed. On a send the order often completes anyway. */
export class InternalServerError extends OneClickDzError {}
/** The service is down for the moment. */
export class ServiceUnavailableError extends OneClickDzError {}
/** The service could not verify the key in time; the key is not at fault. */
export class AuthUnavailableError extends OneClickDzError {}
/** The service refused with a code that this version does not know; `wireCode` has it. */
export class RefusedError extends OneClickDzError {}
/** No connection, or it broke. */
export class TransportError extends OneClickDzError {}
/** The time given was over. */
export class RequestTimeoutError extends TransportError {}
/** The answer is not what the service sends. */
export class UnreadableResponseError extends TransportError {}
/** The answer is larger than the limit of the settings. */
export class ResponseTooLargeError extends TransportError {}
/**
 * The time to wait is over and the order goes on. Not a failure: do not refund, do not buy again. Where the wait was for a
 * delivery, that is what goes on, and `order` is the one whose codes are in it: absent (`null`) only then, and only where the
 * journal could no longer be read.
 */
export class StillPending extends OneClickDzError {
  readonly order: Order
}
/** The journal cannot be read or written. Nothing was sent. */
export class JournalError extends OneClickDzError {}
/** The cards' vault: what is below names the trouble. */
export class VaultError extends OneClickDzError {}
/** Cards are bought only with a vault key, which seals them; none was given. Nothing was sent. */
export class VaultKeyMissingError extends VaultError {}
/** The card was sealed with a key that this client was not given. */
export class VaultKeyLostError extends VaultError {}
/** The sealed card was changed, or belongs to another order. */
export class VaultTamperedError extends VaultError {}
/** The source of the vault's keys gave none for the moment. */
export class VaultUnavailableError extends VaultError {}
/** The order has no cards to show yet. */
export class OrderNotReadyError extends OneClickDzError {}
/** No order of this reference, or it belongs to another owner. */
export class OrderNotFoundError extends NotFoundError {}
/** The order's codes were destroyed after their retention time. */
export class AlreadyPurgedError extends OneClickDzError {}
/** A card could not be delivered; the cause is kept. */
export class DeliveryFailedError extends OneClickDzError {}
/** The client was closed. */
export class ClosedError extends OneClickDzError {}
/** The caller's `AbortSignal` ended the waiting; its `name` is `AbortError`, its `cause` the signal's reason. */
export class AbortedError extends OneClickDzError {}
/** A defect of this library. */
export class InternalError extends OneClickDzError {}
