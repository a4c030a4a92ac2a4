// Written by `make gen` from the tables in core/src/models. Do not edit.

/** An exact amount in DZD as decimal text, such as `'826.13'`. `Dzd` has helpers to calculate. */
export type DzdText = string
/** An amount going in: decimal text, a whole number, or a bigint. Never a fraction in a float. */
export type DzdLike = string | number | bigint
/** An instant going in: a `Date`, or ISO 8601 text with a time zone. */
export type Instant = Date | string

/** Which of the two worlds a key belongs to. Only the key decides: host and paths are the same (PROTOCOL §1). */
export type Environment =
  /** Play money. */
  | 'sandbox'
  /** Real money. */
  | 'production'
  /** A word that this version does not know. */
  | 'unknown'

/** What a key may do. */
export type KeyScope =
  /** Reads and orders. */
  | 'read_write'
  /** Reads only. */
  | 'read_only'
  /** A word that this version does not know. */
  | 'unknown'

/** The three kinds of orders. */
export type Service =
  /** Mobile top-up. */
  | 'mobile'
  /** ADSL or 4G card. */
  | 'internet'
  /** Gift cards. */
  | 'gift_cards'

/** Where an order stands, as the engine believes on proof (docs/adr/0007). */
export type OrderState =
  /** The intent is written down; nothing was sent. */
  | 'recorded'
  /** A request may have left. */
  | 'sending'
  /** The service gave an id and works on it. */
  | 'accepted'
  /** `QUEUED`: done in 12 to 48 hours; neither a success nor a failure (PROTOCOL §6). */
  | 'deferred'
  /** Nobody knows yet whether the order exists or how it ends. Do not refund, do not buy again. */
  | 'uncertain'
  /** Uncertain for longer than the service promises, or a match that cannot be proven: a person decides. */
  | 'needs_review'
  /** Delivered and charged. */
  | 'fulfilled'
  /** Some cards were delivered and charged, the rest was charged back (gift cards). */
  | 'partially_filled'
  /** Not delivered, charged back. */
  | 'refunded'
  /** The service said no before charging. */
  | 'refused'
  /** Never sent, and never will be: its `sendBefore` has passed. */
  | 'expired'

/** What the service's own status word says (PROTOCOL §6). */
export type RemoteState =
  /** Being worked on. */
  | 'pending'
  /** Delivered. */
  | 'succeeded'
  /** Some cards delivered, the rest charged back. */
  | 'partial'
  /** Charged back. */
  | 'refunded'
  /** `QUEUED`: done in 12 to 48 hours. */
  | 'deferred'
  /** `UNKNOWN_ERROR`: settles within 24 hours, one way or the other. */
  | 'uncertain'
  /** A word that this version does not know: not final. */
  | 'unknown'

/** What a reader of a status should do next (PROTOCOL §7). */
export type PollAdvice =
  /** Ask again in 5 to 10 seconds. */
  | 'continue'
  /** Nothing will change any more. */
  | 'stop'
  /** Ask again in hours. */
  | 'later'

/** Fixed-line or 4G internet. */
export type InternetType =
  /** ADSL or fibre over the landline; nine-digit numbers. */
  | 'adsl'
  /** 4G; twelve-digit numbers with the country code. */
  | 'four_g'

/** The ways on which codes are sent to a customer. */
export type DeliveryChannel =
  /** E-mail over SMTP. */
  | 'email'
  /** Text messages through the shop's gateway. */
  | 'sms'

/** How the connection to a mail server is encrypted. */
export type EmailSecurity =
  /** In plain text first, then encrypted; a server that cannot is not used. */
  | 'start_tls'
  /** From the first byte. */
  | 'tls'
  /** Not at all: for a server on this machine only. */
  | 'none'

/** The texts that a shop can replace by its own. */
export type TemplateKind =
  /** The subject of an e-mail. Never holds a code. */
  | 'email_subject'
  /** The plain text of an e-mail. */
  | 'email_text'
  /** The HTML of an e-mail. */
  | 'email_html'
  /** A text message. */
  | 'sms'

/** The mobile operators that plans are sold for. */
export type Operator =
  /** Mobilis, 06x. */
  | 'mobilis'
  /** Djezzy, 07x. */
  | 'djezzy'
  /** Ooredoo, 05x. */
  | 'ooredoo'
  /** Pixx. */
  | 'pixx'
  /** Mobilis wholesale. */
  | 'g_mobilis'
  /** A word that this version does not know. */
  | 'unknown'

/** What kind of movement a line of the account's ledger is (PROTOCOL §15). */
export type TransactionKind =
  /** Money paid in. */
  | 'deposit'
  /** A mobile top-up charged back. */
  | 'refund_flexy'
  /** An internet card charged back. */
  | 'refund_adsl'
  /** A gift-card order charged back, wholly or in part. */
  | 'refund_order'
  /** Received from another account. */
  | 'receive'
  /** Loyalty points turned into balance. */
  | 'point_exchange'
  /** A mobile top-up. */
  | 'flexy'
  /** An internet card. */
  | 'adsl'
  /** A gift-card order. */
  | 'order'
  /** Money taken out. */
  | 'withdraw'
  /** Sent to another account. */
  | 'send'
  /** A service fee. */
  | 'service'
  /** A word that this version does not know. */
  | 'unknown'

