import type { Explanation } from './explanation.ts'

/** Findings about what the service relies on: its jobs, other servers and its deployment. */
export const ENVIRONMENT_EXPLANATIONS = {
  // Jobs
  'cron-stopped': {
    severity: 'error',
    cause:
      'Work of the cron, which runs every minute, is overdue by more than ten minutes: it does not run, or it fails.',
    fix: 'Check the cron events of the Worker and its log lines with job. Deploy with [triggers] crons = ["* * * * *"].',
  },
  'cron-local': {
    severity: 'warning',
    cause: 'Work of the cron is overdue: under wrangler dev, the cron does not run by itself.',
    fix: 'curl PUBLIC_URL/cdn-cgi/handler/scheduled',
  },
  'deliveries-given-up': {
    severity: 'warning',
    cause: 'Webhooks could not be delivered for three days and are no longer retried.',
    fix: 'Repair the receiver, then npm run outbox -- retry.',
  },
  'deliveries-paused': {
    severity: 'error',
    cause: 'The webhook receiver answered 410 (Gone), so all deliveries are paused.',
    fix: 'Repair the receiver, then npm run outbox -- retry.',
  },
  'deliveries-orphaned': {
    severity: 'warning',
    cause: 'Webhooks are queued, but WEBHOOK_URL is not set.',
    fix: 'Set WEBHOOK_URL and WEBHOOK_SECRET again, or let the cron delete them after EVENT_RETENTION_DAYS.',
  },
  // Other servers
  'key-set-unreachable': {
    severity: 'error',
    cause:
      'The key set of an issuer did not answer with 200 within 1.5 s (redirects are not followed). Without it, requests get 503.',
    fix: 'Request it from outside of your network. Correct the URL or repair the server.',
  },
  'key-set-unusable': {
    severity: 'error',
    cause: 'The key set is malformed, or has no key for the algorithms of its issuer (RSA needs at least 2048 bits).',
    fix: 'Correct AUTH_JWKS_URL (or AUTH_JWKS), or AUTH_ALGORITHMS; in AUTH_ISSUERS, the members of the entry.',
  },
  'key-set-private': {
    severity: 'error',
    cause: 'The key set of the issuer contains a private key, so anyone can sign access tokens.',
    fix: 'Remove it from the key set and rotate the key at the issuer.',
  },
  'key-set-own': {
    severity: 'error',
    cause: 'AUTH_JWKS_URL is the key set of this service, which does not sign access tokens.',
    fix: 'Set AUTH_JWKS_URL to the key set of your issuer.',
  },
  'receiver-unreachable': {
    severity: 'error',
    cause: 'The webhook receiver did not respond. Events are queued, and retried for three days.',
    fix: 'Correct WEBHOOK_URL, or start the receiver.',
  },
  'receiver-refuses': {
    severity: 'error',
    cause: 'The webhook receiver redirects, answers 410 (Gone) or fails (5xx). Redirects are not followed.',
    fix: 'Set WEBHOOK_URL to the final address, or repair the receiver.',
  },
  'service-unreachable': {
    severity: 'warning',
    cause: 'The service at PUBLIC_URL did not respond. This is expected before the first deployment.',
    fix: 'Deploy the service, or compare PUBLIC_URL with the route or the domain of the Worker.',
  },
  'service-unhealthy': {
    severity: 'error',
    cause: 'The health check of the service at PUBLIC_URL failed.',
    fix: '500: the log of the Worker names the malformed settings. 503: the Worker cannot reach its database.',
  },
  'service-elsewhere': {
    severity: 'error',
    cause: 'The service at PUBLIC_URL has another PUBLIC_URL in its problems, or is not Edge MFA.',
    fix: 'Set the same PUBLIC_URL here and at the Worker.',
  },
  'signing-key-unpublished': {
    severity: 'error',
    cause: 'The signing key is not in the key set at PUBLIC_URL. Verifiers reject its tokens for up to 300 s.',
    fix: 'Publish it in STEP_UP_EXTRA_JWKS first and wait 300 s. Or the Worker has another STEP_UP_PRIVATE_JWK.',
  },
  'clock-differs': {
    severity: 'error',
    cause: 'The clocks of this machine and the other one differ by more than 30 s, one TOTP time step.',
    fix: 'See docs/operations/incidents.md, "A clock was wrong".',
  },
  // wrangler.toml
  'variable-large': {
    severity: 'error',
    cause: 'The value is larger than 5 kB, which is what a variable or secret of a Worker holds.',
    fix: 'Spread a list of issuers over AUTH_ISSUERS_2 to AUTH_ISSUERS_9; name a jwks_url in place of a key set.',
  },
  'secret-in-vars': {
    severity: 'error',
    cause:
      'A secret is in [vars] of wrangler.toml, where everyone with access to the repository or dashboard can read it.',
    fix: 'Replace the secret, remove it from [vars], and set it: npx wrangler secret put NAME --env ENVIRONMENT.',
  },
  'cron-unset': {
    severity: 'error',
    cause: 'wrangler.toml has no cron that runs every minute for this environment.',
    fix: 'Add [env.….triggers] crons = ["* * * * *"].',
  },
  'limits-unset': {
    severity: 'error',
    cause: 'wrangler.toml does not bind both rate limits for this environment. Without a binding there is no limit.',
    fix: 'Add both [[env.….ratelimits]] as in env.production.',
  },
  'limits-wide': {
    severity: 'warning',
    cause: 'A rate limit is as high as that of the local service.',
    fix: 'Lower it to the value in env.production.',
  },
  'metrics-unset': {
    severity: 'warning',
    cause: 'wrangler.toml does not bind METRICS for this environment, so no metrics are written.',
    fix: 'Add [[env.….analytics_engine_datasets]] as in env.production.',
  },
} as const satisfies Record<string, Explanation>
