// Written by `make gen` from the tables in core/src/models. Do not edit.
'use strict'

const { redacted } = require('./secret.cjs')

/** The words of each closed set. */
exports.words = {
  Environment: ['sandbox', 'production', 'unknown'],
  KeyScope: ['read_write', 'read_only', 'unknown'],
  Service: ['mobile', 'internet', 'gift_cards'],
  OrderState: ['recorded', 'sending', 'accepted', 'deferred', 'uncertain', 'needs_review', 'fulfilled', 'partially_filled', 'refunded', 'refused', 'expired'],
  RemoteState: ['pending', 'succeeded', 'partial', 'refunded', 'deferred', 'uncertain', 'unknown'],
  PollAdvice: ['continue', 'stop', 'later'],
  InternetType: ['adsl', 'four_g'],
  DeliveryChannel: ['email', 'sms'],
  EmailSecurity: ['start_tls', 'tls', 'none'],
  TemplateKind: ['email_subject', 'email_text', 'email_html', 'sms'],
  Operator: ['mobilis', 'djezzy', 'ooredoo', 'pixx', 'g_mobilis', 'unknown'],
  TransactionKind: ['deposit', 'refund_flexy', 'refund_adsl', 'refund_order', 'receive', 'point_exchange', 'flexy', 'adsl', 'order', 'withdraw', 'send', 'service', 'unknown'],
  FeeMode: ['no_fee', 'split_fee', 'customer_fee'],
  PaymentState: ['pending', 'confirmed', 'failed', 'unknown'],
  Outcome: ['not_sent', 'refused', 'unknown'],
  RetryAdvice: ['never', 'safe', 'check_first', 'after_wait'],
  ErrorKind: ['validation', 'invalid_number', 'out_of_stock', 'insufficient_balance', 'duplicated_ref', 'ref_conflict', 'not_found', 'endpoint_not_found', 'link_expired', 'authentication', 'ip_blocked', 'ip_not_allowed', 'api_disabled', 'forbidden', 'environment_mismatch', 'rate_limited', 'internal_server_error', 'service_unavailable', 'auth_unavailable', 'refused', 'transport', 'timeout', 'unreadable_response', 'response_too_large', 'config', 'still_pending', 'journal', 'vault_key_missing', 'vault_key_lost', 'vault_tampered', 'vault_unavailable', 'order_not_ready', 'order_not_found', 'already_purged', 'delivery_failed', 'closed', 'internal'],
  FindingKind: ['missing_here', 'missing_there', 'state_differs', 'amount_differs', 'refund_not_seen', 'charge_not_seen', 'gift_cards_unclaimed', 'balance_differs'],
  AuditEvent: ['order_sent', 'order_settled', 'order_decided', 'order_repaired', 'card_revealed', 'reveal_refused', 'delivery_queued', 'card_delivered', 'delivery_failed', 'cards_purged', 'card_imported', 'key_added', 'cards_rekeyed'],
  DeliveryState: ['waiting', 'sent', 'failed'],
  Language: ['ar', 'fr', 'en'],
  GiftCardPaths: ['camel_case', 'kebab_case'],
}

/** The states that do not change any more. */
exports.settled = ['fulfilled', 'partially_filled', 'refunded', 'refused', 'expired']

