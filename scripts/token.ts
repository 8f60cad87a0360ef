import { parseArgs } from 'node:util'
import { CliError } from '../operator/cli-error.ts'
import { run } from './lib/process.ts'
import { localSettings } from './lib/settings.ts'
import { signAccessToken } from './lib/token.ts'

const USAGE = `npm run --silent token -- --sub alice [--scope "mfa:admin"] [--expires-in 600] [--claims '{"email":"alice@example.com"}'] [--issuer URL]`

await run(async () => {
  const { values } = parseArgs({
    options: {
      sub: { type: 'string' },
      scope: { type: 'string' },
      'expires-in': { type: 'string', default: '600' },
      claims: { type: 'string', default: '{}' },
      issuer: { type: 'string' },
    },
  })
  if (!values.sub) throw new CliError(`Say whose token: ${USAGE}`)
  const expiresInSeconds = Number(values['expires-in'])
  if (!/^-?[1-9][0-9]*$/.test(values['expires-in'])) throw new CliError(`--expires-in takes whole seconds: ${USAGE}`)
  const { sub, scope, issuer } = values
  const request = { sub, scope, issuer, expiresInSeconds, claims: parseClaims(values.claims) }
  console.log(await signAccessToken(await localSettings(), request))
})

function parseClaims(text: string): Record<string, unknown> {
  try {
    const claims: unknown = JSON.parse(text)
    if (typeof claims === 'object' && claims !== null && !Array.isArray(claims))
      return claims as Record<string, unknown>
    throw new TypeError('no object')
  } catch {
    throw new CliError(`--claims takes a JSON object: ${USAGE}`)
  }
}
