const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(encoder.encode(text))
}

/** The text of UTF-8 bytes, a byte order mark included. Throws a TypeError for bytes that are no UTF-8. */
export function textOf(bytes: Uint8Array): string {
  return decoder.decode(bytes)
}

/**
 * Joins fields for an AAD, HMAC or HKDF input without ambiguity: the UTF-8 of a JSON array of strings that begins with
 * its purpose and version, so that no two lists of fields and no two purposes share an encoding.
 */
export function boundFields(purpose: string, fields: readonly string[]): Uint8Array<ArrayBuffer> {
  return utf8(JSON.stringify([`edge-mfa/${purpose}`, 'v1', ...fields]))
}

/** Compares two byte strings in time that depends on their lengths alone (ASVS 5.0 11.2.4). */
export function constantTimeEqual(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length
  for (const [index, byte] of a.entries()) difference |= byte ^ (b[index] ?? 0)
  return difference === 0
}
