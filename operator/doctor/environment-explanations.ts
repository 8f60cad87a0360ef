import type { Explanation } from './explanation.ts'

/** What can be wrong with what the service relies on: its jobs, the servers around it, its deployment. */
export const ENVIRONMENT_EXPLANATIONS = {
  // Jobs
  'cron-stopped': {
    severity: 'error',
    cause:
      'What the cron deletes or delivers every minute has been due for over ten minutes: it does not run, or fails.',
    cure: 'Look at the Worker’s cron events and its log lines with job; deploy with [triggers] crons = ["* * * * *"].',
  },
  'cron-local': {
    severity: 'warning',
    cause: 'Expired rows wait: under wrangler dev nothing fires the cron by itself.',
    cure: 'curl PUBLIC_URL/cdn-cgi/handler/scheduled',
  },
  'deliveries-given-up': {
    severity: 'warning',
    cause: 'Webhooks were given up after three days of tries.',
    cure: 'Mend the receiver, then npm run outbox -- retry.',
  },
  'deliveries-paused': {
    severity: 'error',
    cause: 'The receiver of webhooks answered 410 (gone), so nothing is delivered.',
    cure: 'Mend the receiver, then npm run outbox -- retry.',
  },
  'deliveries-orphaned': {
    severity: 'warning',
    cause: 'Webhooks wait, and WEBHOOK_URL is not set.',
    cure: 'Set WEBHOOK_URL and WEBHOOK_SECRET again, or let the cron delete them after EVENT_RETENTION_DAYS.',
  },
  // Around
  'key-set-unreachable': {
    severity: 'error',
    cause:
      'The key set of an issuer did not answer with 200 within 1.5 s, redirects not followed; without it its access tokens get 503.',
    cure: 'Open it from outside your network; correct the URL or the server.',
  },
  'key-set-unusable': {
    severity: 'error',
    cause: 'The key set holds no key for the algorithms of its issuer (RSA takes 2048 bits), or is no key set.',
    cure: 'Correct AUTH_JWKS_URL (or AUTH_JWKS) or AUTH_ALGORITHMS; in AUTH_ISSUERS, the members of the entry.',
  },
  'key-set-private': {
    severity: 'error',
    cause: 'The key set of the issuer publishes a private key; anybody can make access tokens.',
    cure: 'Take it off at the issuer, and rotate that key there.',
  },
  'key-set-own': {
    severity: 'error',
    cause: 'AUTH_JWKS_URL is the key set of this service; access tokens are not signed by it.',
    cure: 'Set AUTH_JWKS_URL to the key set of your issuer.',
  },
  'receiver-unreachable': {
    severity: 'error',
    cause: 'The receiver of webhooks did not answer; events wait, and are given up after three days.',
    cure: 'Correct WEBHOOK_URL, or start the receiver.',
  },
  'receiver-refuses': {
    severity: 'error',
    cause: 'The receiver redirects, is gone (410) or fails (5xx); a redirect is not followed.',
    cure: 'Set WEBHOOK_URL to where the receiver itself is, or mend it.',
  },
  'service-unreachable': {
    severity: 'warning',
    cause: 'Nobody answers at PUBLIC_URL. Before the first deploy that is as it must be.',
    cure: 'Deploy; else compare PUBLIC_URL with the route or domain of the Worker.',
  },
  'service-unhealthy': {
    severity: 'error',
    cause: 'The service at PUBLIC_URL does not say that it is well.',
    cure: '500: its log names the settings at fault. 503: the Worker does not reach its database.',
  },
  'service-elsewhere': {
    severity: 'error',
    cause: 'The service at PUBLIC_URL names another PUBLIC_URL in its problems, or is no Edge MFA.',
    cure: 'Set the same PUBLIC_URL here and at the Worker.',
  },
  'signing-key-unpublished': {
    severity: 'error',
    cause:
      'The signing key is not in the key set that PUBLIC_URL publishes: verifiers refuse its tokens for up to 300 s.',
    cure: 'Publish it first by STEP_UP_EXTRA_JWKS and wait 300 s; or the secret of the Worker is another one.',
  },
  'clock-differs': {
    severity: 'error',
    cause: 'This machine’s clock and that of another one differ by more than 30 s, a whole step of TOTP.',
    cure: 'See docs/operations/incidents.md, "A clock was wrong".',
  },
  // wrangler.toml
  'variable-large': {
    severity: 'error',
    cause: 'The value is larger than 5 kB, which is what a variable or secret of a Worker holds.',
    cure: 'Spread a list of issuers over AUTH_ISSUERS_2 to AUTH_ISSUERS_9; name a jwks_url in place of a key set.',
  },
  'secret-in-vars': {
    severity: 'error',
    cause:
      'A secret is in [vars] of wrangler.toml, where everyone with access to the repository or dashboard can read it.',
    cure: 'Replace the secret, remove it from [vars], and set it: npx wrangler secret put NAME --env ENVIRONMENT.',
  },
  'cron-unset': {
    severity: 'error',
    cause: 'wrangler.toml has no cron of every minute for this environment.',
    cure: 'Add [env.….triggers] crons = ["* * * * *"].',
  },
  'limits-unset': {
    severity: 'error',
    cause: 'wrangler.toml does not bind both rate limits for this environment; an unbound one limits nothing.',
    cure: 'Add both [[env.….ratelimits]] as env.production has them.',
  },
  'limits-wide': {
    severity: 'warning',
    cause: 'A rate limit is as wide as that of the local service.',
    cure: 'Narrow it as env.production has it.',
  },
  'metrics-unset': {
    severity: 'warning',
    cause: 'wrangler.toml binds no METRICS for this environment: nothing is measured.',
    cure: 'Add [[env.….analytics_engine_datasets]] as env.production has it.',
  },
} as const satisfies Record<string, Explanation>
