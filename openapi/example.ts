/** The keywords of JSON Schema that an example is made from. */
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
 * Returns a value of the schema, made from the first example of each of its parts. Optional members are left out.
 * `schemas` are the targets of `$ref`. Throws when a part has no example.
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
  throw new Error(`the schema has no example: ${JSON.stringify(schema)}`)
}

function membersOf({ properties = {}, required = [] }: Schema, schemas: Readonly<Record<string, object>>): object {
  const present = Object.entries(properties).filter(([name]) => required.includes(name))
  return Object.fromEntries(present.map(([name, schema]) => [name, exampleOf(schema, schemas)]))
}
