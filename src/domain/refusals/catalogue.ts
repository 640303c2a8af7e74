import type { RefusalFacts } from './refusal.ts';

/** What a person reads: what happened and why, and what to do about it. RefusalFacts are raw outside text. */
export type RefusalText = { text: string; hint?: string };

export type RefusalCatalogue = Record<string, (facts: RefusalFacts) => RefusalText>;
