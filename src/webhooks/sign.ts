import { base64 } from '@scure/base'
import { utf8 } from '../core/bytes.ts'

const PREFIX = 'whsec_'

/**
 * Returns the value of `webhook-signature`: one signature for each secret, so that the receiver can rotate its secret.
 * @param options `timestamp` is seconds since the epoch
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export async function signWebhook(
  payload: string,
  options: { readonly id: string; readonly timestamp: number; readonly secrets: readonly string[] },
): Promise<string> {
  const content = utf8(`${options.id}.${options.timestamp}.${payload}`)
  const signatures = await Promise.all(options.secrets.map((secret) => hmac(secret, content)))
  return signatures.map((signature) => `v1,${signature}`).join(' ')
}

async function hmac(secret: string, content: Uint8Array<ArrayBuffer>): Promise<string> {
  const bytes = new Uint8Array(base64.decode(secret.slice(PREFIX.length)))
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return base64.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, content)))
}
