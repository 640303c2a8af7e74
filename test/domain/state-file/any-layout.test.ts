import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { readStateFiles } from '../../../src/domain/state-file/read.ts';
import { recordDeployment, recordRollback } from '../../../src/domain/state-file/update.ts';
import { runs } from '../../support/whole.ts';
import { changedLines } from './changed-lines.ts';

const PATH = 'specs/014-checkout/state.yaml';
const AT = Date.UTC(2026, 10, 25, 10, 0, 0);
const DEPLOYED = {
  release: { version: '2.7.0', tag: 'v2.7.0', commit: 'c'.repeat(40) },
  deployment: { id: 'prod-77', url: 'https://shop.example', startedAt: AT - 60_000, finishedAt: AT },
};
const BACK = {
  to: { version: '2.6.0', tag: 'v2.6.0', commit: 'b'.repeat(40) },
  at: AT + 600_000,
  reason: 'error rate: 4 %, up from 0.2 %',
};
/** Keys whose lines an edit may touch. */
const TOUCHED =
  /^\s*(- )?["']?(deployed|deployedAt|deployed_at|timestamp|deployment_?[iI]d|commit|commitSha|commit_sha|url|version|tag|status|rolled_back_at|rollback_at|rolled_back_to|rollback_to|rollback_from|rollback_reason|phase|current_phase|completed_phases|production|environment|deployment|deployment_state|ship-prod)["']?:|^\s*- ["']?(ship:)?ship[-_]prod/;

const text = fc.oneof(
  fc.constantFrom(
    'none',
    '# no comment',
    'a: b',
    "it's",
    '"quoted"',
    '- x',
    '日本',
    'two\nlines\n',
    'on',
    '1.10',
  ),
  fc.string({ maxLength: 10 }),
);
const word = fc.stringMatching(/^[a-z]{3,8}$/).map((key) => `x_${key}`);
const other = fc.dictionary(word, fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null)), {
  maxKeys: 3,
});
const extra = fc.dictionary(word, fc.oneof(text, other, fc.array(text, { maxLength: 3 })), { maxKeys: 3 });

const staging = fc.constantFrom(
  { deployed_at: '2026-11-19T14:00:00Z', commit_sha: 'a'.repeat(40) },
  { deployed: true, timestamp: '2026-11-19T14:00:00Z', commit: 'a'.repeat(40) },
  { deployed: true, deployed_at: '2026-11-19 14:00' },
  { status: 'deployed', deployed_at: '2026-11-19' },
  { deployedAt: '2026-11-19T14:00:00Z', commitSha: 'a'.repeat(40) },
);
const production = fc.constantFrom<object | null | undefined>(
  undefined,
  null,
  {},
  { url: null, deployed_at: null, deployment_id: null, version: null },
  { deployed: false, version: '1.3.0', commit: 'd'.repeat(40) },
  { deployed: false, deployment_id: 'left over' },
  { status: 'not_started', deployedAt: null },
  {
    deployed_at: '2026-11-20T09:00:00Z',
    version: '1.3.0',
    rollback_from: 'v1.4.0',
    rollback_to: 'v1.3.0',
    rollback_at: '2026-11-20T11:00:00Z',
  },
);

/** Where a layout keeps staging and production. */
const homes: Readonly<Record<string, (environments: object) => object>> = {
  deployment: (environments) => ({ deployment: { model: 'staging-prod', version: null, ...environments } }),
  state: (environments) => ({ deployment: { model: 'staging-prod' }, deployment_state: environments }),
  environment: (environments) => ({ deployment: { model: 'x', environment: environments } }),
  workflow: (environments) => ({ workflow: { deployment: environments, x_more: 1 } }),
  list: (environments) => ({
    deployments: Object.entries(environments).map(([environment, at]) => ({ environment, ...at })),
  }),
};
const phases = fc.constantFrom<object>(
  {},
  { phase: 'ship-prod', completed_phases: ['plan', 'ship-staging'] },
  { current_phase: 'ship_prod', completed_phases: ['ship_prod'] },
  { phase: 'ship:ship-prod', completed_phases: ['ship:ship-staging'], phases: { 'ship-prod': 'pending' } },
  { phase: 'finalized', completed_phases: [] },
);
const style = fc.record({
  indent: fc.constantFrom(2, 3, 4),
  indentSeq: fc.boolean(),
  collectionStyle: fc.constantFrom('block' as const, 'block' as const, 'flow' as const),
  lineWidth: fc.constant(0),
  defaultKeyType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const),
  defaultStringType: fc.constantFrom('PLAIN' as const, 'QUOTE_DOUBLE' as const, 'QUOTE_SINGLE' as const),
});