/** The fields of each request: name, type, whether it may be left out. */
exports.requests = {
  MobileRequest: [
    ['planCode', 'String', false],
    ['number', 'String', false],
    ['amount', 'Dzd', true],
    ['ref', 'String', true],
    ['owner', 'String', true],
    ['sendBefore', 'Timestamp', true],
  ],
  InternetRequest: [
    ['type', 'InternetType', false],
    ['number', 'String', false],
    ['value', 'Dzd', false],
    ['ref', 'String', true],
    ['owner', 'String', true],
    ['sendBefore', 'Timestamp', true],
  ],
  GiftCardRequest: [
    ['productId', 'String', false],
    ['typeId', 'String', false],
    ['quantity', 'u32', false],
    ['ref', 'String', true],
    ['owner', 'String', true],
    ['sendBefore', 'Timestamp', true],
  ],
  PaymentLinkRequest: [
    ['title', 'String', false],
    ['amount', 'Dzd', false],
    ['description', 'String', true],
    ['feeMode', 'FeeMode', true],
    ['successText', 'String', true],
    ['redirectUrl', 'String', true],
  ],
  OrderListRequest: [
    ['state', 'OrderState', true],
    ['service', 'Service', true],
    ['since', 'Timestamp', true],
    ['until', 'Timestamp', true],
    ['after', 'String', true],
    ['limit', 'u32', true],
  ],
  DeliveryRequest: [
    ['ref', 'String', false],
    ['channel', 'DeliveryChannel', false],
    ['to', 'String', false],
    ['language', 'Language', false],
    ['owner', 'String', true],
    ['actor', 'String', true],
    ['title', 'String', true],
    ['again', 'String', true],
    ['address', 'String', true],
    ['agent', 'String', true],
  ],
  RevealRequest: [
    ['ref', 'String', false],
    ['owner', 'String', true],
    ['actor', 'String', true],
    ['reason', 'String', true],
    ['address', 'String', true],
    ['agent', 'String', true],
  ],
  PurgeRequest: [
    ['olderThan', 'Timestamp', false],
    ['actor', 'String', true],
    ['reason', 'String', true],
  ],
  ImportRequest: [
    ['ref', 'String', false],
    ['iv', 'String', false],
    ['encryptedData', 'String', false],
    ['authTag', 'String', false],
    ['type', 'InternetType', false],
    ['number', 'String', false],
    ['value', 'Dzd', false],
    ['id', 'String', true],
    ['owner', 'String', true],
    ['transactionNumber', 'String', true],
    ['processedAtText', 'String', true],
    ['fulfilledAt', 'Timestamp', true],
    ['actor', 'String', true],
  ],
  ListRequest: [
    ['since', 'Timestamp', true],
    ['until', 'Timestamp', true],
    ['pageSize', 'u32', true],
  ],
}

const Health = (v) => ({
  isOk: v[0],
  api: v[1],
  operators: v[2].map((item) => OperatorHealth(item)),
})
exports.Health = Health

const OperatorHealth = (v) => ({
  operator: v[0],
  isUp: v[1],
  status: v[2],
})
exports.OperatorHealth = OperatorHealth

const KeyInfo = (v) => ({
  username: v[0],
  environment: v[1],
  environmentWord: v[2],
  scope: v[3],
  scopeWord: v[4],
  isEnabled: v[5],
  allowedIps: v[6],
})
exports.KeyInfo = KeyInfo

const Balance = (v) => ({
  amount: v[0],
})
exports.Balance = Balance

const AccountTransaction = (v) => ({
  id: v[0],
  kind: v[1],
  kindWord: v[2],
  operation: v[3],
  amount: v[4],
  oldBalance: v[5],
  newBalance: v[6],
  orderId: v[7],
  note: v[8],
  time: v[9] === null ? null : new Date(v[9]),
})
exports.AccountTransaction = AccountTransaction

const MobilePlans = (v) => ({
  dynamic: v[0].map((item) => DynamicPlan(item)),
  fixed: v[1].map((item) => FixedPlan(item)),
  getMenu: v[2].map((item) => DynamicPlan(item)),
})
exports.MobilePlans = MobilePlans

const DynamicPlan = (v) => ({
  code: v[0],
  name: v[1],
  operator: v[2],
  operatorWord: v[3],
  cost: v[4],
  isEnabled: v[5],
  minAmount: v[6],
  maxAmount: v[7],
})
exports.DynamicPlan = DynamicPlan

const FixedPlan = (v) => ({
  code: v[0],
  name: v[1],
  operator: v[2],
  operatorWord: v[3],
  cost: v[4],
  isEnabled: v[5],
  amount: v[6],
})
exports.FixedPlan = FixedPlan

