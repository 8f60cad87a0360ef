import { base64 } from '@scure/base'
import { renderSVG } from 'uqr'
import { utf8 } from '../core/bytes.ts'

/** Light modules around the symbol (ISO/IEC 18004: 4). */
const QUIET_ZONE = 4

/** A QR symbol as a data URI of an SVG: black on white, quiet zone included, so that it scans on any page. */
export function qrDataUri(content: string): string {
  const svg = renderSVG(content, { border: QUIET_ZONE, ecc: 'M' })
  return `data:image/svg+xml;base64,${base64.encode(utf8(svg))}`
}
