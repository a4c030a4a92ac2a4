// OpenTelemetry: a span per call, from the channel that the client publishes its calls on.
import diagnostics from 'node:diagnostics_channel'

import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { BasicTracerProvider, ConsoleSpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { Client } from 'oneclickdz'

trace.setGlobalTracerProvider(
  new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(new ConsoleSpanExporter())] }),
)
const tracer = trace.getTracer('oneclickdz')

diagnostics.tracingChannel('oneclickdz:call').subscribe({
  start(call) {
    const attributes = call.ref === undefined ? {} : { 'oneclickdz.ref': call.ref }
    call.span = tracer.startSpan(`oneclickdz ${call.operation}`, { kind: SpanKind.CLIENT, attributes })
  },
  error({ span, error }) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: error.code })
    span.setAttributes({ 'error.type': error.code, 'oneclickdz.outcome': error.outcome })
  },
  asyncEnd({ span }) {
    span.end()
  },
})

const client = new Client()
await client.account.balance()
await client.mobile.checkByRef('no-such-order').catch(() => {})
await client.close()
