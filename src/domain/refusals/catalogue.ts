import { auditRefusals } from './audit.ts';
import { clickRefusals } from './clicks.ts';
import { configRefusals } from './config.ts';
import { engineRefusals } from './engine.ts';
import { freezeRefusals } from './freeze.ts';
import { gitRefusals } from './git.ts';
import { githubRefusals } from './github.ts';
import { platformRefusals } from './platforms.ts';
import { promotionRefusals } from './promotion.ts';
import { releaseRefusals } from './release.ts';
import { requestRefusals } from './requests.ts';
import type { RefusalCatalogue, RefusalFacts } from './sentence.ts';
import { sourceRefusals } from './sources.ts';
import { stateRefusals } from './state.ts';

/** Every sentence that a person can be refused with, by code. */
export const CATALOGUE = {
  ...promotionRefusals,
  ...engineRefusals,
  ...freezeRefusals,
  ...releaseRefusals,
  ...gitRefusals,
  ...githubRefusals,
  ...platformRefusals,
  ...stateRefusals,
  ...requestRefusals,
  ...clickRefusals,
  ...auditRefusals,
  ...sourceRefusals,
  ...configRefusals,
} satisfies RefusalCatalogue;

/** A code that has its sentence. */
export type RefusalCode = keyof typeof CATALOGUE;

/** The facts that the sentence of a code quotes; one that quotes none may be given any, for the audit. */
export type FactsOf<Code extends RefusalCode> =
  Parameters<(typeof CATALOGUE)[Code]> extends [infer Facts] ? Facts : RefusalFacts;
