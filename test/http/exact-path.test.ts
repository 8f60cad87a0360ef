import { describe, expect, it } from 'vitest'
import { expectProblem } from '../support/problems.ts'
import { newUser, PROFILE, startService } from '../support/service.ts'

const service = startService()

describe('a slash at the end of a path', () => {
  it.each([
    `GET ${PROFILE}/`,
    `POST ${PROFILE}/setup/`,
    `PUT ${PROFILE}/setup/`,
    `POST ${PROFILE}/authenticators/x/remove/`,
    'GET /api/admin/users/bob/mfa/',
    'GET /.well-known/jwks.json/',
    'GET /health/',
    'GET /docs/',
    'GET /problems/invalid-code/',
  ])('leads nowhere: %s', async (operation) => {
    const { token } = await newUser({ scope: 'mfa:admin' })
    expectProblem(await service.call(operation, { token }), 'not-found')
  })

  it('is all there is of the path of the page', async () => {
    const open = startService({ PAGE_ENABLED: 'true' })
    expect((await open.call('GET /')).status).toBe(200)
  })
})
