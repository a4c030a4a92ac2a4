// The same package through `require`.
import oneclickdz = require('oneclickdz')

export async function balance(): Promise<string> {
  const client = new oneclickdz.Client({ apiKey: 'k' })
  try {
    return (await client.account.balance()).amount
  } catch (error) {
    if (error instanceof oneclickdz.OneClickDzError && error.retryable) return balance()
    throw error
  } finally {
    await client.close()
  }
}

export type Sent = Awaited<ReturnType<oneclickdz.Mobile['send']>>
