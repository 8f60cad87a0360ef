import { readFileSync } from 'node:fs'
import { isValid } from '../../test/support/documented.ts'
import type { WireRequest } from '../lib/raw-client.ts'
import { LARGEST } from './bodies.ts'
import type { Cast } from './service.ts'

/** An operation as the document has it. */
export type Operation = {
  readonly id: string
  readonly method: string
  readonly path: string
  /** The name of the schema of its body, and the members that it knows; none for an operation without a body. */
  readonly schema: string | undefined
  readonly members: readonly string[]
  /** The size of its largest body in bytes. */
  readonly largest: number
}

/** A UUID that is nobody's. */
export const UNKNOWN_ID = '00000000-0000-4000-8000-000000000000'

/** Bytes of the largest body where it is not {@link LARGEST}. */
const LARGER: Readonly<Record<string, number>> = { readUsers: 32_768 }

type Described = {
  readonly operationId: string
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: { readonly $ref: string } }>> }
}
type Document = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Described>>>>
  readonly components: { readonly schemas: Readonly<Record<string, { readonly properties?: object }>> }
}

const document: Document = JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))

/** Every operation of the document. */
export const OPERATIONS: readonly Operation[] = Object.entries(document.paths).flatMap(([path, item]) =>
  Object.entries(item)
    .filter(([method]) => ['get', 'post', 'patch', 'delete'].includes(method))
    .map(([method, described]) => toOperation(path, method, described)),
)

/** Those that take a body. */
export const BODIED = OPERATIONS.filter(({ schema }) => schema !== undefined)

function toOperation(path: string, method: string, { operationId, requestBody }: Described): Operation {
  const schema = requestBody?.content['application/json']?.schema.$ref.split('/').at(-1)
  const members = Object.keys(document.components.schemas[schema ?? '']?.properties ?? {})
  const largest = LARGER[operationId] ?? LARGEST
  return { id: operationId, method: method.toUpperCase(), path, schema, members, largest }
}

/** Whether the document takes such a body for an operation. */
export function takes({ schema }: Operation, body: unknown): boolean {
  return schema !== undefined && isValid(schemaOf(schema), body)
}

const schemas = new Map<string, { $ref: string }>()

/** One object for each schema, since validators are kept by it. */
function schemaOf(name: string): { $ref: string } {
  const schema = schemas.get(name) ?? { $ref: `#/components/schemas/${name}` }
  schemas.set(name, schema)
  return schema
}

/** The path of an operation, aimed at what the subject with MFA has. */
export function targetOf({ path }: Operation, { enrolled }: Cast): string {
  const { sub, authenticatorId } = enrolled
  return path.replace('{id}', authenticatorId).replace('{sub}', sub).replace('{name}', 'invalid-code')
}

/** Whether an operation is on another subject, and needs a scope. */
export function isAdministration({ path }: Operation): boolean {
  return /^\/api\/(admin|service)\//.test(path)
}

/** Who would be let do an operation to the subject with MFA: it itself, or an administrator. */
export function authorised(operation: Operation, { enrolled, administrator }: Cast): string {
  return `Authorization: Bearer ${isAdministration(operation) ? administrator.token : enrolled.token}`
}

/** A request of an operation with this body, as whoever is let do it sends it. */
export function requestOf(
  operation: Operation,
  cast: Cast,
  body: Uint8Array,
  headers: readonly string[] = ['Content-Type: application/json'],
): WireRequest {
  const { method } = operation
  return { method, target: targetOf(operation, cast), headers: [authorised(operation, cast), ...headers], body }
}