const MobileTopup = (v) => ({
  id: v[0],
  ref: v[1],
  status: v[2],
  state: v[3],
  planCode: v[4],
  planName: v[5],
  operator: v[6],
  number: v[7],
  amount: v[8],
  charged: v[9],
  refundMessage: v[10],
  suggestedOffers: v[11].map((item) => SuggestedOffer(item)),
  followOrderId: v[12],
  retryOrderId: v[13],
  createdAt: v[14] === null ? null : new Date(v[14]),
  updatedAt: v[15] === null ? null : new Date(v[15]),
})
exports.MobileTopup = MobileTopup

const SuggestedOffer = (v) => ({
  name: v[0],
  planCode: v[1],
  amount: v[2],
})
exports.SuggestedOffer = SuggestedOffer

const InternetProduct = (v) => ({
  value: v[0],
  cost: v[1],
  isAvailable: v[2],
})
exports.InternetProduct = InternetProduct

const InternetLine = (v) => ({
  clientNumber: v[0],
  offer: v[1],
  type: v[2],
  typeWord: v[3],
})
exports.InternetLine = InternetLine

const InternetTopup = (v) => ({
  id: v[0],
  ref: v[1],
  status: v[2],
  state: v[3],
  type: v[4],
  typeWord: v[5],
  number: v[6],
  value: v[7],
  card: v[8] === null ? null : InternetCard(v[8]),
  createdAt: v[9] === null ? null : new Date(v[9]),
})
exports.InternetTopup = InternetTopup

const InternetCard = (v) => redacted('InternetCard', ['code'], {
  code: v[0],
  transactionNumber: v[1],
  processedAt: v[2] === null ? null : new Date(v[2]),
  processedAtText: v[3],
})
exports.InternetCard = InternetCard

const GiftCardCatalog = (v) => ({
  categories: v[0].map((item) => GiftCardCategory(item)),
  totalCategories: v[1],
  totalProducts: v[2],
})
exports.GiftCardCatalog = GiftCardCatalog

const GiftCardCategory = (v) => ({
  title: v[0],
  products: v[1].map((item) => GiftCardListing(item)),
})
exports.GiftCardCategory = GiftCardCategory

const GiftCardListing = (v) => ({
  id: v[0],
  title: v[1],
  isEnabled: v[2],
  region: v[3],
})
exports.GiftCardListing = GiftCardListing

const GiftCardProduct = (v) => ({
  id: v[0],
  title: v[1],
  types: v[2].map((item) => GiftCardType(item)),
})
exports.GiftCardProduct = GiftCardProduct

const GiftCardType = (v) => ({
  id: v[0],
  name: v[1],
  price: v[2],
  quantity: v[3],
  isInStock: v[4],
})
exports.GiftCardType = GiftCardType

const GiftCardOrder = (v) => ({
  id: v[0],
  status: v[1],
  state: v[2],
  productId: v[3],
  typeId: v[4],
  quantity: v[5],
  fulfilledQuantity: v[6],
  fulfilledAmount: v[7],
  pricePerCard: v[8],
  refunded: v[9],
  cards: v[10].map((item) => GiftCard(item)),
  time: v[11] === null ? null : new Date(v[11]),
})
exports.GiftCardOrder = GiftCardOrder

const GiftCard = (v) => redacted('GiftCard', ['code', 'serial'], {
  code: v[0],
  serial: v[1],
})
exports.GiftCard = GiftCard

const Card = (v) => redacted('Card', ['code', 'serial', 'transactionNumber'], {
  index: v[0],
  code: v[1],
  serial: v[2],
  transactionNumber: v[3],
  processedAt: v[4] === null ? null : new Date(v[4]),
  processedAtText: v[5],
})
exports.Card = Card

const Delivery = (v) => ({
  id: v[0],
  ref: v[1],
  channel: v[2],
  to: v[3],
  language: v[4],
  state: v[5],
  attempts: v[6],
  nextAttemptAt: v[7] === null ? null : new Date(v[7]),
  lastError: v[8],
  receipt: v[9],
  createdAt: new Date(v[10]),
  updatedAt: new Date(v[11]),
})
exports.Delivery = Delivery

