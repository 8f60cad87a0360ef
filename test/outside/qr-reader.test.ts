import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { otpauthUri } from '../../src/core/otpauth.ts'
import { TOTP_PARAMETERS } from '../../src/core/totp.ts'
import { qrDataUri } from '../../src/http/qr.ts'
import { missingPrograms } from '../support/node/programs.ts'
import { modulesOf, svgOf } from '../support/qr.ts'

/** An independent reader of QR codes. */
const READER = 'zbarimg'
const noReader = missingPrograms(READER)
/** By itself it finds a barcode of another kind in one of some thousand symbols, beside the right answer. */
const QR_ALONE = ['-Sdisable', '-Sqrcode.enable']
const SYMBOLS = 60
/** Pixels of a module. */
const SCALE = 3

const enrollment = fc.record({
  secret: fc.uint8Array({ minLength: 20, maxLength: 20 }),
  issuer: fc.constant('Edge MFA'),
  account: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  parameters: fc.constant(TOTP_PARAMETERS),
})

it('draws symbols that a reader of others reads, whatever the key and the account', async (context) => {
  if (noReader !== undefined) return context.skip(noReader)
  const folder = await mkdtemp(join(tmpdir(), 'edge-mfa-qr-'))
  try {
    const uris = fc.sample(enrollment, SYMBOLS).map(otpauthUri)
    const files = await Promise.all(
      uris.map(async (uri, index) => {
        const file = join(folder, `${String(index).padStart(3, '0')}.pbm`)
        await writeFile(file, bitmap(qrDataUri(uri)))
        return file
      }),
    )
    const read = execFileSync(READER, ['--nodbus', '--quiet', '--raw', ...QR_ALONE, ...files], { encoding: 'utf8' })
    expect(read.trim().split('\n')).toEqual(uris)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

/** A symbol as a portable bitmap, dark modules as ones. */
function bitmap(dataUri: string): string {
  const { side, dark } = modulesOf(svgOf(dataUri))
  const isDark = new Set(dark.map(([x, y]) => y * side + x))
  const pixels = Array.from({ length: side * SCALE }, (_, y) =>
    Array.from({ length: side * SCALE }, (_, x) =>
      isDark.has(Math.floor(y / SCALE) * side + Math.floor(x / SCALE)) ? 1 : 0,
    ).join(' '),
  )
  return `P1\n${side * SCALE} ${side * SCALE}\n${pixels.join('\n')}\n`
}