/** Who pays the fee of a payment link (PROTOCOL §6). */
export type FeeMode =
  /** The merchant; the default. */
  | 'no_fee'
  /** Half and half. */
  | 'split_fee'
  /** The customer. */
  | 'customer_fee'

/** Where a payment stands. */
export type PaymentState =
  /** Not started, or at the bank. */
  | 'pending'
  /** Credited to the balance: fulfil now, and only now. */
  | 'confirmed'
  /** Declined, cancelled or expired: create a new link. */
  | 'failed'
  /** A word that this version does not know: not final. */
  | 'unknown'

/** Whether money may have moved when a call failed. */
export type Outcome =
  /** Nothing that could move money left this machine. */
  | 'not_sent'
  /** The service answered and did nothing. */
  | 'refused'
  /** The order may exist. Look it up by its `ref`; do not refund, do not buy again. */
  | 'unknown'

/** Whether the same call may be made again (PROTOCOL §8, §9). */
export type RetryAdvice =
  /** It would fail again, or do harm. */
  | 'never'
  /** At any time, with a pause. */
  | 'safe'
  /** Only after the order was looked up by its `ref`. */
  | 'check_first'
  /** After the time that the error names. */
  | 'after_wait'

/** What went wrong. The word is stable: programs may compare it. */
export type ErrorKind =
  /**
   * A value breaks a rule; `field` names it where that is known. The outcome tells who refused it: `not_sent` this
   * library, `refused` the service.
   */
  | 'validation'
  /** The number is not valid for the service. */
  | 'invalid_number'
  /** The card or product is out of stock. */
  | 'out_of_stock'
  /** The balance is too low; `required` and `available` tell by how much when the service says so. */
  | 'insufficient_balance'
  /** The service already has an order with this `ref`. */
  | 'duplicated_ref'
  /** This `ref` already stands for another request. */
  | 'ref_conflict'
  /** No order, product or payment of that name, or not yours. */
  | 'not_found'
  /** The path is unknown to the service's router: says nothing about any order. */
  | 'endpoint_not_found'
  /** The payment link has expired. */
  | 'link_expired'
  /** The key is missing, wrong, expired or revoked. All calls with it stop until it is changed. */
  | 'authentication'
  /** Too many bad keys came from this address: about 15 minutes of silence. */
  | 'ip_blocked'
  /** This address is not on the key's list. */
  | 'ip_not_allowed'
  /** The key or the API is switched off. */
  | 'api_disabled'
  /** The key may not do this. */
  | 'forbidden'
  /** The key is of the other environment than the one expected. Nothing was sent. */
  | 'environment_mismatch'
  /** Too many requests; `retryAfter` says how long to wait. */
  | 'rate_limited'
  /** The service failed. On a send the order often completes anyway (PROTOCOL §5). */
  | 'internal_server_error'
  /** The service is down for the moment. */
  | 'service_unavailable'
  /** The service could not verify the key in time; the key is not at fault. */
  | 'auth_unavailable'
  /** The service refused with a code that this version does not know; `wireCode` has it. */
  | 'refused'
  /** No connection, or it broke. */
  | 'transport'
  /** The time given was over. */
  | 'timeout'
  /** The answer is not what the service sends: HTML, empty, cut off, a redirect, a missing field. */
  | 'unreadable_response'
  /** The answer is larger than the limit of the configuration. */
  | 'response_too_large'
  /** The client is configured in a way that cannot work. */
  | 'config'
  /** The time to wait is over, or nothing will be learnt within it, and the order goes on; the error carries it. */
  | 'still_pending'
  /** The journal cannot be read or written. Nothing was sent. */
  | 'journal'
  /** Cards are bought only with a vault key, which seals them; none was given. Nothing was sent. */
  | 'vault_key_missing'
  /** The card was sealed with a key that this client was not given. */
  | 'vault_key_lost'
  /** The sealed card was changed, or belongs to another order. */
  | 'vault_tampered'
  /** The source of the vault's keys gave none for the moment. */
  | 'vault_unavailable'
  /** The order has no cards to show yet. */
  | 'order_not_ready'
  /** No order of this reference, or it belongs to another owner. */
  | 'order_not_found'
  /** The order's codes were destroyed after their retention time. */
  | 'already_purged'
  /** A card could not be delivered; the cause is kept. */
  | 'delivery_failed'
  /** The client was closed. */
  | 'closed'
  /** A defect of this library. */
  | 'internal'

