import type { PlacedOperation } from './contract.ts'

/** The URL of the local service. */
const ORIGIN = 'http://127.0.0.1:8787'

/** Returns a command that calls the operation of the local service with the access token `$TOKEN`. */
export function curlOf(operation: PlacedOperation): string {
  const { method, path, requestBody, security } = operation
  const verb = method === 'get' ? '' : ` -X ${method.toUpperCase()}`
  const [scope] = security.flatMap(({ accessToken }) => accessToken)
  const token = scope === undefined ? '$TOKEN' : scope === 'mfa:challenge' ? '$SERVICE_TOKEN' : '$ADMIN_TOKEN'
  const body = requestBody?.content['application/json']?.example
  const lines = [
    `curl -s${verb}`,
    ...(security.length > 0 ? [`-H "Authorization: Bearer ${token}"`] : []),
    ...(body === undefined ? [] : ["-H 'Content-Type: application/json'", `-d '${JSON.stringify(body)}'`]),
    `${ORIGIN}${filled(path, operation)}`,
  ]
  return lines.join(' \\\n  ')
}

/** The variables that the commands need. */
export const TOKEN_COMMANDS = `TOKEN=$(npm run --silent token -- --sub alice)
ADMIN_TOKEN=$(npm run --silent token -- --sub helpdesk --scope mfa:admin)
SERVICE_TOKEN=$(npm run --silent token -- --sub login-backend --scope mfa:challenge)`

function filled(path: string, { parameters = [] }: PlacedOperation): string {
  return path.replaceAll(/\{([a-z]+)\}/g, (_, name: string) => {
    const example = parameters.find((parameter) => parameter.name === name)?.schema.examples?.[0]
    return encodeURIComponent(String(example))
  })
}
