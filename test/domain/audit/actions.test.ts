import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AUDIT_ACTIONS, type AuditAction, actionInWords } from '../../../src/domain/audit/actions.ts';

const SOURCES = [
  'src/app',
  'src/flows',
  'src/engine',
  'src/handlers',
  'src/domain/promotion',
  'src/domain/policy',
];
/** Those whose end is the kind of a message or of an end of the promotion. */
const COMPOSED = /^promotion\./;

describe('actions of the audit', () => {
  it('takes none that has no words, but those of the surfaces', () => {
    const known: readonly AuditAction[] = [
      'release.cut',
      'button.approve',
      'form.bump',
      'thread.hold',
      'command',
    ];
    // @ts-expect-error there is no such action
    const unknown: AuditAction = 'release.cutt';
    // @ts-expect-error nor such a family
    const stray: AuditAction = 'buttons.approve';
    expect(known).not.toContain(unknown);
    expect(known).not.toContain(stray);
  });

  it('has none that nobody writes', () => {
    const texts = SOURCES.flatMap((folder) =>
      readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => readFileSync(join(folder, name), 'utf8')),
    );
    const all = Object.keys(AUDIT_ACTIONS).filter((action) => !COMPOSED.test(action));
    expect(all.length).toBeGreaterThan(30);
    expect(all.filter((action) => !texts.some((text) => text.includes(`'${action}'`)))).toEqual([]);
  });

  it('says what it has no words for as it is named', () => {
    expect(actionInWords('rollback.requested')).toBe('asked for a rollback');
    expect(actionInWords('moon.landed-on')).toBe('moon landed on');
    expect(actionInWords('constructor')).toBe('constructor');
  });
});