/** What a comparison of the journal with the service's books found (PROTOCOL §11, §15). */
export type FindingKind =
  /** The service has an order, or a charge, that the journal lacks. */
  | 'missing_here'
  /** The journal has an order by the service's id, and the service shows none, or another one, under it. */
  | 'missing_there'
  /** The two sides tell different states. */
  | 'state_differs'
  /** The two sides tell different amounts. */
  | 'amount_differs'
  /**
   * A refund that only one side knows: the ledger has one for an order that is neither `refunded` nor
   * `partially_filled` here, or it has none for an order that is.
   */
  | 'refund_not_seen'
  /** An order that should have been charged has no charge in the ledger. */
  | 'charge_not_seen'
  /** A gift-card purchase at the service that no order of the journal claims. */
  | 'gift_cards_unclaimed'
  /** The ledger's balances do not follow from each other, or do not lead to the account's balance. */
  | 'balance_differs'

/** What an entry of the audit log tells. */
export type AuditEvent =
  /** A request for an order may have left. */
  | 'order_sent'
  /** An order reached its end; the entry's `detail` is its state. */
  | 'order_settled'
  /** A person decided on an order; `detail` is the state. */
  | 'order_decided'
  /** A comparison with the service's books changed an order; `detail` is its state. */
  | 'order_repaired'
  /** An order's codes were shown. */
  | 'card_revealed'
  /** An order's codes were asked for and not shown; `detail` is the error's word. */
  | 'reveal_refused'
  /** A delivery was asked for; `detail` is the message's id. */
  | 'delivery_queued'
  /** A channel took an order's codes; `detail` is the message's id. */
  | 'card_delivered'
  /** A delivery was given up; `detail` is the message's id. */
  | 'delivery_failed'
  /** An order's codes were destroyed. */
  | 'cards_purged'
  /** A card of another program's store was taken over. */
  | 'card_imported'
  /** A vault key was used to seal for the first time; `detail` is its id. */
  | 'key_added'
  /** Cards were sealed anew; `detail` is the new key's id. */
  | 'cards_rekeyed'

/** Where a delivery stands. */
export type DeliveryState =
  /** Not yet taken by its channel; it is tried again by itself. */
  | 'waiting'
  /** Its channel took it. */
  | 'sent'
  /** Given up. */
  | 'failed'

/** Languages of texts for people. */
export type Language =
  /** العربية */
  | 'ar'
  /** Français */
  | 'fr'
  /** English */
  | 'en'

/**
 * Which spelling of two gift-card paths is tried first; the other one follows where the service's router does not know
 * the first (PROTOCOL §18 rows 1 and 2).
 */
export type GiftCardPaths =
  /** `/checkOrder`, `/checkProduct`: what callers have seen the service answer to. The default. */
  | 'camel_case'
  /** `/check-order`, `/check-product`: the Arabic guides. */
  | 'kebab_case'

/** The service's health report (PROTOCOL §16). */
export interface Health {
  /** Whether the API itself is well. */
  readonly isOk: boolean
  /** The service's own word for it: `ok` or `error`. */
  readonly api: string
  /** One entry per operator, in the service's order. */
  readonly operators: OperatorHealth[]
}

/** Whether top-ups for one operator work at the moment. */
export interface OperatorHealth {
  /** `mobilis`, `ooredoo`, `djezzy`, `mobilisFixedPlans` (Pixx and Sama plans); more may appear. */
  readonly operator: string
  /** Whether the service says `up`. */
  readonly isUp: boolean
  /** The service's own word. */
  readonly status: string
}

/** What the service says of the key (PROTOCOL §1). The key itself, which the service echoes, is dropped. */
export interface KeyInfo {
  /** The account's login, a phone number with country code. */
  readonly username: string | null
  /** Sandbox or production. */
  readonly environment: Environment
  /** The service's own word for the environment. */
  readonly environmentWord: string | null
  /** What the key may do. */
  readonly scope: KeyScope
  /** The service's own word for the scope. */
  readonly scopeWord: string | null
  /** Whether the key is switched on. */
  readonly isEnabled: boolean
  /** Addresses that may use the key; empty means any. */
  readonly allowedIps: string[]
}

/** What is left on the account. */
export interface Balance {
  /** In DZD. */
  readonly amount: DzdText
}

/** One line of the account's ledger (PROTOCOL §15). */
export interface AccountTransaction {
  /** The line's id. */
  readonly id: string | null
  /** The kind of movement. */
  readonly kind: TransactionKind
  /** The service's own word for the kind. */
  readonly kindWord: string | null
  /** The service's word for the direction; its values are not documented. */
  readonly operation: string | null
  /** How much, in DZD. */
  readonly amount: DzdText | null
  /** The balance before, in DZD. */
  readonly oldBalance: DzdText | null
  /** The balance after, in DZD. */
  readonly newBalance: DzdText | null
  /** The id of the order behind it. */
  readonly orderId: string | null
  /** A remark, such as the number. */
  readonly note: string | null
  /** When it happened. */
  readonly time: Date | null
}

