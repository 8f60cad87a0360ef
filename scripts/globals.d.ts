/**
 * Names that src/ knows from the Workers runtime and Node has too, but declares elsewhere. The scripts take in parts of
 * src/, and the DOM library would bring them a `document` that is not there.
 */
declare type CryptoKey = import('node:crypto').webcrypto.CryptoKey
declare type JsonWebKey = import('node:crypto').JsonWebKey

declare module 'crypto' {
  namespace webcrypto {
    interface SubtleCrypto {
      /** Uses of a key are plain strings to the Workers runtime. */
      deriveKey(
        algorithm: HkdfParams,
        baseKey: CryptoKey,
        derivedKeyAlgorithm: HmacImportParams | AesDerivedKeyParams,
        extractable: boolean,
        keyUsages: readonly string[],
      ): Promise<CryptoKey>
    }
  }
}

/** What a request brings that came through the edge, and what one that goes out may ask of it. */
interface Request {
  readonly cf?: { readonly country?: string }
}
interface RequestInit {
  readonly cf?: object
}

/** Bindings of the Worker, as far as `src/` uses them. */
type RateLimit = { limit(options: { readonly key: string }): Promise<{ readonly success: boolean }> }
type AnalyticsEngineDataset = { writeDataPoint(point: object): void }
type Fetcher = { fetch(input: URL): Promise<Response> }

/** The cache of an edge location. */
declare const caches: {
  readonly default: {
    match(url: string): Promise<Response | undefined>
    put(url: string, response: Response): Promise<void>
  }
}
