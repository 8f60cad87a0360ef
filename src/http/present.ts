/** A moment on the wire: RFC 3339 in UTC; null stays null. @param at milliseconds since the epoch */
export function timestamp<At extends number | null>(at: At): At extends number ? string : string | null
export function timestamp(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString()
}
