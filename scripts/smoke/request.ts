const TIMEOUT_MS = 10_000

/** An answer of the service, read. `body` is undefined where it is no JSON object. */
export type Answer = {
  readonly status: number
  readonly headers: Headers
  readonly body: Readonly<Record<string, unknown>> | undefined
}

/** One request; a service that does not answer throws. A redirect is not followed. */
export async function request(
  url: string,
  options: { readonly method?: string; readonly token?: string; readonly body?: object } = {},
): Promise<Answer> {
  const { method = 'GET', token, body } = options
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: {
      ...(token && { Authorization: `Bearer ${token}` }),
      ...(body && { 'Content-Type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  })
  return { status: response.status, headers: response.headers, body: parseObject(await response.text()) }
}

function parseObject(text: string): Answer['body'] {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
