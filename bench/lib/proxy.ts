import { Agent, createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'

/** One call of the database: whether its transaction may write, and its statements without those that begin and end it. */
export type Call = { readonly isWrite: boolean; readonly statements: number }

/** Stands between a Worker and its database, as the distance between two regions would. */
export type DatabaseProxy = {
  readonly url: string
  /** Milliseconds that each call waits on its way. */
  delay: (ms: number) => void
  /** Notes the calls that are made while `during` runs. */
  readonly watch: (during: () => Promise<unknown>) => Promise<readonly Call[]>
  readonly end: () => Promise<void>
}

/** Starts one before the database at this address. */
export async function startProxy(databaseUrl: string): Promise<DatabaseProxy> {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  const { hostname, port } = new URL(databaseUrl)
  let delayMs = 0
  let watched: Call[] | undefined

  const relay = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks)
    watched?.push(readCall(body))
    if (delayMs > 0) await sleep(delayMs)
    const { method, url: path } = request
    const headers = { 'content-type': 'application/json', 'content-length': body.length }
    const onward = send({ agent, hostname, port, method, path, headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    onward.end(body)
  }

  const server = createServer((request, response) => void relay(request, response).catch(() => response.destroy()))
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    url: `http://127.0.0.1:${address.port}`,
    delay: (ms) => {
      delayMs = ms
    },
    watch: async (during) => {
      const calls: Call[] = []
      watched = calls
      await during().finally(() => {
        watched = undefined
      })
      return calls
    },
    end: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      agent.destroy()
    },
  }
}

type Text = { readonly sql?: string; readonly sql_id?: number }
type Request = Text & {
  readonly type: string
  readonly batch?: { readonly steps: readonly { readonly stmt: Text }[] }
  readonly stmt?: Text
}

/** Reads a pipeline of the libSQL protocol, in which a text may stand apart from the statements that use it. */
function readCall(body: Buffer): Call {
  const { requests } = JSON.parse(String(body)) as { readonly requests: readonly Request[] }
  const stored = new Map(requests.filter(({ type }) => type === 'store_sql').map(({ sql_id, sql }) => [sql_id, sql]))
  const statements = requests.flatMap(({ batch, stmt }) => batch?.steps.map((step) => step.stmt) ?? stmt ?? [])
  const texts = statements.map(({ sql, sql_id }) => sql ?? stored.get(sql_id) ?? '')
  const isFrame = (sql: string) => /^\s*(BEGIN|COMMIT|ROLLBACK)\b/i.test(sql)
  const isWrite = texts.some((sql) => /^\s*(BEGIN IMMEDIATE|INSERT|UPDATE|DELETE)\b/i.test(sql))
  return { isWrite, statements: texts.filter((sql) => !isFrame(sql)).length }
}
