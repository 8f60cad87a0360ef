/** The secret of RFC 4226 Appendix D. */
export const RFC4226_SECRET = '12345678901234567890'

/** RFC 4226 Appendix D: counter, the truncated value in decimal, and the HOTP value. */
export const RFC4226_VECTORS = [
  { counter: 0, truncated: '1284755224', code: '755224' },
  { counter: 1, truncated: '1094287082', code: '287082' },
  { counter: 2, truncated: '0137359152', code: '359152' },
  { counter: 3, truncated: '1726969429', code: '969429' },
  { counter: 4, truncated: '1640338314', code: '338314' },
  { counter: 5, truncated: '0868254676', code: '254676' },
  { counter: 6, truncated: '1918287922', code: '287922' },
  { counter: 7, truncated: '0082162583', code: '162583' },
  { counter: 8, truncated: '0673399871', code: '399871' },
  { counter: 9, truncated: '0645520489', code: '520489' },
] as const

/** The same secret beyond 32 bits: a counter that is cut or signed on its way gives other values. */
export const WIDE_COUNTER_VECTORS = [
  { counter: 2 ** 32, code: '999456' },
  { counter: 2 ** 32 + 1, code: '108930' },
  { counter: Number.MAX_SAFE_INTEGER, code: '891307' },
] as const