const SmsMessage = (v) => redacted('SmsMessage', ['text'], {
  id: v[0],
  to: v[1],
  text: v[2],
  part: v[3],
  parts: v[4],
  segments: v[5],
})
exports.SmsMessage = SmsMessage

const InAppCards = (v) => redacted('InAppCards', ['steps'], {
  ref: v[0],
  service: v[1],
  language: v[2],
  direction: v[3],
  headline: v[4],
  title: v[5],
  number: v[6],
  value: v[7],
  isPartial: v[8],
  cards: v[9].map((item) => Card(item)),
  usageTitle: v[10],
  steps: v[11],
  help: v[12],
  warning: v[13],
})
exports.InAppCards = InAppCards

const PurgeReport = (v) => ({
  orders: v[0],
  cards: v[1],
})
exports.PurgeReport = PurgeReport

const RekeyReport = (v) => ({
  keyId: v[0],
  resealed: v[1],
  unreadable: v[2],
})
exports.RekeyReport = RekeyReport

const ImportReport = (v) => ({
  ref: v[0],
  isNewOrder: v[1],
  isKnown: v[2],
})
exports.ImportReport = ImportReport

const AuditEntry = (v) => ({
  cursor: v[0],
  at: new Date(v[1]),
  event: v[2],
  ref: v[3],
  owner: v[4],
  actor: v[5],
  method: v[6],
  address: v[7],
  agent: v[8],
  reason: v[9],
  detail: v[10],
  hash: v[11],
})
exports.AuditEntry = AuditEntry

const AuditReport = (v) => ({
  isIntact: v[0],
  entries: v[1],
  head: v[2],
  brokenAt: v[3],
  detail: v[4],
})
exports.AuditReport = AuditReport

const PaymentLink = (v) => ({
  paymentRef: v[0],
  paymentUrl: v[1],
  isSandbox: v[2],
  createdAt: v[3] === null ? null : new Date(v[3]),
  expiresAt: v[4] === null ? null : new Date(v[4]),
})
exports.PaymentLink = PaymentLink

const Payment = (v) => ({
  state: v[0],
  status: v[1],
  paymentRef: v[2],
  statusText: v[3],
  amount: v[4],
  currency: v[5],
  isSandbox: v[6],
  transactionRef: v[7],
  fee: v[8],
  netAmount: v[9],
  paymentMethod: v[10],
  createdAt: v[11] === null ? null : new Date(v[11]),
  completedAt: v[12] === null ? null : new Date(v[12]),
})
exports.Payment = Payment

const Quote = (v) => ({
  service: v[0],
  price: v[1],
  balance: v[2],
  balanceAfter: v[3],
  isAffordable: v[4],
})
exports.Quote = Quote

const Reconciliation = (v) => ({
  since: new Date(v[0]),
  until: new Date(v[1]),
  findings: v[2].map((item) => Finding(item)),
  recordsCompared: v[3],
  ordersCompared: v[4],
  transactionsCompared: v[5],
  balance: v[6],
})
exports.Reconciliation = Reconciliation

const Finding = (v) => ({
  kind: v[0],
  service: v[1],
  ref: v[2],
  orderId: v[3],
  expected: v[4],
  actual: v[5],
  isRepaired: v[6],
  detail: v[7],
})
exports.Finding = Finding

const OrderEvent = (v) => ({
  cursor: v[0],
  at: new Date(v[1]),
  from: v[2],
  order: Order(v[3]),
})
exports.OrderEvent = OrderEvent

const Order = (v) => ({
  ref: v[0],
  service: v[1],
  state: v[2],
  owner: v[3],
  id: v[4],
  returnedRef: v[5],
  status: v[6],
  newBalance: v[7],
  charged: v[8],
  refunded: v[9],
  cardCount: v[10],
  refundMessage: v[11],
  suggestedOffers: v[12].map((item) => SuggestedOffer(item)),
  decision: v[13],
  attempts: v[14],
  lastError: v[15],
  lastRequestId: v[16],
  nextCheckAt: v[17] === null ? null : new Date(v[17]),
  createdAt: new Date(v[18]),
  updatedAt: new Date(v[19]),
})
exports.Order = Order
