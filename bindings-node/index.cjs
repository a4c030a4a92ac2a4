'use strict'

const { Client, setLogger, makeRef } = require('./lib/client.cjs')
const { Delivery } = require('./lib/delivery.cjs')
const { Dzd } = require('./lib/dzd.cjs')
const { classes } = require('./lib/errors.cjs')
const { Order } = require('./lib/order.cjs')

module.exports = { Client, Order, Delivery, Dzd, setLogger, makeRef, ...classes }