/** All mobile plans, by the rule for their amount (PROTOCOL §3). */
export interface MobilePlans {
  /** Plans whose amount the caller chooses within limits. */
  readonly dynamic: DynamicPlan[]
  /** Plans with an amount of their own. */
  readonly fixed: FixedPlan[]
  /** Plans that ask which offers a number accepts. */
  readonly getMenu: DynamicPlan[]
}

/** A plan whose amount the caller chooses. */
export interface DynamicPlan {
  /** What `planCode` of a send wants. */
  readonly code: string
  /** The name for people; may hold Arabic and emoji. */
  readonly name: string | null
  /** The operator. */
  readonly operator: Operator
  /** The service's own word for the operator. */
  readonly operatorWord: string | null
  /** The price as a ratio of the face value: 0.98 means 2 % off. Missing on some plans. */
  readonly cost: string | null
  /** Whether it may be offered. */
  readonly isEnabled: boolean
  /** The least amount in DZD. */
  readonly minAmount: DzdText | null
  /** The largest amount in DZD. */
  readonly maxAmount: DzdText | null
}

/** A plan with an amount of its own. */
export interface FixedPlan {
  /** What `planCode` of a send wants. */
  readonly code: string
  /** The name for people; may hold Arabic and emoji. */
  readonly name: string | null
  /** The operator. */
  readonly operator: Operator
  /** The service's own word for the operator. */
  readonly operatorWord: string | null
  /** The price as a ratio of the face value: 0.98 means 2 % off. Missing on some plans. */
  readonly cost: string | null
  /** Whether it may be offered. */
  readonly isEnabled: boolean
  /** The amount in DZD. */
  readonly amount: DzdText | null
}

/** A mobile top-up as the service tells it. */
export interface MobileTopup {
  /** The service's id. */
  readonly id: string | null
  /** The reference as the service keeps it, perhaps with an `API-<username>-` prefix. */
  readonly ref: string | null
  /** The service's own status word. */
  readonly status: string
  /** What the word means. */
  readonly state: RemoteState
  /** The plan. */
  readonly planCode: string | null
  /** The plan's name. */
  readonly planName: string | null
  /** The operator, in the service's word. */
  readonly operator: string | null
  /** The number (`MSSIDN` on the wire). */
  readonly number: string | null
  /** The face value in DZD. */
  readonly amount: DzdText | null
  /** What was charged in DZD; 0 after a refund. */
  readonly charged: DzdText | null
  /** Why it was refunded, in Arabic, for the end customer. */
  readonly refundMessage: string | null
  /** Offers that the number would accept instead. */
  readonly suggestedOffers: SuggestedOffer[]
  /** A related order; its meaning is not documented. */
  readonly followOrderId: string | null
  /** A related order; its meaning is not documented. */
  readonly retryOrderId: string | null
  /** When it was created. */
  readonly createdAt: Date | null
  /** When it last changed. */
  readonly updatedAt: Date | null
}

/** An offer that a number accepts. */
export interface SuggestedOffer {
  /** The name for people. */
  readonly name: string | null
  /** What `planCode` of a send wants. */
  readonly planCode: string | null
  /** The amount in DZD. */
  readonly amount: DzdText | null
}

/** An internet card on sale. */
export interface InternetProduct {
  /** The face value in DZD: what `value` of a send wants. */
  readonly value: DzdText
  /** What the account is charged, in DZD. Wholesale: not for end customers. */
  readonly cost: DzdText | null
  /** Whether it is in stock. */
  readonly isAvailable: boolean
}

/** What the service knows of an internet line. */
export interface InternetLine {
  /** The client number, partly masked. */
  readonly clientNumber: string | null
  /** The subscription's name; seen for ADSL only. */
  readonly offer: string | null
  /** The type that the line has; `null` for a word that this version does not know. */
  readonly type: InternetType | null
  /** The service's own word for the type, such as `4GLTE`. */
  readonly typeWord: string | null
}

/** An internet top-up as the service tells it. */
export interface InternetTopup {
  /** The service's id. */
  readonly id: string | null
  /** The reference as the service keeps it, perhaps with an `API-<username>-` prefix. */
  readonly ref: string | null
  /** The service's own status word. */
  readonly status: string
  /** What the word means. */
  readonly state: RemoteState
  /** ADSL or 4G. */
  readonly type: InternetType | null
  /** The service's own word for the type. */
  readonly typeWord: string | null
  /** The line. */
  readonly number: string | null
  /** The face value in DZD. */
  readonly value: DzdText | null
  /** The card, once fulfilled. */
  readonly card: InternetCard | null
  /** When it was created. */
  readonly createdAt: Date | null
}

/** An internet card: what the customer types in (PROTOCOL §13). */
export interface InternetCard {
  /** The code. Secret. */
  readonly code: string
  /** The operator's transaction number (`numTrans`), the proof of purchase. */
  readonly transactionNumber: string | null
  /** When the operator processed it (`dateTraitement`), if that text is an instant. */
  readonly processedAt: Date | null
  /** `dateTraitement` as sent. */
  readonly processedAtText: string | null
}

