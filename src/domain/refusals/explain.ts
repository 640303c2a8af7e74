import { CATALOGUE } from './catalogue.ts';
import type { Refusal } from './refusal.ts';
import { listed, type RefusalFacts, type RefusalText } from './sentence.ts';

/** A refusal that was stored may lack a fact that its sentence asks for since. */
const SENTENCES = CATALOGUE as unknown as Readonly<Record<string, (facts: RefusalFacts) => RefusalText>>;

/** The sentence for a refusal, and one more where it has `besides`; raw text, the renderer escapes it. Never throws, whatever the code and facts. */
export function explain(refusal: Refusal): RefusalText {
  const sentence = Object.hasOwn(SENTENCES, refusal.code) ? SENTENCES[refusal.code] : undefined;
  const said = sentence ? sentence(refusal.facts) : fallback(refusal);
  if (!Object.hasOwn(refusal.facts, 'besides')) return said;
  return { ...said, text: `${said.text} ${listed(refusal.facts['besides'])}` };
}

/** For a stored code that this version has no sentence for: its own words and what it said. */
function fallback({ code, facts }: Refusal): RefusalText {
  const said = Object.entries(facts).map(
    ([name, value]) => `${name}: ${typeof value === 'object' ? value.join(', ') : value}`,
  );
  return {
    text: `This was refused: ${code.replaceAll('-', ' ')}${said.length > 0 ? ` (${said.join('; ')})` : ''}. Nothing was changed.`,
    hint: 'Mend what it names and try again.',
  };
}
