// Fastify: the client as a decorator, closed with the server; a request that goes away ends its waiting, not the order.
import Fastify from 'fastify'
import { Client, OneClickDzError, StillPending } from 'oneclickdz'

const app = Fastify()
app.decorate('oneclickdz', new Client())
app.addHook('onReady', () => app.oneclickdz.orders.resume())
app.addHook('onClose', () => app.oneclickdz.close())

const body = {
  type: 'object',
  required: ['orderNumber', 'type', 'number', 'value'],
  properties: {
    orderNumber: { type: 'string' },
    type: { enum: ['ADSL', '4G'] },
    number: { type: 'string' },
    value: { type: 'integer' },
  },
}

app.post('/cards', { schema: { body } }, async (request, reply) => {
  const { orderNumber, type, number, value } = request.body
  const gone = new AbortController()
  reply.raw.once('close', () => reply.raw.writableFinished || gone.abort())
  const order = await app.oneclickdz.internet.send({ type, number, value, ref: `order-${orderNumber}` })
  try {
    const settled = await order.wait({ timeoutMs: 20_000, signal: gone.signal })
    return { ref: settled.ref, state: settled.state }
  } catch (error) {
    if (!(error instanceof StillPending)) throw error
    return reply.code(202).send({ ref: order.ref, state: error.order.state })
  }
})

app.setErrorHandler((error, _request, reply) => {
  if (!(error instanceof OneClickDzError)) return reply.send(error)
  const status = error.code === 'validation' || error.code === 'invalid_number' ? 400 : 502
  return reply.code(status).send({ error: error.code, field: error.field, text: error.staffText('fr') })
})

await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' })
console.log(app.server.address().port)
process.once('SIGTERM', () => app.close())
