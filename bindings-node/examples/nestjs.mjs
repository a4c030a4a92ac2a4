// NestJS: a provider that others inject. Written without decorators, so that it runs as it stands; in TypeScript the same
// calls are `@Module({...})`, `@Controller('topups')`, `@Inject(Client)`.
import 'reflect-metadata'

import { Body, Catch, Controller, Get, Inject, Injectable, Module, Param, Post } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Client, OneClickDzError } from 'oneclickdz'

class OneClickDz {
  client = new Client()
  onModuleInit() {
    return this.client.orders.resume()
  }
  onModuleDestroy() {
    return this.client.close()
  }
}
Injectable()(OneClickDz)

class TopUps {
  constructor(oneclickdz) {
    this.client = oneclickdz.client
  }
  async create({ orderNumber, planCode, number, amount }) {
    const order = await this.client.mobile.send({ planCode, number, amount, ref: `order-${orderNumber}` })
    return { ref: order.ref, state: order.state }
  }
  async one(ref) {
    const { state, charged } = await this.client.orders.get(ref)
    return { ref, state, charged }
  }
}
const describe = (name) => Object.getOwnPropertyDescriptor(TopUps.prototype, name)
Controller('topups')(TopUps)
Inject(OneClickDz)(TopUps, undefined, 0)
Post()(TopUps.prototype, 'create', describe('create'))
Body()(TopUps.prototype, 'create', 0)
Get(':ref')(TopUps.prototype, 'one', describe('one'))
Param('ref')(TopUps.prototype, 'one', 0)

class Failures {
  catch(error, host) {
    const status = { validation: 400, invalid_number: 400, ref_conflict: 409, not_found: 404 }[error.code] ?? 502
    host.switchToHttp().getResponse().status(status).json({ error: error.code, field: error.field })
  }
}
Catch(OneClickDzError)(Failures)

class Shop {}
Module({ providers: [OneClickDz], controllers: [TopUps], exports: [OneClickDz] })(Shop)

const app = await NestFactory.create(Shop, { logger: ['error', 'warn'] })
app.useGlobalFilters(new Failures())
app.enableShutdownHooks()
await app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1')
console.log(app.getHttpServer().address().port)
