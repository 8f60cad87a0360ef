/** Secrets of the Worker under test, chosen so that a leak of any of them can be searched for. */
export const SECRETS = {
  hs256: 'cGxhbnRlZC1oczI1Ni1zZWNyZXQtMDEyMzQ1Njc4OWFiY2RlZg',
  master: 'cGxhbnRlZC1tYXN0ZXIta2V5LTAxMjM0NTY3ODlhYmM',
  otherMaster: 'b3RoZXItcGxhbnRlZC1tYXN0ZXItLTAxMjM0NTY3ODk',
} as const
