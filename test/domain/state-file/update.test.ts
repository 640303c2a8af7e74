import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { couponsState } from '../../../demo/shop/state-file.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import { recordDeployment, recordRollback } from '../../../src/domain/state-file/update.ts';
import { runs } from '../../support/whole.ts';
import { changedLines } from './changed-lines.ts';

const FIXTURES = new URL('../../fixtures/state-files/', import.meta.url);
const PATH = 'specs/014-checkout/state.yaml';
const AT = Date.UTC(2026, 10, 20, 10, 0, 0);
const COMMIT = '0123456789012345678901234567890123456789';
const DEPLOYED = {
  release: { version: '2.7.0', tag: 'v2.7.0', commit: COMMIT, url: 'https://git.example/releases/v2.7.0' },
  deployment: { id: 'prod-77', url: 'https://shop.example', startedAt: AT - 60_000, finishedAt: AT },
};
const BACK = {
  to: { version: '2.6.0', tag: 'v2.6.0', commit: 'b'.repeat(40) },
  at: AT + 600_000,
  reason: 'error rate: 4 %, up from 0.2 %\nand rising',
};

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const read = (text: string) => readStateFiles([{ path: PATH, bytes: bytes(text) }]);

const SAMPLE = couponsState({
  staging: 'approved',
  rollbackGate: 'passed',
  stagingCommit: 'a'.repeat(40),
  stagingAt: '2026-11-19T14:00:00Z',
  phase: 'ship-prod',
});

