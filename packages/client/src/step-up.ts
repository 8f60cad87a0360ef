/** The request header that carries the step-up token. */
const STEP_UP_HEADER = 'Step-Up-Token'
const MFA_ACR = 'urn:edge-mfa:acr:mfa'

/** How a step-up token is obtained. */
export type StepUpOptions = {
  /**
   * Asks the user for a code and resolves to the step-up token, or to undefined when the user cancels. It runs once for
   * all requests that are refused while it runs.
   */
  readonly challenge: () => Promise<string | undefined>
}

/**
 * A `fetch` that obtains a step-up token when a server demands one, and repeats the request once with the token in the
 * header `Step-Up-Token`. When the user cancels, it resolves to the server's 401; when `challenge` rejects, so does it.
 * The body of a request is copied before it is sent, so that a stream can be sent again, too.
 * @see RFC 9470 §3
 */
export function withStepUp(send: typeof fetch, { challenge }: StepUpOptions): typeof fetch {
  let pending: Promise<string | undefined> | undefined

  async function sharedChallenge(): Promise<string | undefined> {
    pending ??= Promise.resolve(challenge()).finally(() => {
      pending = undefined
    })
    return pending
  }

  return async (input, init) => {
    const request = new Request(input, init)
    const copy = request.clone()
    const response = await send(request)
    const token = demandsStepUp(response) ? await untilAborted(sharedChallenge(), request.signal) : undefined
    if (token === undefined) {
      release(copy)
      return response
    }
    release(response)
    copy.headers.set(STEP_UP_HEADER, token)
    return send(copy)
  }
}

/** Whether a response asks for the second factor, and not, for example, for another sign-in. */
function demandsStepUp({ status, headers }: Response): boolean {
  const challenge = headers.get('WWW-Authenticate') ?? ''
  const [, values = ''] = /\bacr_values="([^"]*)"/.exec(challenge) ?? []
  const isInsufficient = /\berror="?insufficient_user_authentication\b/.test(challenge)
  return status === 401 && isInsufficient && values.split(' ').includes(MFA_ACR)
}

/** Frees what is buffered of a body that is not read. Nothing waits for it: a copy ends only with its original. */
function release({ body }: Request | Response): void {
  body?.cancel().catch(() => {})
}

/** The request that is aborted no longer waits; the others still do. */
function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
