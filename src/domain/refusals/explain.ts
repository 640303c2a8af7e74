import { auditRefusals } from './audit.ts';
import type { RefusalCatalogue, RefusalText } from './catalogue.ts';
import { clickRefusals } from './clicks.ts';
import { configRefusals } from './config.ts';
import { engineRefusals } from './engine.ts';
import { freezeRefusals } from './freeze.ts';
import { gitRefusals } from './git.ts';
import { githubRefusals } from './github.ts';
import { metricsRefusals } from './metrics.ts';
import { platformRefusals } from './platforms.ts';
import { promotionRefusals } from './promotion.ts';
import type { Refusal } from './refusal.ts';
import { releaseRefusals } from './release.ts';
import { requestRefusals } from './requests.ts';
import { stateRefusals } from './state.ts';
import { targetRefusals } from './target.ts';

/** Every sentence that a person can be refused with, by code. A test finds codes without one. */
const CATALOGUE: RefusalCatalogue = {
  ...promotionRefusals,
  ...engineRefusals,
  ...freezeRefusals,
  ...releaseRefusals,
  ...gitRefusals,
  ...githubRefusals,
  ...targetRefusals,
  ...platformRefusals,
  ...stateRefusals,
  ...requestRefusals,
  ...clickRefusals,
  ...auditRefusals,
  ...metricsRefusals,
  ...configRefusals,
};

/** The sentence for a refusal; raw text, the renderer escapes it. Never throws, whatever the code and facts. */
export function explain(refusal: Refusal): RefusalText {
  const sentence = Object.hasOwn(CATALOGUE, refusal.code) ? CATALOGUE[refusal.code] : undefined;
  return sentence ? sentence(refusal.facts) : fallback(refusal);
}

/** For a code that an adapter or plug-in brought along without a sentence: its own words and what it said. */
function fallback({ code, facts }: Refusal): RefusalText {
  const said = Object.entries(facts).map(
    ([name, value]) => `${name}: ${typeof value === 'object' ? value.join(', ') : value}`,
  );
  return {
    text: `This was refused: ${code.replaceAll('-', ' ')}${said.length > 0 ? ` (${said.join('; ')})` : ''}. Nothing was changed.`,
    hint: 'Mend what it names and try again.',
  };
}