/** The gift-card catalogue. */
export interface GiftCardCatalog {
  /** Categories in the service's order. */
  readonly categories: GiftCardCategory[]
  /** How many categories there are. */
  readonly totalCategories: number
  /** How many products there are. */
  readonly totalProducts: number
}

/** One category of the catalogue. */
export interface GiftCardCategory {
  /** The name for people. */
  readonly title: string | null
  /** Its products. */
  readonly products: GiftCardListing[]
}

/** One product as the catalogue lists it. */
export interface GiftCardListing {
  /** What `productId` of an order wants. */
  readonly id: string
  /** The name for people. */
  readonly title: string | null
  /** Whether it may be offered. */
  readonly isEnabled: boolean
  /** The region where the cards work. */
  readonly region: string | null
}

/** One product with its live stock and prices. */
export interface GiftCardProduct {
  /** What `productId` of an order wants. */
  readonly id: string | null
  /** The name for people. */
  readonly title: string | null
  /** Its denominations. */
  readonly types: GiftCardType[]
}

/** One denomination of a product. */
export interface GiftCardType {
  /** What `typeId` of an order wants. */
  readonly id: string
  /** The name for people. */
  readonly name: string | null
  /** What the account is charged per card, in DZD. Wholesale: not for end customers. */
  readonly price: DzdText | null
  /** How many are in stock, when the service says so. */
  readonly quantity: number | null
  /** Whether at least one can be bought. */
  readonly isInStock: boolean
}

/** A gift-card order as the service tells it. */
export interface GiftCardOrder {
  /** The service's id. */
  readonly id: string | null
  /** The service's own status word. */
  readonly status: string
  /** What the word means. */
  readonly state: RemoteState
  /** The product. */
  readonly productId: string | null
  /** The denomination. */
  readonly typeId: string | null
  /** How many were ordered. */
  readonly quantity: number | null
  /** How many were delivered. */
  readonly fulfilledQuantity: number | null
  /** What was charged for the delivered ones, in DZD. */
  readonly fulfilledAmount: DzdText | null
  /** The price of one, in DZD. */
  readonly pricePerCard: DzdText | null
  /** What was charged back, in DZD, once the order has ended: `(quantity - fulfilled) x price` (PROTOCOL §6). */
  readonly refunded: DzdText | null
  /** The cards that were delivered. */
  readonly cards: GiftCard[]
  /** When it was ordered. */
  readonly time: Date | null
}

/** A gift card. */
export interface GiftCard {
  /** The code (`value` on the wire). Secret. */
  readonly code: string
  /** The serial number. Secret. */
  readonly serial: string | null
}

/** A card in the clear, from a reveal that is on record. */
export interface Card {
  /** Its place in the order, from 0. */
  readonly index: number
  /** The code. Secret. */
  readonly code: string
  /** The serial number of a gift card. Secret. */
  readonly serial: string | null
  /** The operator's transaction number of an internet card, the proof of purchase. Secret. */
  readonly transactionNumber: string | null
  /** When the operator processed an internet card, if its text is an instant. */
  readonly processedAt: Date | null
  /** `dateTraitement` of an internet card, as sent. */
  readonly processedAtText: string | null
}

/** A message with codes on its way to a customer. */
export interface DeliveryRecord {
  /** The same for all tries: what the channel knows the message by. */
  readonly id: string
  /** The order whose cards it brings. */
  readonly ref: string
  /** By which way. */
  readonly channel: DeliveryChannel
  /** The address or number. */
  readonly to: string
  /** The language of its text. */
  readonly language: Language
  /** Where it stands. */
  readonly state: DeliveryState
  /** How often it was tried. */
  readonly attempts: number
  /** When it is tried next, while it waits. */
  readonly nextAttemptAt: Date | null
  /** What the channel said when it last failed. */
  readonly lastError: string | null
  /** What the channel said when it took the message: its id there, or the server's answer. */
  readonly receipt: string | null
  /** When it was asked for. */
  readonly createdAt: Date
  /** When it last changed. */
  readonly updatedAt: Date
}

/** One text message for a gateway. */
export interface SmsMessage {
  /** The same for all tries of this message. */
  readonly id: string
  /** The number as it was given. */
  readonly to: string
  /** The text, with the codes in it. Secret. */
  readonly text: string
  /** Which of the order's messages it is, from 1. */
  readonly part: number
  /** How many messages the order has become. */
  readonly parts: number
  /** In how many segments the network sends it. */
  readonly segments: number
}

