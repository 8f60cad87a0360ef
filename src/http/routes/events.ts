import * as z from 'zod/mini'
import type { EventRecord } from '../../core/events.ts'
import { newHono } from '../hono.ts'
import { guard } from '../middleware/guard.ts'
import { timestamp } from '../present.ts'
import { query } from '../validate.ts'

const LARGEST_PAGE = 100
const DEFAULT_PAGE = 20
const CURSOR_MESSAGE = 'must be the next_cursor of an earlier page'
const LIMIT_MESSAGE = `must be a whole number from 1 to ${LARGEST_PAGE}`

/** The query of a page of events: its cursor and size. */
export const eventsQuery = z.object({
  cursor: z._default(number(/^[1-9][0-9]{0,14}$/, CURSOR_MESSAGE), Number.MAX_SAFE_INTEGER),
  limit: z._default(
    number(/^[1-9][0-9]{0,2}$/, LIMIT_MESSAGE).check(z.refine((limit) => limit <= LARGEST_PAGE, LIMIT_MESSAGE)),
    DEFAULT_PAGE,
  ),
})

/** `GET …/events`: the events of the caller's second factor, newest first. */
export const events = newHono().get('/', ...guard(), query(eventsQuery), async (c) => {
  const { cursor, limit } = c.req.valid('query')
  const found = await c.env.store.readEvents(c.get('accessToken').subject, { before: cursor, limit: limit + 1 })
  const page = found.slice(0, limit)
  const last = page.at(-1)
  return c.json({
    events: page.map(presentEvent),
    next_cursor: last && found.length > limit ? String(last.sequence) : null,
  })
})

function presentEvent(event: EventRecord) {
  return {
    id: event.id,
    type: event.type,
    at: timestamp(event.at),
    authenticator_id: event.authenticatorId,
    country: event.country,
    ...(event.byAdministrator && { by: 'administrator' as const }),
    ...(event.byService && { by: 'service' as const }),
    ...(event.failedAttempts !== null && { failed_attempts: event.failedAttempts }),
  }
}

function number(pattern: RegExp, message: string) {
  return z.pipe(z.string(message).check(z.regex(pattern, message)), z.transform(Number))
}
