import fc from 'fast-check'
import type { WireRequest } from '../lib/raw-client.ts'
import { NO_OBJECTS, NO_VALUES } from './bodies.ts'
import { OTHER_TYPES } from './headers.ts'
import { isAdministration, OPERATIONS, type Operation, UNKNOWN_ID } from './operations.ts'
import { spellingsOf } from './paths.ts'
import type { Cast } from './service.ts'

const MEMBERS = ['code', 'backup_code', 'name', 'reason', 'txn', 'step_up', 'subs']
const KEYS = [...MEMBERS, '__proto__', 'constructor', 'toString', 'Code', 'code\u0000', '', 'sub', 'enabled']
/** Texts of which some are what a member takes. */
const TEXTS = ['123456', '123 456', '12-34-56', '0'.repeat(24), 'ooooIIII-lLlL 00000000000', 'Phone', 'x'.repeat(64)]

/** A value in JSON: any at all, or one that comes near to what members take. */
const value = fc.oneof(
  fc.constantFrom(...TEXTS),
  fc.string({ unit: 'binary', maxLength: 70 }),
  fc.string({
    unit: fc.constantFrom('0', '9', ' ', '-', '\u00a0', '\t', '١', 'O', 'I', 'z', 'u', '\u202e'),
    maxLength: 40,
  }),
  fc.jsonValue({ maxDepth: 3 }),
)

/** A body that is a JSON object, as a value. */
export const objectBody = fc.dictionary(fc.oneof(fc.constantFrom(...KEYS), fc.string({ maxLength: 5 })), value, {
  maxKeys: 5,
})

/** JSON with a few bytes changed, put in or taken out. */
const mutated = fc
  .tuple(
    objectBody,
    fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.constantFrom('set', 'insert', 'cut')), { maxLength: 4 }),
  )
  .map(([body, changes]) => {
    const bytes = [...Buffer.from(JSON.stringify(body))]
    for (const [at, byte, kind] of changes) {
      const index = at % (bytes.length + 1)
      if (kind === 'insert') bytes.splice(index, 0, byte)
      else if (kind === 'set') bytes[index] = byte
      else bytes.splice(index, 1 + (byte % 8))
    }
    return Uint8Array.from(bytes)
  })

const body = fc.oneof(
  mutated,
  fc.uint8Array({ maxLength: 300 }),
  fc.json({ maxDepth: 6 }).map((text) => new Uint8Array(Buffer.from(text))),
  fc.constantFrom(...NO_OBJECTS.map(([, bytes]) => bytes)),
  fc.tuple(fc.constantFrom(...MEMBERS), fc.constantFrom(...NO_VALUES)).map(([member, text]) => {
    return new Uint8Array(Buffer.from(`{"${member}":${text},"${member}":${text}}`))
  }),
)

/** The text of a header: no control characters, which no parser lets through. */
const headerText = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 60,
})
const header = fc
  .tuple(
    fc.constantFrom(
      'X-Request-Id',
      'Origin',
      'Accept',
      'Content-Encoding',
      'Cookie',
      'CF-Connecting-IP',
      'Range',
      'Referer',
    ),
    headerText,
  )
  .map(([name, text]) => `${name}: ${text}`)

/** Who asks: `authorised` is whoever may do the operation to the subject with MFA. */
const CALLERS = ['authorised', 'fresh', 'administrator', 'enrolled', 'nobody', 'garbage'] as const

/** A request that anybody may come up with, for an operation or beside it. */
export type Intruder = {
  readonly operation: Operation
  readonly method: string
  readonly target: string
  readonly caller: (typeof CALLERS)[number]
  readonly headers: readonly string[]
  readonly body: Uint8Array
}

/** Requests of every kind, for every operation. */
export const intruder: fc.Arbitrary<Intruder> = fc.constantFrom(...OPERATIONS).chain((operation) =>
  fc.record({
    operation: fc.constant(operation),
    method: fc.oneof(
      { weight: 8, arbitrary: fc.constant(operation.method) },
      fc.constantFrom('POST', 'PATCH', 'DELETE', 'PUT', 'GET'),
    ),
    target: target(operation),
    caller: fc.constantFrom(...CALLERS),
    headers: fc
      .tuple(contentType, fc.array(header, { maxLength: 3 }))
      .map(([types, headers]) => [...types, ...headers]),
    body,
  }),
)

const contentType = fc.oneof(
  { weight: 4, arbitrary: fc.constant<readonly string[]>(['Content-Type: application/json']) },
  fc.constantFrom<readonly string[]>(...OTHER_TYPES, []),
)

/** The path of an operation with any parameters, or another spelling of it, with any query. */
function target({ path }: Operation): fc.Arbitrary<string> {
  const segment = fc.oneof(
    fc.constantFrom(UNKNOWN_ID, 'fresh-subject', 'administrator', '%61dministrator', '..', '.', '%2e', ''),
    fc.string({ unit: 'binary', maxLength: 20 }).map((text) => encodeURIComponent(text.toWellFormed())),
    fc.string({ unit: fc.constantFrom('%', '2', 'f', 'F', 'e', '.', '/', '\\', ';', '0', 'u'), maxLength: 12 }),
  )
  const filled = segment.map((text) => path.replace(/\{[a-z]+\}/, text))
  const spelled = fc.constantFrom(...spellingsOf(path.replace(/\{[a-z]+\}/, 'x')))
  const query = fc
    .dictionary(
      fc.constantFrom('limit', 'cursor', 'deep', 'access_token'),
      fc.string({ unit: 'binary', maxLength: 12 }),
    )
    .map((members) => `?${new URLSearchParams(members)}`)
  return fc
    .tuple(fc.oneof({ weight: 3, arbitrary: filled }, spelled), fc.option(query, { nil: '' }))
    .map(([text, suffix]) => Buffer.from(text + suffix, 'utf8').toString('latin1'))
}

/** The request as it goes over the wire. */
export function toRequest(
  { operation, caller, ...request }: Intruder,
  { enrolled, fresh, administrator }: Cast,
): WireRequest {
  const tokens = {
    authorised: isAdministration(operation) ? administrator.token : enrolled.token,
    fresh: fresh.token,
    administrator: administrator.token,
    enrolled: enrolled.token,
    garbage: `${enrolled.token.slice(0, -6)}AAAAAA`,
  }
  const headers =
    caller === 'nobody' ? request.headers : [`Authorization: Bearer ${tokens[caller]}`, ...request.headers]
  return { method: request.method, target: request.target, headers, body: request.body }
}
