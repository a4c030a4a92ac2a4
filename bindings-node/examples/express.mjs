// Express: one client for the whole server. A customer orders, the answer comes at once, the page asks how it stands.
import express from 'express'
import { Client, OneClickDzError } from 'oneclickdz'

const client = new Client()
await client.orders.resume() // what an earlier process left unsettled

const app = express()
app.use(express.json())

app.post('/topups', async (request, response) => {
  const { orderNumber, planCode, number, amount } = request.body
  // The shop's own order number: a customer who clicks twice still buys once.
  const order = await client.mobile.send({ planCode, number, amount, ref: `order-${orderNumber}`, owner: request.get('x-user') })
  response.status(order.isSettled ? 200 : 202).json({ ref: order.ref, state: order.state })
})

app.get('/topups/:ref', async (request, response) => {
  const order = await client.orders.get(request.params.ref)
  if (order.owner !== request.get('x-user')) return response.status(404).json({ error: 'not_found' })
  response.json({ ref: order.ref, state: order.state, charged: order.charged, message: order.refundMessage })
})

const STATUS = { validation: 400, invalid_number: 400, ref_conflict: 409, not_found: 404, insufficient_balance: 503 }
app.use((error, _request, response, next) => {
  if (!(error instanceof OneClickDzError)) return next(error)
  // The customer needs to know which field is wrong, and nothing of the balance.
  response.status(STATUS[error.code] ?? 502).json({ error: error.code, field: error.field, outcome: error.outcome })
})

const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => console.log(server.address().port))
process.once('SIGTERM', () => server.close(() => client.close()))
