import { type Schema, Validator } from '@cfworker/json-schema'
import { expect } from 'vitest'
import { BODIES } from '../../openapi/components.ts'
import { openApiDocument } from '../../openapi/document.ts'

/*
 * Holds answers against the document. The document leaves room for members that a later version adds; here there is
 * none, so that a member that it does not describe is found.
 */

/** A request as far as the document cares. */
type Request = { readonly method: string; readonly url: string }
/** An answer to it. */
type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>>
  readonly text: string
}
type Json = Readonly<Record<string, unknown>>
type Header = { readonly required: boolean; readonly schema: Schema }
type Response = {
  readonly $ref?: string
  readonly headers?: Readonly<Record<string, Header>>
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>
}
type Operation = { readonly responses: Readonly<Record<string, Response>> }

// The document as anyone gets it: what JSON does not carry is not in it.
const document: {
  paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  components: { schemas: Readonly<Record<string, Json>>; responses: Readonly<Record<string, Response>> }
} = JSON.parse(JSON.stringify(openApiDocument('0.0.0')))

/** Bodies stay open, since members that the Worker does not know are ignored; so does what all problems share. */
const open = ['Problem', ...Object.keys(BODIES)]
const closed = Object.fromEntries(
  Object.entries(document.components.schemas).map(([name, schema]) => [
    name,
    open.includes(name) ? schema : close(schema),
  ]),
)
const validators = new Map<Schema, Validator>()
const templates = Object.keys(document.paths).map((path) => ({
  path,
  pattern: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/\{[a-z]+\}/g, '[^/]+')}$`),
}))

/** Fails unless the document describes this answer to this request: its status, media type, headers and every member. */
export function expectDocumented({ method, url }: Request, answer: Answer): void {
  expectDocumentedAt({ method, pathname: new URL(url).pathname }, answer)
}

/** The same for a path as it stands, in which dots may be segments. */
export function expectDocumentedAt(request: { method: string; pathname: string }, answer: Answer): void {
  const { method, pathname } = request
  const isPreflight = method === 'OPTIONS' && answer.status === 204
  if (isPreflight || (isPart(pathname) && answer.status < 400)) return
  const responses = responsesTo(request) ?? otherwise(pathname)
  const response = resolve(responses[String(answer.status)])
  const what = `${method} ${pathname} ${answer.status} ${answer.text}`
  if (response === undefined) expect.fail(`undocumented: ${what}`)
  expectHeaders(response, { answer, what })
  if (method !== 'HEAD') expectContent(response, { answer, what })
}

/** Whether a value is valid under a schema, which may refer to the components of the document. */
export function isValid(schema: Schema, value: unknown): boolean {
  return validatorOf(schema).validate(value).valid
}

/** What the document lets a request be answered; undefined where the request is none of its operations. */
function responsesTo(request: { method: string; pathname: string }): Operation['responses'] | undefined {
  const found = templates.find(({ pattern }) => pattern.test(request.pathname))
  const method = request.method === 'HEAD' ? 'get' : request.method.toLowerCase()
  return found && document.paths[found.path]?.[method]?.responses
}

function isDocumentedPath(pathname: string): boolean {
  return templates.some(({ pattern }) => pattern.test(pathname))
}

/** Whether a path is one of the demonstration page, or of a file that a page loads: those are no part of the contract. */
function isPart(pathname: string): boolean {
  return pathname === '/' || /^\/(assets|elements|page)\//.test(pathname)
}

/** What answers a request that is no operation: one of a known path has the wrong method. */
function otherwise(pathname: string): Operation['responses'] {
  const reference = (name: string) => ({ $ref: `#/components/responses/${name}` })
  const wrongMethod = { 405: reference('method-not-allowed') }
  const unknown = { 404: reference('not-found') }
  const misconfigured = { 500: reference('internal') }
  if (isDocumentedPath(pathname)) return { ...wrongMethod, ...misconfigured }
  if (!isPart(pathname)) return { ...unknown, ...misconfigured }
  return { ...unknown, ...wrongMethod, ...misconfigured, 400: reference('invalid-request') }
}

function resolve(response: Response | undefined): Response | undefined {
  const name = response?.$ref?.split('/').at(-1)
  return name === undefined ? response : document.components.responses[name]
}

function expectHeaders(response: Response, { answer, what }: { answer: Answer; what: string }): void {
  for (const [name, { required, schema }] of Object.entries(response.headers ?? {})) {
    const value = answer.headers.get(name)
    if (value === null) expect(required, `${name} is missing: ${what}`).toBe(false)
    else expectValid(schema, { value: schema.type === 'integer' ? Number(value) : value, what: `${name}: ${what}` })
  }
}

function expectContent(response: Response, { answer, what }: { answer: Answer; what: string }): void {
  const [mediaType] = (answer.headers.get('Content-Type') ?? '').split(';')
  const content = response.content?.[mediaType ?? '']
  if (response.content === undefined) expect(answer.text, what).toBe('')
  else if (content === undefined) expect.fail(`undocumented media type ${mediaType}: ${what}`)
  else expectValid(content.schema, { value: mediaType?.endsWith('json') ? answer.body : answer.text, what })
}

function expectValid(schema: Schema, { value, what }: { value: unknown; what: string }): void {
  const { valid, errors } = validatorOf(schema).validate(value)
  expect(valid, `${what}\n${JSON.stringify(errors, undefined, 1)}`).toBe(true)
}

function validatorOf(schema: Schema): Validator {
  const known = validators.get(schema)
  if (known) return known
  const validator = new Validator({ ...schema, components: { schemas: closed } }, '2020-12', false)
  validators.set(schema, validator)
  return validator
}

/** The schema without room for members that it does not name. */
function close(schema: Json): Json {
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => [key, closeInside(value)])
  const inner = Object.fromEntries(entries)
  if ('allOf' in schema) return { ...inner, unevaluatedProperties: false }
  const isOpenObject = schema['type'] === 'object' && 'properties' in schema && !('additionalProperties' in schema)
  return isOpenObject ? { ...inner, additionalProperties: false } : inner
}

function closeInside(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closeInside)
  return typeof value === 'object' && value !== null ? close({ ...value }) : value
}
