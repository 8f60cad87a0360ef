/** What of a JSON Schema an example is made from. */
type Schema = {
  readonly $ref?: string
  readonly examples?: readonly unknown[]
  readonly const?: unknown
  readonly enum?: readonly unknown[]
  readonly anyOf?: readonly Schema[]
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
}

/**
 * A value of this schema, from the first example that each part of it has; members that may be missing are.
 * @param schemas those that a `$ref` may name
 */
export function exampleOf(schema: Schema, schemas: Readonly<Record<string, object>>): unknown {
  const named = schema.$ref && schemas[schema.$ref.split('/').at(-1) ?? '']
  if (named) return exampleOf(named, schemas)
  if (schema.examples) return schema.examples[0]
  if ('const' in schema) return schema.const
  if (schema.enum) return schema.enum[0]
  if (schema.anyOf?.[0]) return exampleOf(schema.anyOf[0], schemas)
  if (schema.items) return [exampleOf(schema.items, schemas)]
  if (schema.properties) return membersOf(schema, schemas)
  throw new Error(`a schema of the document has no example: ${JSON.stringify(schema)}`)
}

function membersOf({ properties = {}, required = [] }: Schema, schemas: Readonly<Record<string, object>>): object {
  const present = Object.entries(properties).filter(([name]) => required.includes(name))
  return Object.fromEntries(present.map(([name, schema]) => [name, exampleOf(schema, schemas)]))
}
