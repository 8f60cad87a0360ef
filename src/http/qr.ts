import { base64 } from '@scure/base'
import { encode } from 'uqr'
import { utf8 } from '../core/bytes.ts'

/** The width of the quiet zone in modules (ISO/IEC 18004 requires 4). */
const QUIET_ZONE = 4
/**
 * One of the eight masks (ISO/IEC 18004 §7.8), and the best one for most Key URIs. Evaluating all of them would take
 * three quarters of the CPU time of a setup.
 */
const MASK = 2
/** Pixels per module, so that the image is readable at its natural size. */
const SCALE = 10

/** Returns a QR code as a data URI of an SVG: black on white with a quiet zone, so that it scans on any background. */
export function qrDataUri(content: string): string {
  const { data, size } = encode(content, { border: QUIET_ZONE, ecc: 'M', maskPattern: MASK })
  const side = size * SCALE
  const svg =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" shape-rendering="crispEdges">` +
    `<rect fill="white" width="${side}" height="${side}"/>` +
    `<path fill="black" transform="scale(${SCALE})" d="${data.map(drawRow).join('')}"/></svg>`
  return `data:image/svg+xml;base64,${base64.encode(utf8(svg))}`
}

/** Draws one rectangle for each run of dark modules, which takes a third of the bytes of one square for each module. */
function drawRow(row: readonly boolean[], y: number): string {
  let path = ''
  for (let x = row.indexOf(true); x !== -1; x = row.indexOf(true, x)) {
    const start = x
    while (row[x]) x += 1
    path += `M${start} ${y}h${x - start}v1h${start - x}z`
  }
  return path
}