describe('recordDeployment', () => {
  it('adds production below staging and moves the phase, nothing else', () => {
    expect(changedLines(SAMPLE, recordDeployment(PATH, SAMPLE, DEPLOYED))).toMatchInlineSnapshot(`
      [
        "+ current_phase: shipped # spec > plan > implement > validate-staging > ship-prod",
        "- current_phase: ship-prod # spec > plan > implement > validate-staging > ship-prod",
        "+   production:",
        "+     url: https://shop.example",
        "+     deployed_at: "2026-11-20T10:00:00Z"",
        "+     deployment_id: prod-77",
        "+     commit_sha: "0123456789012345678901234567890123456789"",
        "+     version: 2.7.0",
        "+     tag: v2.7.0",
      ]
    `);
  });

  it('fills the newer template in place', () => {
    const before = readFileSync(new URL('newer-approved.yaml', FIXTURES), 'utf8');
    expect(changedLines(before, recordDeployment(PATH, before, DEPLOYED))).toMatchInlineSnapshot(`
      [
        "+ phase: finalize",
        "- phase: ship-prod",
        "+   - ship-prod",
        "+   version: 2.7.0",
        "-   version: null",
        "+     url: https://shop.example",
        "+     deployed_at: "2026-11-20T10:00:00Z"",
        "+     deployment_id: prod-77",
        "+     commit_sha: "0123456789012345678901234567890123456789"",
        "+     version: 2.7.0",
        "+     tag: v2.7.0",
        "-     url: null",
        "-     deployed_at: null",
        "-     deployment_id: null",
      ]
    `);
  });

  it('speaks the words of the older form', () => {
    const before = readFileSync(new URL('older-validate-staging.yaml', FIXTURES), 'utf8');
    expect(changedLines(before, recordDeployment(PATH, before, DEPLOYED))).toMatchInlineSnapshot(`
      [
        "+   phase: ship:finalize",
        "-   phase: ship:ship-prod",
        "+   completed_phases: [plan, implement, ship-staging, ship-prod]",
        "-   completed_phases: [plan, implement, ship-staging]",
        "+     deployed: true",
        "+     url: https://shop.example",
        "+     timestamp: "2026-11-20T10:00:00Z"",
        "+     deployment_id: prod-77",
        "+     commit_sha: "0123456789012345678901234567890123456789"",
        "+     version: 2.7.0",
        "+     tag: v2.7.0",
        "-     deployed: false",
      ]
    `);
  });

  it.each([
    ['a null with a comment', 'phase: ship-prod\ndeployment:\n    production: null # not yet\n'],
    [
      'an empty value with a comment',
      'phase: ship-prod\ndeployment:\n  production:    # not yet\nother: 1\n',
    ],
    ['an empty map', 'deployment:\n  production: {}\nother: 1\n'],
    ['no deployment at all', 'other: 1\n'],
    ['no last newline', 'deployment:\n  staging: { url: x }'],
    ['a flow map', 'deployment: { production: { deployed: false, url: null }, staging: {} }\n'],
    ['an empty flow map in a flow map', 'deployment: { production: {} }\n'],
    [
      'a block text as last value',
      'deployment:\n  production:\n    notes: |\n      two\n      lines\n\nother: 1\n',
    ],
    ['a list as last value', 'deployment:\n  production:\n    ids:\n      - a\n      - b # last\nother: 1\n'],
    ['carriage returns', 'phase: ship-prod\r\ndeployment:\r\n  production:\r\n    url: null\r\nother: 1\r\n'],
    ['a byte order mark', '\ufeffphase: ship-prod\ndeployment:\n  production:\n    url: null\n'],
    ['quotes', `phase: 'ship-prod'\ndeployment:\n  production:\n    url: 'x'\n    version: "1.0.0"\n`],
  ])('writes into %s', (_name, before) => {
    const after = recordDeployment(PATH, before, DEPLOYED);
    expect(after).toMatchSnapshot();
    expect(read(after).production).toMatchObject({
      kind: 'value',
      value: { rolledBack: false, version: '2.7.0' },
    });
    const returns = before.includes('\r\n');
    expect(
      after
        .split('\n')
        .slice(0, -1)
        .every((line) => line.endsWith('\r') === returns),
    ).toBe(true);
    expect(after.endsWith('\n')).toBe(before.endsWith('\n'));
    expect(recordDeployment(PATH, after, DEPLOYED)).toBe(after);
  });

  it('works on every readable form, keeps all comments and what the gates read', () => {
    for (const name of readdirSync(FIXTURES).filter((file) => file.endsWith('.yaml'))) {
      const before = readFileSync(new URL(name, FIXTURES), 'utf8');
      if (read(before).phase.kind === 'unreadable') continue;
      const after = recordDeployment(PATH, before, DEPLOYED);
      const reading = read(after);
      expect(reading.production, name).toMatchObject({ kind: 'value', value: { version: '2.7.0' } });
      expect(words(reading.stagingValidation), name).toEqual(words(read(before).stagingValidation));
      expect(words(reading.rollbackGate), name).toEqual(words(read(before).rollbackGate));
      for (const comment of before.match(/#[^\r\n]*/g) ?? []) expect(after, name).toContain(comment);
    }
  });

  it.each(['pending', 'false', 'Not started', '"null"', 'not_deployed', 'TBD'])(
    'takes the place of `%s`, which says that nothing is deployed yet',
    (word) => {
      const before = `${SAMPLE}  production: ${word} # after the fair\n`;
      const after = recordDeployment(PATH, before, DEPLOYED);
      expect(parse(after)).toEqual(parse(recordDeployment(PATH, SAMPLE, DEPLOYED)));
      expect(after).toContain('  production: # after the fair\n');
    },
  );

  it('takes the place of nothing else', () => {
    for (const word of ['https://shop.example', 'true', 'failed', '[]', 'v1'])
      expect(() => recordDeployment(PATH, `${SAMPLE}  production: ${word}\n`, DEPLOYED)).toThrow(
        'deployment.production is not a map',
      );
  });

  it('refuses what it cannot read or would have to rewrite', () => {
    for (const text of ['a: [', 'deployment: later\n', 'deployment:\n  production: [a]\n']) {
      expect(() => recordDeployment(PATH, text, DEPLOYED)).toThrow(Refusal);
    }
  });
});

describe('recordRollback', () => {
  it('marks production as rolled back', () => {
    const shipped = recordDeployment(PATH, SAMPLE, DEPLOYED);
    const after = recordRollback(PATH, shipped, BACK);
    expect(changedLines(shipped, after)).toMatchInlineSnapshot(`
      [
        "+ current_phase: rolled-back # spec > plan > implement > validate-staging > ship-prod",
        "- current_phase: shipped # spec > plan > implement > validate-staging > ship-prod",
        "+     status: rolled_back",
        "+     rolled_back_at: "2026-11-20T10:10:00Z"",
        "+     rolled_back_to: 2.6.0",
        "+     rollback_reason: "error rate: 4 %, up from 0.2 % and rising"",
      ]
    `);
    expect(read(after).production).toMatchObject({ value: { rolledBack: true } });
  });

  it('counts also when the deployment was never recorded, because its health checks failed', () => {
    expect(read(SAMPLE).production).toMatchObject({ kind: 'missing' });
    expect(read(recordRollback(PATH, SAMPLE, BACK)).production).toMatchObject({
      value: { rolledBack: true, rolledBackAt: '2026-11-20T10:10:00Z' },
    });
  });

  it('is undone by the next deployment', () => {
    const after = recordDeployment(PATH, recordRollback(PATH, SAMPLE, BACK), DEPLOYED);
    expect(read(after).production).toMatchObject({ value: { rolledBack: false } });
  });

  it('fails the ship-prod phase of the newer form', () => {
    const before = readFileSync(new URL('newer-approved.yaml', FIXTURES), 'utf8');
    const after = recordRollback(PATH, recordDeployment(PATH, before, DEPLOYED), BACK);
    expect(after).toContain('phase: ship-prod\nstatus: failed\n');
  });
});

/** A reading without its places: lines move. */
function words(reading: object): unknown {
  return JSON.parse(JSON.stringify(reading, (key, value: unknown) => (key === 'source' ? undefined : value)));
}

describe('any file', () => {
  const key = fc.stringMatching(/^[a-z][a-z_]{0,6}$/);
  const scalar = fc.oneof(fc.integer(), fc.boolean(), fc.constant(null), fc.string({ maxLength: 12 }));
  const tree = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'tree' },
      scalar,
      fc.array(tie('value'), { maxLength: 3, depthIdentifier: 'tree' }),
      fc.dictionary(key, tie('value'), { maxKeys: 4, depthIdentifier: 'tree' }),
    ),
  })).value;
  const environments = fc.option(
    fc.dictionary(fc.constantFrom('staging', 'production'), fc.dictionary(key, scalar)),
  );
  const style = fc.record({
    indent: fc.constantFrom(2, 3, 4),
    collectionStyle: fc.constantFrom('any' as const, 'flow' as const),
    lineWidth: fc.constantFrom(0, 40),
    defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
  });

  it('keeps every value but those of deployment.production and the phase', () => {
    fc.assert(
      fc.property(
        fc.dictionary(key, tree, { minKeys: 1 }),
        environments,
        style,
        (others, deployment, options) => {
          const { deployment: _d, phase: _p, workflow: _w, ...rest } = others;
          const value = { ...rest, zz: 1, ...(deployment ? { deployment } : {}) };
          const before = stringify(value, options);
          if (read(before).phase.kind === 'unreadable') return;
          const after = parse(recordDeployment(PATH, before, DEPLOYED)) as Record<string, unknown>;
          const { production, ...environment } = after['deployment'] as Record<string, unknown>;
          expect(production).toMatchObject({
            version: '2.7.0',
            commit_sha: COMMIT,
            deployment_id: 'prod-77',
          });
          const { production: _old, ...kept } = deployment ?? {};
          expect(environment).toEqual(kept);
          expect({ ...after, deployment: null }).toEqual({ ...parse(before), deployment: null });
        },
      ),
      { numRuns: runs({ sample: 40, whole: 100 }) },
    );
  });
});
