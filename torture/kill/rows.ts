import { type Client, createClient, type Row } from '@libsql/client/http'

/** An event as it is stored. */
export type StoredEvent = {
  readonly sequence: number
  readonly type: string
  readonly requestId: string
  readonly authenticatorId: string | null
}

/** What is stored about one subject. */
export type SubjectRows = {
  readonly enabled: boolean
  readonly generation: number
  readonly eventSequence: number
  readonly failures: number
  readonly failedAttempts: number
  /** Active authenticators. */
  readonly active: readonly { readonly id: string; readonly lastStep: number }[]
  /** Pending secrets, with how many codes each was tried with. */
  readonly pending: readonly { readonly attempts: number }[]
  readonly backupCodes: { readonly total: number; readonly used: number }
  readonly repeats: number
  /** Oldest first. */
  readonly events: readonly StoredEvent[]
  readonly keyUses: number
}

/** What is stored, by `sub`, and how many owners of rows there are not. */
export type Stored = { readonly subjects: ReadonlyMap<string, SubjectRows>; readonly orphans: number }

const TABLES = ['authenticator', 'backup_code', 'verify_repeat', 'event', 'key_use'] as const
type Table = (typeof TABLES)[number]
type RowsBySubject = ReadonlyMap<number, readonly Row[]>
type Tables = ReadonlyMap<Table, RowsBySubject>

/** Reads everything, past the service. */
export async function readStored(databaseUrl: string): Promise<Stored> {
  const client = createClient({ url: databaseUrl })
  try {
    const subjects = await read(client, 'subject')
    const known = new Set(subjects.map((row) => Number(row['id'])))
    const tables = await readTables(client)
    const owners = [...tables.values()].flatMap((rows) => [...rows.keys()])
    return {
      subjects: new Map(subjects.map((row) => [String(row['sub']), toSubject(row, tables)])),
      orphans: owners.filter((id) => !known.has(id)).length,
    }
  } finally {
    client.close()
  }
}

async function readTables(client: Client): Promise<Tables> {
  const rows = TABLES.map(async (table): Promise<[Table, RowsBySubject]> => {
    return [table, Map.groupBy(await read(client, table), (row) => Number(row['subject_id']))]
  })
  return new Map(await Promise.all(rows))
}

async function read(client: Client, table: Table | 'subject'): Promise<readonly Row[]> {
  return (await client.execute(`SELECT * FROM ${table}`)).rows
}

function toSubject(row: Row, tables: Tables): SubjectRows {
  const own = (table: Table) => tables.get(table)?.get(Number(row['id'])) ?? []
  const authenticators = own('authenticator')
  const codes = own('backup_code')
  return {
    enabled: row['enabled_at'] !== null,
    generation: Number(row['generation']),
    eventSequence: Number(row['event_sequence']),
    failures: Number(row['failures']),
    failedAttempts: Number(row['failed_attempts']),
    active: authenticators
      .filter(({ state }) => state === 'active')
      .map((each) => ({ id: String(each['id']), lastStep: Number(each['last_step']) })),
    pending: authenticators
      .filter(({ state }) => state === 'pending')
      .map((each) => ({ attempts: (JSON.parse(String(each['attempts'])) as unknown[]).length })),
    backupCodes: { total: codes.length, used: codes.filter((code) => code['used_at'] !== null).length },
    repeats: own('verify_repeat').length,
    events: own('event')
      .map(toEvent)
      .sort((a, b) => a.sequence - b.sequence),
    keyUses: own('key_use').length,
  }
}

function toEvent(row: Row): StoredEvent {
  const authenticatorId = row['authenticator_id']
  return {
    sequence: Number(row['sequence']),
    type: String(row['type']),
    requestId: String(row['request_id']),
    authenticatorId: authenticatorId == null ? null : String(authenticatorId),
  }
}
