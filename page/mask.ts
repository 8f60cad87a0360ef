/** Members whose value is a secret, or too long to read. */
const SHORTENED = new Set(['secret', 'qr_code', 'token', 'access_token', 'backup_code'])
const KEPT = 6

/** A JSON text as it may be shown: indented, with what is secret shortened. Anything else is shown as it is. */
export function maskJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text, mask), null, 2)
  } catch {
    return text
  }
}

/** A value of an `Authorization` header, shortened. */
export function maskAuthorization(value: string): string {
  const [scheme, token] = value.split(' ')
  return token === undefined ? value : `${scheme} ${shorten(token)}`
}

/** A secret by its first letters. */
function shorten(text: string): string {
  return `${text.slice(0, KEPT)}… (${text.length} characters)`
}

function mask(name: string, value: unknown): unknown {
  if (name === 'otpauth_uri') return String(value).replace(/(?<=secret=)[A-Z2-7]+/, shorten)
  if (name === 'backup_codes' && Array.isArray(value)) return value.map((code) => shorten(String(code)))
  return SHORTENED.has(name) && typeof value === 'string' ? shorten(value) : value
}
