import { html } from 'hono/html'
import { type Contract, resolveSchema, type Schema } from './contract.ts'
import { type Html, joined, prose } from './text.ts'

/** A member of a body, a response or a query. */
type Member = {
  readonly name: string
  readonly schema: Schema
  readonly isRequired: boolean
  /** Members of responses are always present unless marked; members of bodies are marked either way. */
  readonly isSent: boolean
}

/** Returns the members of an object as a list, nested ones included. `isSent` says whether a client sends them. */
export function memberList(contract: Contract, schema: Schema, options: { isSent: boolean }): Html {
  const { properties = {}, required = [] } = resolveSchema(contract, schema)
  const members = Object.entries(properties).map(([name, each]) => ({
    name,
    schema: resolveSchema(contract, each),
    isRequired: required.includes(name),
    isSent: options.isSent,
  }))
  return html`<dl class="members">${members.map((member) => memberItem(contract, member))}</dl>`
}

/** Returns the name, the type and the description of a member. */
export function memberItem(contract: Contract, member: Member): Html {
  const { name, schema, isRequired, isSent } = member
  const inner = innerObject(contract, schema)
  return html`<div><dt><code class="name">${name}</code> <span class="type">${typeName(contract, schema)}</span>${
    isSent ? html` <span class="${isRequired ? 'need' : 'free'}">${isRequired ? 'required' : 'optional'}</span>` : ''
  }${!isSent && !isRequired ? html` <span class="free">optional</span>` : ''}${
    schema.deprecated ? html` <span class="free">deprecated</span>` : ''
  }</dt><dd>${descriptionOf(schema)}${constraints(contract, schema)}${
    inner ? memberList(contract, inner, { isSent }) : ''
  }</dd></div>`
}

/** Returns which members of a body exclude each other. */
export function exclusion({ not, oneOf }: Schema): Html | string {
  const list = (names: readonly string[]) =>
    joined(
      names.map((name) => html`<code>${name}</code>`),
      ' or ',
    )
  if (not?.required) return html`<p>${list(not.required)}, not both.</p>`
  return oneOf ? html`<p>Exactly one: ${list(oneOf.flatMap(({ required = [] }) => required))}.</p>` : ''
}

function descriptionOf(schema: Schema): Html | string {
  const text = schema.description ?? schema.anyOf?.[0]?.description
  return text === undefined ? '' : html`<p>${prose(text)}</p>`
}

/** Returns the object schema of a member: its own, that of its array items, or the non-null alternative. */
function innerObject(contract: Contract, schema: Schema): Schema | undefined {
  const found = resolveSchema(contract, schema)
  if (found.properties) return found
  if (found.items) return innerObject(contract, found.items)
  return found.anyOf?.map((each) => innerObject(contract, each)).find((each) => each !== undefined)
}

function typeName(contract: Contract, schema: Schema): string {
  const { type, items, anyOf, format } = resolveSchema(contract, schema)
  if (anyOf) return anyOf.map((each) => typeName(contract, each)).join(' or ')
  if (items) return `array of ${typeName(contract, items)}s`
  if (format === 'date-time') return 'date-time'
  return typeof type === 'string' ? type : (type ?? []).join(' or ')
}

function constraints(contract: Contract, schema: Schema): Html | string {
  const scalar = resolveSchema(contract, schema.items ?? schema.anyOf?.[0] ?? schema)
  const found = [...bounds(scalar), ...values(schema, scalar)]
  return found.length > 0 ? html`<p class="limits">${joined(found, ' · ')}</p>` : ''
}

function bounds({ minLength, maxLength, minimum, maximum, multipleOf, pattern }: Schema): readonly (Html | string)[] {
  const number = (value: number) => value.toLocaleString('en')
  return [
    ...(maxLength === undefined ? [] : [`${minLength ?? 0} to ${number(maxLength)} characters`]),
    ...(minimum === undefined
      ? []
      : [maximum === undefined ? `at least ${minimum}` : `${minimum} to ${number(maximum)}`]),
    ...(multipleOf === undefined ? [] : [`a multiple of ${multipleOf}`]),
    ...(pattern === undefined ? [] : [html`pattern <code>${pattern}</code>`]),
  ]
}

function values(schema: Schema, scalar: Schema): readonly (Html | string)[] {
  const example = schema.examples?.[0] ?? scalar.examples?.[0]
  const isShort = typeof example !== 'object' && example !== undefined && String(example).length <= 48
  return [
    ...('const' in scalar ? [html`always ${shown(scalar.const)}`] : []),
    ...(scalar.enum ? [html`one of ${joined(scalar.enum.map(shown), ', ')}`] : []),
    ...('default' in schema ? [html`${shown(schema.default)} by default`] : []),
    ...(isShort && !scalar.enum && typeof example !== 'boolean' ? [html`for example ${shown(example)}`] : []),
  ]
}

function shown(value: unknown): Html {
  return html`<code>${typeof value === 'string' ? value : JSON.stringify(value)}</code>`
}
