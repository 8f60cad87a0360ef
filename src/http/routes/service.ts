import { newHono } from '../hono.ts'
import { bearer } from '../middleware/bearer.ts'
import { rateLimitAddress, rateLimitSubject } from '../middleware/rate-limit.ts'
import { scope } from '../middleware/scope.ts'
import { notOneself, target } from '../target.ts'
import { jsonBody } from '../validate.ts'
import { challengeBody, challengeSubject } from './challenge.ts'

const CHALLENGE = 'mfa:challenge'

/** `POST /api/service/users/{sub}/challenge`: a challenge by a backend that holds no access token of the user. */
export const service = newHono().post(
  '/challenge',
  rateLimitAddress(),
  bearer(),
  rateLimitSubject((c) => target(c).sub),
  scope(CHALLENGE),
  ...jsonBody(challengeBody),
  notOneself,
  async (c) => {
    const { sub } = c.get('accessToken').subject
    return c.json(await challengeSubject(c, { body: c.req.valid('json'), subject: target(c), service: sub }))
  },
)
