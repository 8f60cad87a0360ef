/** Settings by name, as an environment file or the environment of a process has them. */
export type Settings = Readonly<Record<string, string>>

/** The service that the doctor examines. */
export type Target = {
  readonly settings: Settings
  /** Whether the settings come from a file. Then a name that is no setting is a finding. */
  readonly isFile: boolean
  /** The path of wrangler.toml, and the environment in it. */
  readonly wrangler: { readonly config: string; readonly env: string }
  /** Returns milliseconds since the epoch. */
  readonly now: () => number
}
