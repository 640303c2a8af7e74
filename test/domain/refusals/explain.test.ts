import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CATALOGUE } from '../../../src/domain/refusals/catalogue.ts';
import { explain } from '../../../src/domain/refusals/explain.ts';
import { promotionRefusals } from '../../../src/domain/refusals/promotion.ts';
import { Refusal, recalledRefusal } from '../../../src/domain/refusals/refusal.ts';
import type { RefusalFacts } from '../../../src/domain/refusals/sentence.ts';
import { parseCommand } from '../../../src/handlers/parse/command.ts';

const SRC = new URL('../../../src/', import.meta.url).pathname;
const CATALOGUES = new URL('../../../src/domain/refusals/', import.meta.url).pathname;

function sources(): { readonly path: string; readonly text: string }[] {
  return readdirSync(SRC, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => ({ path, text: readFileSync(join(SRC, path), 'utf8') }));
}

/** What commands are made of. */
const FACTS: RefusalFacts = { service: 'shop', version: '1.2.0', what: 'lock', word: 'lock' };

function isCommand(line: string): boolean {
  try {
    parseCommand(line.replace('SERVICE', 'shop').replace('VERSION', '1.2.0'), ['shop', 'api']);
    return true;
  } catch {
    return false;
  }
}

const FALLBACK = /^This was refused: /;

describe('explain', () => {
  it('takes no code without a sentence, and no sentence without its facts', () => {
    // @ts-expect-error there is no such code
    expect(explain(new Refusal('no-such-code')).text).toMatch(FALLBACK);
    // @ts-expect-error the sentence names the service
    expect(explain(new Refusal('nothing-to-wait-for', {})).text).not.toMatch(FALLBACK);
    // @ts-expect-error it knows no such fact
    expect(explain(new Refusal('lock-changed', { sevice: 'shop' })).text).not.toMatch(FALLBACK);
  });

  it('has no sentence that nobody is refused with', () => {
    const thrown = sources().filter(({ path }) => !path.startsWith('domain/refusals/'));
    const unused = Object.keys(CATALOGUE).filter(
      (code) => !thrown.some(({ text }) => text.includes(`'${code}'`)),
    );
    expect(unused).toEqual([]);
  });

  it('knows every catalogue of the folder, and no code twice', async () => {
    const seen = new Map<string, string>();
    for (const file of readdirSync(CATALOGUES).filter((name) => name !== 'catalogue.ts')) {
      const module = (await import(join(CATALOGUES, file))) as Record<string, Record<string, unknown>>;
      for (const catalogue of Object.values(module).filter((value) => typeof value === 'object')) {
        for (const code of Object.keys(catalogue)) {
          expect(seen.get(code), `${code} is in ${file} and in ${seen.get(code)}`).toBeUndefined();
          seen.set(code, file);
          expect(explain(recalledRefusal(code, {})).text, `${code} of ${file} is not registered`).not.toMatch(
            FALLBACK,
          );
        }
      }
    }
    expect(seen.size).toBeGreaterThan(10);
  });

  it('gives whole sentences', () => {
    // Every fact that a sentence could ask for is there.
    const facts = new Proxy<RefusalFacts>({}, { get: () => 'something' });
    for (const code of Object.keys(CATALOGUE)) {
      const { text, hint } = explain({ ...recalledRefusal(code, {}), facts });
      expect(text, code).toMatch(/[.?!)]$|\n/);
      expect(`${text} ${hint ?? ''}`, code).not.toMatch(/undefined|null|NaN|\[object/);
    }
  });

  it('needs no fact for what happens to promotions', () => {
    for (const code of Object.keys(promotionRefusals)) {
      const { text, hint } = explain(recalledRefusal(code, {}));
      expect(`${text} ${hint ?? ''}`, code).not.toMatch(/undefined|null|NaN|\[object/);
    }
  });

  it('names no command that is refused: whoever takes off a lock says why', () => {
    // The examples of help, and the answer to an own lock.
    const exempt = ['domain/commands/unlock.ts', 'domain/refusals/clicks.ts', 'blocks/replies/locks.ts'];
    const named = /\b(?:unlock \$\{[^}]+\}|unlock SERVICE|thaw all)(?!.{0,25} because)/;
    const bare = sources().filter(({ path, text }) => !exempt.includes(path) && named.test(text));
    expect(bare.map(({ path }) => path)).toEqual([]);
  });

  it('names only commands that can be typed', () => {
    const facts = new Proxy<RefusalFacts>({}, { get: (_facts, name) => FACTS[String(name)] ?? 'something' });
    for (const code of Object.keys(CATALOGUE)) {
      const { text, hint } = explain({ ...recalledRefusal(code, {}), facts });
      for (const [, line = ''] of `${text} ${hint ?? ''}`.matchAll(/\/ship-prod ([^:;]*)/g)) {
        // What stands behind it in the sentence is no part of it.
        const words = line.split(' ');
        const isTyped = words.some((_word, at) => isCommand(words.slice(0, at + 1).join(' ')));
        expect([code, line, isTyped]).toEqual([code, line, true]);
      }
    }
  });

  it('falls back to words for a code that nobody wrote a sentence for', () => {
    expect(
      explain(recalledRefusal('moon-in-the-way', { phase: 'full', seen: ['a', 'b'], times: 2 })),
    ).toEqual({
      text: 'This was refused: moon in the way (phase: full; seen: a, b; times: 2). Nothing was changed.',
      hint: 'Mend what it names and try again.',
    });
  });

  it('is not fooled by names that every object has', () => {
    expect(explain(recalledRefusal('constructor', {})).text).toMatch(FALLBACK);
    expect(explain(recalledRefusal('__proto__', {})).text).toMatch(FALLBACK);
  });
});
