import express, { type Express, type Request } from 'express'
// In your application: '@edge-mfa/verify/express' and '@edge-mfa/verify'.
import { requireStepUp, type Subject } from '../../packages/verify/src/express.ts'
import type { StepUpVerifier } from '../../packages/verify/src/verify.ts'

/** What the API trusts. */
export type Trust = {
  /** `iss` and `sub` of the access token of a request, once verified; undefined for a request without a valid one. */
  readonly subject: (request: Request) => Promise<Subject | undefined>
  readonly verifier: StepUpVerifier
}

/** Pattern B on Express 5. A balance takes an access token; a transfer also takes a step-up token. */
export function transfersApi({ subject, verifier }: Trust): Express {
  const app = express()
  app.get('/balance', async (request, response) => {
    if (await subject(request)) response.json({ balance: 100 })
    else response.status(401).set('WWW-Authenticate', 'Bearer').json({ error: 'invalid_token' })
  })
  app.post('/transfers', requireStepUp({ verifier, subject }), express.json(), (request, response) => {
    response.json({ from: request.stepUp?.sub, amount: request.body.amount })
  })
  return app
}
