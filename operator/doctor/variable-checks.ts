import { unstable_readConfig as readConfig } from 'wrangler'
import type { SETTING_NAMES } from '../../src/config.ts'
import { type Finding, finding } from './findings.ts'
import type { Settings } from './target.ts'

/** Bytes of the largest variable or secret of a Worker. @see https://developers.cloudflare.com/workers/platform/limits/ */
const LARGEST_VARIABLE = 5_000
/** Settings that are secret whatever their value. */
const SECRETS: readonly string[] = [
  'TURSO_AUTH_TOKEN',
  'AUTH_HS256_SECRET',
  'MFA_KEYS',
  'STEP_UP_PRIVATE_JWK',
  'WEBHOOK_SECRET',
] satisfies readonly (typeof SETTING_NAMES)[number][]
/** The member that makes a list of issuers secret. */
const SECRET_MEMBER = '"hs256_secret"'

/** Settings that are too large for a variable or secret of a Worker. */
export function checkSizes(settings: Settings): readonly Finding[] {
  return Object.entries(settings).flatMap(([name, value]) => {
    const bytes = Buffer.byteLength(value)
    return bytes > LARGEST_VARIABLE ? [finding('variable-large', `${name}: ${bytes} bytes`)] : []
  })
}

/** The `[vars]` of an environment of wrangler.toml: none too large, none secret. */
export function checkVariables(file: { readonly config: string; readonly env: string }): readonly Finding[] {
  const { vars } = readConfig(file, { hideWarnings: true })
  const where = file.env === '' ? 'vars' : `env.${file.env}.vars`
  const texts = Object.entries(vars).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ])
  const located = Object.fromEntries(texts.map(([name, text]) => [`${where}.${name}`, text]))
  const secret = texts.filter(([name, text]) => SECRETS.includes(name) || text.includes(SECRET_MEMBER))
  return [...checkSizes(located), ...secret.map(([name]) => finding('secret-in-vars', `${where}.${name}`))]
}
