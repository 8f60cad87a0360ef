/** The severity of a finding, its cause and how to fix it. Fix every error before you rely on the service. */
export type Explanation = { readonly severity: 'error' | 'warning'; readonly cause: string; readonly fix: string }
