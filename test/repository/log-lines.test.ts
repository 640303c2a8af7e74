import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AUDIT_ACTIONS } from '../../src/domain/audit/actions.ts';

/** Lines of the log that tell of no row of the audit. */
const OTHERS = ['promotion.moved', 'watch.alarm', 'watch.calm'];

test('every line of the log that the manual names is written', () => {
  const manual = readFileSync(join(import.meta.dirname, '../../docs/operating.md'), 'utf8');
  const table = /\| `msg` \| When \|\n\| --- \| --- \|\n((?:\|.*\n)+)/.exec(manual)?.[1] ?? '';
  const named = table.split('\n').flatMap((row) => {
    let about = '';
    return [...(row.split('|')[1] ?? '').matchAll(/`([\w-]*)(\.[\w-]+)`/g)].map(([, noun, verb]) => {
      about = noun || about;
      return `${about}${verb}`;
    });
  });
  expect(named.length).toBeGreaterThan(25);
  const written = [...Object.keys(AUDIT_ACTIONS), ...OTHERS];
  expect(named.filter((name) => !written.includes(name))).toEqual([]);
});
