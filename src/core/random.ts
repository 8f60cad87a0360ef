/** Where unpredictable bits come from; handed in, so that `core` stays a function of its arguments. */
export type Random = {
  /** Bytes of a cryptographically secure generator. */
  readonly bytes: (length: number) => Uint8Array<ArrayBuffer>
  /** A random UUID (RFC 9562 §5.4). */
  readonly uuid: () => string
}
