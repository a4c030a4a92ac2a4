// Compiled, never run: what the types must allow, and with `@ts-expect-error` what they must not.
import {
  Client,
  Dzd,
  InsufficientBalanceError,
  OneClickDzError,
  StillPending,
  ValidationError,
  setLogger,
  type Balance,
  type MobileRequest,
  type Order,
  type OrderState,
  type Outcome,
} from 'oneclickdz'

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Equal<A, B>): void {}

export async function face(): Promise<void> {
  await using client = new Client({ apiKey: 'k', journal: ':memory:', expect: 'sandbox', pollIntervalMs: 500 })
  const balance = await client.account.balance({ timeoutMs: 1000 })
  same<typeof balance, Balance>(true)
  same<Balance['amount'], string>(true)
  for await (const entry of client.account.transactions({ since: new Date(), until: '2026-01-01T00:00:00Z' })) {
    same<typeof entry.time, Date | null>(true)
  }
  const request: MobileRequest = { planCode: 'PREPAID_DJEZZY', number: '0778037340', amount: 500n, ref: 'order-1001' }
  const order = await client.mobile.send(request, { signal: AbortSignal.timeout(10) })
  same<typeof order, Order>(true)
  same<typeof order.charged, string | null>(true)
  same<typeof order.state, OrderState>(true)
  const settled: boolean = (await order.wait({ timeoutMs: 300_000 })).isSettled
  void settled
  await client.internet.send({ type: 'ADSL', number: '036362608', value: 1000, ref: 'adsl-1' })
  await client.giftCards.order({ productId: 'p', typeId: 't', quantity: 2 })
  for await (const update of order.updates()) same<typeof update, Order>(true)
  for await (const event of client.orders.events({ after: null })) {
    await client.orders.ack(event.cursor)
    await event.order.wait()
  }
  const link = await client.paymentLinks.create({ title: 'A', amount: '500', feeMode: 'no_fee' })
  same<typeof link.paymentUrl, string>(true)
  const card = (await client.giftCards.checkOrder('id')).cards[0]
  same<typeof card, { readonly code: string; readonly serial: string | null } | undefined>(
    true as Equal<typeof card, { readonly code: string; readonly serial: string | null } | undefined>,
  )

  const count: number = await client.audit.export(process.stdout, { timeoutMs: 1000 })
  void count
  void new Client({ vaultKey: async () => [new Uint8Array(32), 'file:/run/key'], templates: { sms: { fr: 'x' } } })
  void new Client({ vaultKey: ['a', new Uint8Array(32)] })

  // @ts-expect-error a key is no number
  void new Client({ vaultKey: () => 5 })
  // @ts-expect-error a language that does not exist
  void new Client({ templates: { sms: { de: 'x' } } })
  // @ts-expect-error an array is no stream
  await client.audit.export([])
  // @ts-expect-error a misspelt field
  await client.mobile.send({ planCode: 'x', number: '0778037340', reff: 'order-1' })
  // @ts-expect-error a number kept as an integer
  await client.mobile.send({ planCode: 'x', number: 778037340 })
  // @ts-expect-error a word that does not exist
  await client.internet.send({ type: 'DSL', number: '036362608', value: 1000 })
  // @ts-expect-error no amount
  await client.internet.send({ type: 'ADSL', number: '036362608' })
  // @ts-expect-error a setting that does not exist
  void new Client({ apikey: 'x' })
  // @ts-expect-error what comes out cannot be written to
  balance.amount = '5'
  // @ts-expect-error null is not a reference
  await client.mobile.send({ planCode: 'x', number: '0778037340', ref: null })
  // @ts-expect-error an order is made by the engine
  void new (order.constructor as typeof import('oneclickdz').Order)()
}

export function failed(error: unknown): string {
  if (error instanceof StillPending) return error.order.ref
  if (error instanceof InsufficientBalanceError) return error.required ?? 'unknown'
  if (error instanceof ValidationError) return error.field ?? error.outcome
  if (error instanceof OneClickDzError) {
    same<typeof error.outcome, Outcome>(true)
    switch (error.code) {
      case 'insufficient_balance':
        return error.staffText('fr')
      // @ts-expect-error a code that does not exist
      case 'no_money':
        return ''
    }
  }
  return ''
}

export const sum: string = Dzd.add('0.1', 2n)
// @ts-expect-error the comparison is a number
export const compared: string = Dzd.compare('1', 2)
setLogger((line) => void line.operation, 'debug')
setLogger(null)
