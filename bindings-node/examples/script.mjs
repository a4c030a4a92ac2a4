// A plain script: what is on sale, what it costs, one top-up, followed to its end.
// ONECLICKDZ_API_KEY=... node examples/script.mjs order-1001 0778037340 500
import { Client, Dzd, InsufficientBalanceError, OneClickDzError, StillPending } from 'oneclickdz'

const [ref = 'order-1001', number = '0778037340', amount = '500'] = process.argv.slice(2)
const client = new Client()
try {
  const plans = await client.mobile.plans()
  const plan = plans.dynamic.find((each) => each.operator === 'djezzy' && each.isEnabled)
  const request = { planCode: plan.code, number, amount, ref }
  const quote = await client.mobile.quote(request)
  console.log(`${plan.name}: costs ${Dzd.format(quote.price)}, leaves ${Dzd.format(quote.balanceAfter)}`)
  const order = await client.mobile.send(request)
  const settled = await order.wait({ timeoutMs: 300_000 })
  console.log(`${settled.ref}: ${settled.state}, charged ${settled.charged} DZD`)
  if (settled.state !== 'fulfilled') console.log(settled.refundMessage)
} catch (error) {
  if (error instanceof StillPending) console.log(`${error.order.ref} goes on; look again at ${error.order.nextCheckAt}`)
  else if (error instanceof InsufficientBalanceError) console.log(`too little money: ${error.required} DZD are needed`)
  else if (error instanceof OneClickDzError) console.log(`${error.staffText('en')} (${error.message})`)
  else throw error
  process.exitCode = 1
} finally {
  await client.close()
}
