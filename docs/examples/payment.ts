import { createHash, randomUUID } from 'node:crypto'
import { type Context, Hono } from 'hono'
// In your application: '@edge-mfa/verify/hono' and '@edge-mfa/verify'.
import { requireStepUp, type Subject } from '../../packages/verify/src/hono.ts'
import type { StepUpVerifier } from '../../packages/verify/src/verify.ts'

/** What the API trusts. */
export type Trust = {
  /** `iss` and `sub` of the access token of a request, once verified; undefined for a request without a valid one. */
  readonly subject: (context: Context) => Promise<Subject | undefined>
  /** With a store, since a `txn` is accepted once. */
  readonly verifier: StepUpVerifier
}

type Payment = { readonly id: string; readonly from: string; readonly to: string; readonly amount: number }

/**
 * Approval of payments. `POST /payments` prepares a payment and answers its `txn`, for which the client then requests the
 * step-up token; `POST /payments/{id}/approval` executes it with that token.
 */
export function paymentsApi({ subject, verifier }: Trust) {
  // In your application: a table.
  const prepared = new Map<string, Payment>()
  const txn = (c: Context): string => txnOf(prepared.get(c.req.param('id') ?? ''))

  async function prepare(c: Context, id: string): Promise<Response> {
    const user = await subject(c)
    if (user === undefined) return c.json({ error: 'invalid_token' }, 401, { 'WWW-Authenticate': 'Bearer' })
    if ((prepared.get(id)?.from ?? user.sub) !== user.sub) return c.json({ error: 'not_found' }, 404)
    const { to, amount } = await c.req.json<{ to: string; amount: number }>()
    const payment = { id, from: user.sub, to, amount }
    prepared.set(id, payment)
    return c.json({ ...payment, txn: txnOf(payment) })
  }

  return new Hono()
    .post('/payments', (c) => prepare(c, randomUUID()))
    .put('/payments/:id', (c) => prepare(c, c.req.param('id')))
    .post('/payments/:id/approval', requireStepUp({ verifier, subject, txn }), (c) => {
      const payment = prepared.get(c.req.param('id') ?? '')
      // Between the check and here the payment may have been changed or executed.
      const { sub, txn: approved } = c.get('stepUp')
      if (payment?.from !== sub || txnOf(payment) !== approved) return c.json({ error: 'not_found' }, 404)
      prepared.delete(payment.id)
      return c.json({ executed: payment })
    })
    .post('/payees', requireStepUp({ verifier, subject }), (c) => c.json({ added: true }))
}

/** All that the user approves. A change of any part of it needs another approval. */
function txnOf(payment: Payment | undefined): string {
  const approved = payment && [payment.id, payment.from, payment.to, payment.amount]
  return createHash('sha256')
    .update(JSON.stringify(approved ?? null))
    .digest('base64url')
}
