/** The source of random values. It is an argument of `core`, whose functions depend only on their arguments. */
export type Random = {
  /** Returns bytes of a cryptographically secure generator. */
  readonly bytes: (length: number) => Uint8Array<ArrayBuffer>
  /** Returns a random UUID (RFC 9562 §5.4). */
  readonly uuid: () => string
}