const file = fc
  .record({
    home: fc.constantFrom(...Object.keys(homes)),
    staging,
    production,
    before: extra,
    after: extra,
    inside: other,
    phases,
    style,
    comments: fc.array(fc.nat(30), { maxLength: 4 }),
    crlf: fc.boolean(),
    lastNewline: fc.boolean(),
  })
  .map((made) => {
    const beside = made.production ? { ...made.production, ...made.inside } : made.production;
    const environments = { staging: made.staging, ...(beside === undefined ? {} : { production: beside }) };
    const kept = homes[made.home]?.(environments);
    const value = { ...made.before, ...made.phases, ...kept, ...suffixed(made.after), zz: 1 };
    const lines = stringify(value, made.style).replace(/\n$/, '').split('\n');
    // A comment at the end of a line, where that line is a plain key with a plain value.
    for (const at of made.comments) {
      const line = lines[at];
      if (line !== undefined && /^ *[a-z_]+: [a-z0-9-]+$/.test(line)) lines[at] = `${line}  # by hand ${at}`;
    }
    return lines.join(made.crlf ? '\r\n' : '\n') + (made.lastNewline ? (made.crlf ? '\r\n' : '\n') : '');
  });

function suffixed(map: object): object {
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [`${key}_2`, value]));
}

function read(state: string) {
  return readStateFiles([{ path: PATH, bytes: new TextEncoder().encode(state) }]);
}

/** Everything but what an edit is for. */
function rest(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, inner: unknown) => {
      if (TOUCHED.test(`${key}:`) && !['deployment', 'environment', 'deployment_state'].includes(key))
        return undefined;
      if (Array.isArray(inner)) return inner.filter((item) => !isProduction(item));
      if (inner === null && ['environment', 'deployment', 'deployment_state'].includes(key)) return {};
      return inner;
    }),
  );
}

function isProduction(item: unknown): boolean {
  return (
    typeof item === 'object' && item !== null && 'environment' in item && item.environment === 'production'
  );
}

describe('an edit of any layout', () => {
  it('changes the lines it must, is idempotent, and loses nothing', { timeout: 200_000 }, () => {
    fc.assert(
      fc.property(file, (before) => {
        if (read(before).phase.kind === 'unreadable') return;
        const after = recordDeployment(PATH, before, DEPLOYED);
        expect(recordDeployment(PATH, after, DEPLOYED)).toBe(after);
        expect(read(after).production).toMatchObject({
          kind: 'value',
          value: { rolledBack: false, version: '2.7.0', deployedAt: '2026-11-25T10:00:00Z' },
        });
        expect(rest(parse(after))).toEqual(rest(parse(before)));
        expectOnlyTouched(before, after);
        const back = recordRollback(PATH, after, BACK);
        expect(recordRollback(PATH, back, BACK)).toBe(back);
        expect(read(back).production).toMatchObject({ value: { rolledBack: true } });
        expect(rest(parse(back))).toEqual(rest(parse(before)));
        const again = { ...DEPLOYED, deployment: { ...DEPLOYED.deployment, finishedAt: AT + 3_600_000 } };
        expect(read(recordDeployment(PATH, back, again)).production).toMatchObject({
          value: { rolledBack: false },
        });
      }),
      { numRuns: runs({ sample: 60, whole: 400 }) },
    );
  });
});

function expectOnlyTouched(before: string, after: string): void {
  expect(after.match(/# by hand \d+/g)).toEqual(before.match(/# by hand \d+/g));
  expect(after.endsWith('\n')).toBe(before.endsWith('\n'));
  const returns = before.includes('\r\n');
  const lines = after.split('\n').slice(0, -1);
  expect(lines.every((line) => line.endsWith('\r') === returns)).toBe(true);
  if (/[{[]/.test(before)) return;
  const gone = changedLines(before, after).filter((line) => line.startsWith('- '));
  for (const line of gone) expect(line.slice(2)).toMatch(TOUCHED);
}
