import type { Context, MiddlewareHandler } from 'hono'
import { requestId as honoRequestId } from 'hono/request-id'

const HEADER = 'X-Request-Id'
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/** Sets the request id of the response and the log line. An `X-Request-Id` of the client is used if it is a UUID. */
export function requestId(): MiddlewareHandler<{ Variables: { requestId: string } }> {
  const assign = honoRequestId({ headerName: '', generator: inboundOrNew })
  return async function requestId(c, next) {
    await assign(c, async () => {
      c.header(HEADER, c.get('requestId'))
      await next()
    })
  }
}

function inboundOrNew(c: Context): string {
  const inbound = c.req.header(HEADER)
  return inbound !== undefined && UUID.test(inbound) ? inbound : crypto.randomUUID()
}
