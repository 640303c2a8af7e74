import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { promotionRefusals } from '../../../src/domain/refusals/promotion.ts';
import { Refusal, type RefusalFacts } from '../../../src/domain/refusals/refusal.ts';

const SRC = new URL('../../../src/', import.meta.url).pathname;
const CATALOGUES = new URL('../../../src/domain/refusals/', import.meta.url).pathname;

function sources(): { readonly path: string; readonly text: string }[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }));
}

const FALLBACK = /^This was refused: /;

describe('explain', () => {
  it('has a sentence for every code that is thrown anywhere', () => {
    const missing = sources().flatMap(({ path, text }) =>
      [...text.matchAll(/new Refusal\(\s*['"]([^'"]+)['"]/g)]
        .map(([, code]) => code ?? '')
        .filter((code) => FALLBACK.test(explain(new Refusal(code)).text))
        .map((code) => `${path}: ${code}`),
    );
    expect(missing).toEqual([]);
  });

  it('knows every catalogue of the folder, and no code twice', async () => {
    const seen = new Map<string, string>();
    for (const file of readdirSync(CATALOGUES).filter((name) => name !== 'catalogue.ts')) {
      const module = (await import(join(CATALOGUES, file))) as Record<string, Record<string, unknown>>;
      for (const catalogue of Object.values(module).filter((value) => typeof value === 'object')) {
        for (const code of Object.keys(catalogue)) {
          expect(seen.get(code), `${code} is in ${file} and in ${seen.get(code)}`).toBeUndefined();
          seen.set(code, file);
          expect(explain(new Refusal(code)).text, `${code} of ${file} is not registered`).not.toMatch(
            FALLBACK,
          );
        }
      }
    }
    expect(seen.size).toBeGreaterThan(10);
  });

  it('gives whole sentences', async () => {
    // Every fact that a sentence could ask for is there.
    const facts = new Proxy<RefusalFacts>({}, { get: () => 'something' });
    for (const file of readdirSync(CATALOGUES).filter((name) => name !== 'catalogue.ts')) {
      const module = (await import(join(CATALOGUES, file))) as Record<string, Record<string, unknown>>;
      for (const code of Object.values(module).flatMap((value) => Object.keys(value))) {
        const { text, hint } = explain({ ...new Refusal(code), code, facts });
        expect(text, code).toMatch(/[.?!)]$|\n/);
        expect(`${text} ${hint ?? ''}`, code).not.toMatch(/undefined|null|NaN|\[object/);
      }
    }
  });

  it('needs no fact for what happens to promotions', () => {
    for (const code of Object.keys(promotionRefusals)) {
      const { text, hint } = explain(new Refusal(code));
      expect(`${text} ${hint ?? ''}`, code).not.toMatch(/undefined|null|NaN|\[object/);
    }
  });

  it('falls back to words for a code that nobody wrote a sentence for', () => {
    expect(explain(new Refusal('moon-in-the-way', { phase: 'full', seen: ['a', 'b'], times: 2 }))).toEqual({
      text: 'This was refused: moon in the way (phase: full; seen: a, b; times: 2). Nothing was changed.',
      hint: 'Mend what it names and try again.',
    });
  });

  it('is not fooled by names that every object has', () => {
    expect(explain(new Refusal('constructor')).text).toMatch(FALLBACK);
    expect(explain(new Refusal('__proto__')).text).toMatch(FALLBACK);
  });
});
