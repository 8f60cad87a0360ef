import { base64 } from '@scure/base'
import { encode } from 'uqr'
import { utf8 } from '../core/bytes.ts'

/** Light modules around the symbol (ISO/IEC 18004: 4). */
const QUIET_ZONE = 4
/**
 * One of the eight masks (ISO/IEC 18004 §7.8), the one that suits addresses of this kind best most often. To draw and judge
 * all eight takes three quarters of the time of a whole setup, and no reader minds.
 */
const MASK = 2
/** The side of a module, so that whoever draws the image at its own size can read it. */
const SCALE = 10

/** A QR symbol as a data URI of an SVG: black on white, quiet zone included, so that it scans on any page. */
export function qrDataUri(content: string): string {
  const { data, size } = encode(content, { border: QUIET_ZONE, ecc: 'M', maskPattern: MASK })
  const side = size * SCALE
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<rect fill="white" width="${side}" height="${side}"/>` +
    `<path fill="black" transform="scale(${SCALE})" d="${data.map(drawRow).join('')}"/></svg>`
  return `data:image/svg+xml;base64,${base64.encode(utf8(svg))}`
}

/** A rectangle for each run of dark modules: a third of the bytes that a square for each module takes. */
function drawRow(row: readonly boolean[], y: number): string {
  let path = ''
  for (let x = row.indexOf(true); x !== -1; x = row.indexOf(true, x)) {
    const start = x
    while (row[x]) x += 1
    path += `M${start} ${y}h${x - start}v1h${start - x}z`
  }
  return path
}
