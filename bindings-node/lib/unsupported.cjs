'use strict'

// What bundlers for browsers and edge runtimes pick.
throw new Error(
  'oneclickdz runs in Node (20 or later), Bun and Deno on a server, not in browsers or edge runtimes: it needs a native ' +
    'library and a journal on disk, and the API key must never reach a browser. Call it from your backend.',
)