/** An order's codes with the words around them, for the shop's own pages. `toJson` gives the whole as JSON. */
export interface InAppCards {
  /** The order's reference. */
  readonly ref: string
  /** `adsl`, `four_g` or `giftCard`. */
  readonly service: string
  /** The language of the words. */
  readonly language: Language
  /** `ltr` or `rtl`: how the page is to be laid out. Codes are read from the left in both. */
  readonly direction: string
  /** That the cards are ready. */
  readonly headline: string
  /** What was bought. */
  readonly title: string
  /** The line of an internet card. */
  readonly number: string | null
  /** The face value of an internet card, in whole DZD. */
  readonly value: string | null
  /** Whether fewer cards were delivered than ordered. */
  readonly isPartial: boolean
  /** The cards, in the order of the service. */
  readonly cards: Card[]
  /** What the steps are about. */
  readonly usageTitle: string
  /** How the first card is used, step by step; one step has its code in it. Secret. */
  readonly steps: string[]
  /** Whom to ask. */
  readonly help: string
  /** That codes are worth money. */
  readonly warning: string
}

/** What a purge destroyed. */
export interface PurgeReport {
  /** Orders whose codes are gone. */
  readonly orders: number
  /** Cards that they had. */
  readonly cards: number
}

/** What sealing anew came to. */
export interface RekeyReport {
  /** The id of the key that everything readable is sealed with now. */
  readonly keyId: string
  /** Sealed fields (a code, a serial) that were sealed anew. */
  readonly resealed: number
  /** Sealed fields left as they were, because their key was not given or they were changed. */
  readonly unreadable: number
}

/** What importing a card came to. */
export interface ImportReport {
  /** The order's reference. */
  readonly ref: string
  /** Whether the order was new to the journal. */
  readonly isNewOrder: boolean
  /** Whether the order had its card already, so that nothing was changed. */
  readonly isKnown: boolean
}

/** One entry of the audit log. Never holds a code. */
export interface AuditEntry {
  /** Its place in the log; give the last one read to go on after it. */
  readonly cursor: string
  /** When it was written. */
  readonly at: Date
  /** What happened. */
  readonly event: AuditEvent
  /** The order's reference, where it is about one. */
  readonly ref: string | null
  /** Whom the order belongs to. */
  readonly owner: string | null
  /** Who did it, where a person or program was named. */
  readonly actor: string | null
  /** By which way: `reveal`, `email`, `sms`, `watch` and so on. */
  readonly method: string | null
  /** The network address it came from, where given. */
  readonly address: string | null
  /** The program it came from, such as a `User-Agent`, where given. */
  readonly agent: string | null
  /** Why, where given. */
  readonly reason: string | null
  /** What the event says there is. */
  readonly detail: string | null
  /** The SHA-256 over this entry and the hash before it, in hexadecimal. */
  readonly hash: string
}

/** Whether the audit log is as it was written. */
export interface AuditReport {
  /** Whether every entry follows from the one before. */
  readonly isIntact: boolean
  /** How many entries were checked. */
  readonly entries: number
  /** The last entry's place and hash, `cursor:hash`. Kept elsewhere, it proves later that none was cut off. */
  readonly head: string | null
  /** The first entry that does not follow, by its place. */
  readonly brokenAt: string | null
  /** What is wrong with it, in English. */
  readonly detail: string | null
}

/** A payment link that was created. */
export interface PaymentLink {
  /** What `check` wants. Store it with the order. */
  readonly paymentRef: string
  /** Where the customer pays. */
  readonly paymentUrl: string
  /** Whether it is play money. */
  readonly isSandbox: boolean | null
  /** When it was created. */
  readonly createdAt: Date | null
  /** When an unused link dies: 20 minutes after its creation (PROTOCOL §6). */
  readonly expiresAt: Date | null
}

/** Where a payment stands. */
export interface Payment {
  /** What the status word means. */
  readonly state: PaymentState
  /** The service's own status word. */
  readonly status: string
  /** The reference. */
  readonly paymentRef: string | null
  /** The service's sentence about the status. */
  readonly statusText: string | null
  /** The amount in DZD. Compare it with the order. */
  readonly amount: DzdText | null
  /** The currency, when the service names it. */
  readonly currency: string | null
  /** Whether it is play money. Compare it with the key's environment. */
  readonly isSandbox: boolean | null
  /** The bank's reference. */
  readonly transactionRef: string | null
  /** The fee in DZD. */
  readonly fee: DzdText | null
  /** The amount less the fee, in DZD. */
  readonly netAmount: DzdText | null
  /** How it was paid. */
  readonly paymentMethod: string | null
  /** When the payment was created. */
  readonly createdAt: Date | null
  /** When it ended. */
  readonly completedAt: Date | null
}

/** What an order would cost now, from a look before it is sent. The service's answer to the send still decides. */
export interface Quote {
  /** Mobile, internet or gift cards. */
  readonly service: Service
  /** What the account would be charged in DZD; nothing where the service names no price. */
  readonly price: DzdText | null
  /** What is on the account in DZD. */
  readonly balance: DzdText
  /** What would be left in DZD, where the price is known. */
  readonly balanceAfter: DzdText | null
  /**
   * Whether the balance is known to cover the price. `false` only where the price is unknown: a balance that
   * is too low is an error.
   */
  readonly isAffordable: boolean
}

