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
