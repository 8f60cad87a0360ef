import { base64 } from '@scure/base'
import { renderSVG } from 'uqr'
import { utf8 } from '../core/bytes.ts'

/** Light modules around the symbol (ISO/IEC 18004: 4). */
const QUIET_ZONE = 4
/**
 * One of the eight masks (ISO/IEC 18004 §7.8), the one that suits addresses of this kind best most often. To draw and judge
 * all eight takes three quarters of the time of a whole setup, and no reader minds.
 */
const MASK = 2

/** A QR symbol as a data URI of an SVG: black on white, quiet zone included, so that it scans on any page. */
export function qrDataUri(content: string): string {
  const svg = renderSVG(content, { border: QUIET_ZONE, ecc: 'M', maskPattern: MASK })
  return `data:image/svg+xml;base64,${base64.encode(utf8(svg))}`
}