/** The journal compared with the service's books for a window of time. */
export interface Reconciliation {
  /** The window's first instant. */
  readonly since: Date
  /** The window's last instant. */
  readonly until: Date
  /** What does not agree; empty when all does. */
  readonly findings: Finding[]
  /** Orders of the journal that were recorded in the window. */
  readonly recordsCompared: number
  /** Orders of the service that were compared. */
  readonly ordersCompared: number
  /** Lines of the account's ledger that were compared. */
  readonly transactionsCompared: number
  /** What was on the account in DZD when the comparison began. */
  readonly balance: DzdText
}

/** One thing on which the journal and the service do not agree. */
export interface Finding {
  /** What it is. */
  readonly kind: FindingKind
  /** Mobile, internet or gift cards; nothing for the balance. */
  readonly service: Service | null
  /** The order's reference, where one is known. */
  readonly ref: string | null
  /** The service's id of the order, where one is known. */
  readonly orderId: string | null
  /** What the journal, or the line before, leads to expect, in DZD. */
  readonly expected: DzdText | null
  /** What the service tells, in DZD. */
  readonly actual: DzdText | null
  /** Whether the service's word was noted, as an entry of its own in the order's history. */
  readonly isRepaired: boolean
  /** What was found, in English. */
  readonly detail: string
}

/** One transition of one order. */
export interface OrderEvent {
  /** The event's stable id; give the last one handled to `ack`, and begin after it next time. */
  readonly cursor: string
  /** When it happened. */
  readonly at: Date
  /** Where the order came from; nothing for a new one. */
  readonly from: OrderState | null
  /** The order right after it. */
  readonly order: OrderRecord
}

/** One order as the journal last saw it. */
export interface OrderRecord {
  /** The caller's reference, the order's identity. */
  readonly ref: string
  /** Mobile, internet or gift cards. */
  readonly service: Service
  /** Where it stands. */
  readonly state: OrderState
  /** The shop's own user id, given at the send. */
  readonly owner: string | null
  /** The service's id, once known. */
  readonly id: string | null
  /** The reference that the service gave back; it may carry a prefix. */
  readonly returnedRef: string | null
  /** The service's last status word. */
  readonly status: string | null
  /** The account's balance right after the send in DZD, when the service says so. */
  readonly newBalance: DzdText | null
  /** What the order costs or has cost in DZD, once known. */
  readonly charged: DzdText | null
  /** What came back in DZD, once known. */
  readonly refunded: DzdText | null
  /** How many cards it brought; `cards().reveal` shows them. */
  readonly cardCount: number
  /** Why it was refunded, in Arabic, for the end customer. */
  readonly refundMessage: string | null
  /** Offers that the number would accept instead. */
  readonly suggestedOffers: SuggestedOffer[]
  /** Who decided on it by hand and why, where a person had to. */
  readonly decision: string | null
  /** How many requests were sent for it; more than one only with the same `ref`. */
  readonly attempts: number
  /** What went wrong last, as an error's stable word. */
  readonly lastError: string | null
  /** The request id of the last failure, for the service's support. */
  readonly lastRequestId: string | null
  /** When the engine looks again. */
  readonly nextCheckAt: Date | null
  /** When the intent was recorded. */
  readonly createdAt: Date
  /** When it last changed. */
  readonly updatedAt: Date
}

/** A mobile top-up to send. */
export interface MobileRequest {
  /** The plan's code, case-sensitive, from `plans()`. */
  planCode: string
  /** Ten digits, `05`, `06` or `07` first, such as `0778037340`. */
  number: string
  /** Whole DZD. Required for a dynamic plan; a fixed plan has its own. */
  amount?: DzdLike | undefined
  /** Your reference, unique for ever, up to 100 bytes: the same one gives the same order. Made up when absent. */
  ref?: string | undefined
  /** The user of your shop whom the order belongs to, up to 200 characters. */
  owner?: string | undefined
  /** Never send it after this instant. */
  sendBefore?: Instant | undefined
}

/** An internet card to buy. */
export interface InternetRequest {
  /** ADSL or 4G. */
  type: InternetType | 'ADSL' | '4G'
  /** ADSL: nine digits with the zero, `036362608`. 4G: twelve with the country code, `213472731602`. */
  number: string
  /** A face value of `products()`, in whole DZD. */
  value: DzdLike
  /** Your reference, unique for ever, up to 100 bytes: the same one gives the same order. Made up when absent. */
  ref?: string | undefined
  /** The user of your shop whom the order belongs to, up to 200 characters. */
  owner?: string | undefined
  /** Never send it after this instant. */
  sendBefore?: Instant | undefined
}

/** Gift cards to buy. */
export interface GiftCardRequest {
  /** The product's id, from `catalog()`. */
  productId: string
  /** The denomination's id, from `product()`. */
  typeId: string
  /** How many, at least 1. */
  quantity: number
  /**
   * Your reference, up to 100 bytes, kept on this side only: the service knows none for gift cards. Made up when
   * absent.
   */
  ref?: string | undefined
  /** The user of your shop whom the order belongs to, up to 200 characters. */
  owner?: string | undefined
  /** Never send it after this instant. */
  sendBefore?: Instant | undefined
}

