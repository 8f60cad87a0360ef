/** Does a thing once, and answers whether it came out as it should. */
export type Work = () => boolean | Promise<boolean>

/** A thing to be measured, and whose code does it. */
export type Job = {
  readonly what: string
  readonly by: string
  /** Makes ready what is not measured. */
  readonly prepare: () => Work | Promise<Work>
}

/** Makes a value at the first call; every other one gets the same. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: { readonly value: Value } | undefined
  return async () => {
    made ??= { value: await make() }
    return made.value
  }
}
