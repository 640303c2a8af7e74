/** What a token of the API may read; with `ship` it may start promotions. */
export const API_SCOPES = ['status', 'history', 'dora', 'ship'] as const;
export type ApiScope = (typeof API_SCOPES)[number];

/** What a token acts for that is no person's. */
export const PIPELINE = 'pipeline';

/** Who asked, where a pipeline did: stands where a Slack user id stands, and can be none. */
export function pipelineActor(token: string): string {
  return `${PIPELINE} ${token}`;
}

export function isPipeline(actor: string): boolean {
  return actor.startsWith(`${PIPELINE} `);
}