/** A payment link to create. */
export interface PaymentLinkRequest {
  /** What is paid for, 1 to 200 characters. */
  title: string
  /** Whole DZD, 500 to 500 000. */
  amount: DzdLike
  /** Up to 1000 characters of markdown. */
  description?: string | undefined
  /** Who pays the fee; the merchant when absent. */
  feeMode?: FeeMode | undefined
  /** Shown after the payment, up to 500 characters. */
  successText?: string | undefined
  /** Where the customer goes after the payment; http or https. */
  redirectUrl?: string | undefined
}

/** Which orders of the journal to list, oldest first. */
export interface OrderListRequest {
  /** Only those in this state. */
  state?: OrderState | undefined
  /** Only those of this service. */
  service?: Service | undefined
  /** Only those recorded from this instant on. */
  since?: Instant | undefined
  /** Only those recorded before this instant. */
  until?: Instant | undefined
  /** Only those after the order of this `ref`, for the next page. */
  after?: string | undefined
  /** At most so many, 1 to 1000; 100 when absent. */
  limit?: number | undefined
}

/** Codes to send to a customer. */
export interface DeliveryRequest {
  /** The order's reference. */
  ref: string
  /** By which way. */
  channel: DeliveryChannel
  /** The e-mail address, or the mobile number: ten digits, or `+` and the country code. */
  to: string
  /** The language of the message. */
  language: Language
  /** The user of your shop whom it is for. Must be the order's owner where the order has one. */
  owner?: string | undefined
  /** Who asks for it, for the audit log, up to 200 characters. The owner when absent. */
  actor?: string | undefined
  /** What you call what was bought, such as `PlayStation 10 $`, up to 200 characters. */
  title?: string | undefined
  /**
   * A word of yours, up to 100 characters, that makes this another message, when the customer has lost the first one.
   * The same request is the same message otherwise, and is not sent twice.
   */
  again?: string | undefined
  /** The network address of the one who asks, for the audit log, up to 200 characters. */
  address?: string | undefined
  /** The program of the one who asks, such as a `User-Agent`, for the audit log, up to 500 characters. */
  agent?: string | undefined
}

/** Cards to show, on record. */
export interface RevealRequest {
  /** The order's reference. */
  ref: string
  /** The user of your shop who asks. Must be the order's owner where the order has one. */
  owner?: string | undefined
  /** Who looks: a user, a clerk, a program, up to 200 characters. The owner when absent; one of the two is needed. */
  actor?: string | undefined
  /** Why, for the audit log, up to 500 characters. */
  reason?: string | undefined
  /** The network address of the one who looks, for the audit log, up to 200 characters. */
  address?: string | undefined
  /** The program of the one who looks, such as a `User-Agent`, for the audit log, up to 500 characters. */
  agent?: string | undefined
}

/** Codes to destroy: of orders that were last revealed or delivered before an instant. */
export interface PurgeRequest {
  /** Orders whose last look is older than this. */
  olderThan: Instant
  /** Who asks for it, for the audit log, up to 200 characters. */
  actor?: string | undefined
  /** Why, for the audit log, up to 500 characters. */
  reason?: string | undefined
}

/**
 * An internet card that another program kept the way the service's documentation shows: AES-256-GCM with an IV of
 * 16 bytes, and IV, text and tag apart, in hexadecimal. Its key must be one of the client's vault keys.
 */
export interface ImportRequest {
  /** The reference that the order has or gets in the journal. */
  ref: string
  /** `encryptedCard.iv`: 32 hexadecimal digits. */
  iv: string
  /** `encryptedCard.encryptedData`: the code, hexadecimal. */
  encryptedData: string
  /** `encryptedCard.authTag`: 32 hexadecimal digits. */
  authTag: string
  /** ADSL or 4G. */
  type: InternetType | 'ADSL' | '4G'
  /** The line. */
  number: string
  /** The face value in whole DZD. */
  value: DzdLike
  /** The service's id (`topupId`). */
  id?: string | undefined
  /** The user of your shop whom the order belongs to, up to 200 characters. */
  owner?: string | undefined
  /** `numTrans`. */
  transactionNumber?: string | undefined
  /** `dateTraitement`, as it was kept. */
  processedAtText?: string | undefined
  /** When it was fulfilled (`fulfilledAt`); now when absent. */
  fulfilledAt?: Instant | undefined
  /** Who imports, for the audit log, up to 200 characters. */
  actor?: string | undefined
}

/** Which part of a list to read. Both instants or none: the service wants them together (PROTOCOL §11). */
export interface ListRequest {
  /** From this instant on. */
  since?: Instant | undefined
  /** Up to this instant. */
  until?: Instant | undefined
  /** How many to ask for at once, 1 to 100; 100 when absent. */
  pageSize?: number | undefined
}
