/** How bad a finding is, why it is so, and what mends it. An error must be mended before the service is relied on. */
export type Explanation = { readonly severity: 'error' | 'warning'; readonly cause: string; readonly cure: string }
