// A star, because a bundler then leaves names alone and the program meets the message.
export * from './unsupported.cjs'
