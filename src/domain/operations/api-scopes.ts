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

/** The same as one word, for programs: `pipeline:ci`. */
export function actorWord(actor: string): string {
  return isPipeline(actor) ? actor.replace(' ', ':') : actor;
}

/** What a header can bring, and nobody guesses. */
export const API_TOKEN = /^[\x21-\x7e]{20,500}$/;
export const A_TOKEN = 'a token of 20 to 500 characters of ASCII without spaces';
