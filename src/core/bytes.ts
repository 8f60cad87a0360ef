const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Encodes a text as UTF-8. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encoder.encode(text))
}

/** Decodes UTF-8 and keeps a byte order mark. Throws a TypeError for invalid UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/**
 * Encodes fields as the input of an AAD, HMAC or HKDF: a JSON array of strings in UTF-8 that begins with purpose and
 * version. Different fields or purposes never have the same encoding.
 */
export function boundFields(purpose: string, fields: readonly string[]): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify([`edge-mfa/${purpose}`, 'v1', ...fields]))
}

/** Compares two byte strings in a time that depends only on their lengths (ASVS 5.0 11.2.4). */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0)
  return difference === 0
}
