/** What a token of the API may read. */
export const API_SCOPES = ['status', 'history', 'dora'] as const;
export type ApiScope = (typeof API_SCOPES)[number];
