import { openApiDocument } from '../../openapi/document.ts'

/** The keywords of JSON Schema that the pages show. */
export type Schema = {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
  readonly oneOf?: readonly Schema[]
  readonly not?: Schema
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly examples?: readonly unknown[]
  readonly default?: unknown
  readonly pattern?: string
  readonly format?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly multipleOf?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly deprecated?: boolean
}

/** A parameter of the path, the query or the headers. */
export type Parameter = {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly description: string
  readonly schema: Schema
}

type Header = { readonly description: string; readonly required: boolean; readonly schema: Schema }
type Content = {
  readonly schema: Schema
  readonly example?: unknown
  readonly examples?: Readonly<Record<string, object>>
}

/** The response of an operation for one status. */
export type Response = {
  readonly $ref?: string
  readonly description: string
  readonly headers?: Readonly<Record<string, Header>>
  readonly content?: Readonly<Record<string, Content>>
}

/** An operation of the document. */
export type DocumentedOperation = {
  readonly operationId: string
  readonly tags: readonly string[]
  readonly summary: string
  readonly description: string
  readonly security: readonly { readonly accessToken: readonly string[] }[]
  readonly parameters?: readonly Parameter[]
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, Content>> }
  readonly responses: Readonly<Record<string, Response>>
}

/** The OpenAPI document. */
export type Contract = {
  readonly info: { readonly title: string; readonly version: string; readonly summary: string }
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, Schema>>
    readonly responses: Readonly<Record<string, Response>>
  }
}

/** An operation with its path and method. */
export type PlacedOperation = DocumentedOperation & { readonly method: string; readonly path: string }

/** Returns the document as text, as it is committed and served. */
export function contractText(version: string): string {
  return `${JSON.stringify(openApiDocument(version), null, 2)}\n`
}

/** Returns all operations, in the order of the document. */
export function operationsOf(contract: Contract): readonly PlacedOperation[] {
  return Object.entries(contract.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ ...operation, method, path })),
  )
}

/** Returns the operations of a group. */
export function operationsOfTag(contract: Contract, tag: string): readonly PlacedOperation[] {
  return operationsOf(contract).filter(({ tags }) => tags.includes(tag))
}

/** Returns the target of a schema reference, or the schema itself. */
export function resolveSchema(contract: Contract, schema: Schema): Schema {
  return schema.$ref === undefined ? schema : (contract.components.schemas[nameIn(schema.$ref)] ?? {})
}

/** Returns the target of a response reference, or the response itself. */
function resolveResponse(contract: Contract, response: Response): Response {
  return response.$ref === undefined ? response : (contract.components.responses[nameIn(response.$ref)] ?? response)
}

/** Returns the problems of an operation, ordered by status. */
export function problemsOf(contract: Contract, operation: DocumentedOperation): readonly string[] {
  return Object.values(operation.responses)
    .map((response) => resolveResponse(contract, response).content?.['application/problem+json'])
    .flatMap((content) => Object.keys(content?.examples ?? {}))
}

function nameIn(reference: string): string {
  return reference.split('/').at(-1) ?? ''
}
