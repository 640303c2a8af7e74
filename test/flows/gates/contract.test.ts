import { describe, expect, test } from 'vitest';
import type { ConfiguredGate, GateQuestion, GateReply } from '../../../src/adapters/gates/port.ts';
import type { GateResult } from '../../../src/domain/gates/gate.ts';
import type { Policy } from '../../../src/domain/policy/service.ts';
import type { PromotionRequest } from '../../../src/domain/promotion/promotion.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { asGate } from '../../../src/flows/gates/configured.ts';
import { noCriticalAlert } from '../../../src/flows/gates/no-critical-alert.ts';
import type { Gate } from '../../../src/flows/gates/port.ts';
import { GATES, gatesBeforeDeploy, gatesOf } from '../../../src/flows/gates/registry.ts';
import { runGates } from '../../../src/flows/gates/run-gates.ts';
import { Facts } from '../../../src/flows/plan/facts.ts';
import type { Ports } from '../../../src/flows/run/ports.ts';
import { gateContract } from '../../contracts/gate.ts';
import { MemoryAlerts } from '../../fakes/memory-alerts.ts';
import { House, STATE, stateFile } from '../house.ts';

type Change = (house: House) => void | Promise<void>;

interface Case {
  readonly unwell?: Change;
  readonly silent?: Change;
  readonly policy?: Partial<Policy>;
  readonly ports?: (house: House) => Partial<Ports>;
  /** What is asked for, once the house is changed. */
  readonly request?: (house: House) => Partial<PromotionRequest>;
}

const away = new Unavailable('the git remote', 'connection refused');

/** How each built-in gate comes to its no, and how to take away what it needs. */
const CASES: Readonly<Record<string, Case>> = {
  'staging-validation': {
    unwell: ({ repository, validated }) => {
      repository.push('main', 'docs: state', { [STATE]: stateFile(validated, { staging: 'rejected' }) });
    },
    silent: ({ repository }) => repository.failNext('read', away),
  },
  'rollback-gate': {
    unwell: ({ repository, validated }) => {
      repository.push('main', 'docs: state', { [STATE]: stateFile(validated, { rollback: 'failed' }) });
    },
    silent: ({ repository }) => repository.failNext('read', away),
  },
  'staging-deployment': { silent: ({ repository }) => repository.failNext('read', away) },
  'candidate-validated': {
    unwell: ({ repository }) => {
      repository.push('main', 'feat: unseen', { 'src/server.js': 'unseen\n' });
    },
    silent: ({ repository }) => repository.failNext('refs', away),
  },
  hotfix: {
    request: ({ repository }) => {
      const of = {
        promotion: 'shop-1',
        version: '1.2.0',
        commit: repository.tags.get('v1.2.0')?.commit ?? '',
      };
      return { hotfix: { of, fix: { commit: repository.branches.get('fix') ?? '', name: 'fix' } } };
    },
    unwell: ({ repository }) => {
      repository.push('fix', 'fix: elsewhere');
    },
    silent: ({ repository }) => repository.failNext('refs', away),
  },
  ci: {
    unwell: ({ repository }) => {
      const tip = repository.branches.get('main') ?? '';
      repository.ci.set(tip, [{ name: 'build', state: 'failed', word: 'failure' }]);
    },
    silent: ({ repository }) => repository.failNext('checks', away),
  },
  version: {
    unwell: ({ repository }) => {
      repository.push('main', 'docs: changelog', { 'CHANGELOG.md': 'no headings\n' });
      repository.tag('v1.3.0', repository.push('other', 'chore: taken'));
    },
    silent: ({ repository }) => repository.failNext('refs', away),
  },
  'remote-writable': {
    unwell: ({ repository }) => {
      repository.protectedBranches.add('main');
    },
    silent: ({ repository }) => repository.failNext('writable', away),
  },
  'target-configured': {
    unwell: ({ repository, target }) => {
      Object.assign(target, { forwardOnly: true });
      target.current = { commit: repository.push('production', 'fix: by hand', { 'src/hotfix.js': '\n' }) };
    },
    silent: ({ target }) => target.failNext('preflight'),
  },
  'rollback-target': {
    unwell: ({ target }) => {
      target.undeployable.add(target.current?.commit ?? '');
    },
    silent: ({ target }) => target.failNext('live'),
  },
  'metrics-answer': {
    unwell: () => {},
    ports: () => ({ metrics: null }),
    silent: ({ metrics }) => {
      metrics.down(true);
    },
  },
  'no-critical-alert': {
    unwell: ({ metrics }) => {
      metrics.firing = ['ShopDown'];
    },
    silent: ({ metrics }) => {
      metrics.down(true);
    },
  },
  'not-frozen': {
    unwell: ({ clock }) => clock.advance(3_600_000),
    policy: {
      freeze: [
        {
          name: 'audit',
          zone: 'UTC',
          span: { kind: 'dates', from: '2030-01-07T11:00', to: '2030-01-08T00:00' },
        },
      ],
    },
  },
  'not-locked': {
    unwell: async ({ ledger }) => {
      await ledger.lock({ service: 'shop', owner: 'U_ADA', reason: 'migration' });
    },
    silent: ({ ledger }) => {
      ledger.lockOf = () => Promise.reject(new Unavailable('the database', 'restarting'));
    },
  },
};

/** What one gate says in a house that was changed so. */
async function answerOf(
  gate: Gate,
  change?: Change,
  { policy, ports, request }: Pick<Case, 'policy' | 'ports' | 'request'> = {},
) {
  const house = new House(policy);
  await change?.(house);
  const own = change === undefined ? {} : ports?.(house);
  const asked = change === undefined ? {} : request?.(house);
  const facts = new Facts(
    { ...house.ports, ...own },
    { service: 'shop', bump: 'auto', by: 'U_ADA', ...asked },
  );
  const before = snapshot(house);
  const [result] = await runGates([gate], facts);
  expect(snapshot(house), 'a gate changes nothing').toBe(before);
  if (!result) throw new Error('no answer');
  const { id, title, tookMs, ...answer } = result;
  expect([id, title]).toEqual([gate.id, gate.title]);
  expect(tookMs).toBeGreaterThanOrEqual(0);
  return answer;
}

function snapshot({ repository, target, slack }: House): string {
  return JSON.stringify([
    [...repository.branches],
    [...repository.tags],
    target.started,
    target.current,
    slack.said,
  ]);
}

describe('the gates that come along', () => {
  test('have ids of their own, and a case here each', () => {
    const ids = GATES.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(Object.keys(CASES).sort()).toEqual([...ids].sort());
  });

  test('are asked again before the deploy where a person may have withdrawn what they stand on', () => {
    const { ports } = new House();
    expect(gatesBeforeDeploy(ports).map(({ id }) => id)).toEqual([
      'staging-validation',
      'rollback-gate',
      'target-configured',
      'rollback-target',
      'no-critical-alert',
      'not-frozen',
      'not-locked',
    ]);
  });

  test.each([true, false])(
    'take one more in their table, asked again before the deploy: %s',
    async (askedAgain) => {
      const full: Gate = {
        id: 'moon',
        title: 'Moon',
        askedAgain,
        applies: ({ metrics }) => metrics !== null,
        check: async ({ request }) => ({ verdict: 'passed', reason: `The moon is full for ${request.by}.` }),
      };
      const { ports } = new House();
      const facts = new Facts(ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
      const results = await runGates(gatesOf(ports, [...GATES, full]), facts);
      // All but the one that only a hotfix has.
      expect(results).toHaveLength(GATES.length);
      expect(results.at(-1)).toMatchObject({ id: 'moon', reason: 'The moon is full for U_ADA.' });
      expect(gatesBeforeDeploy(ports, [...GATES, full]).includes(full)).toBe(askedAgain);
      expect(gatesOf({ ...ports, metrics: null }, [full])).toEqual([]);
    },
  );
});

for (const gate of GATES) {
  const { unwell, silent, policy, request } = CASES[gate.id] ?? {};
  gateContract({
    name: gate.id,
    gate: () => gate,
    well: () => answerOf(gate, undefined, { ...(policy ? { policy } : {}) }),
    ...(unwell ? { unwell: () => answerOf(gate, unwell, CASES[gate.id]) } : {}),
    ...(silent
      ? {
          silent: () =>
            answerOf(gate, silent, { ...(policy ? { policy } : {}), ...(request ? { request } : {}) }),
        }
      : {}),
  });
}

/** A gate of the config that says what it is told to. */
function scripted(says: GateReply | Error, breakable = false) {
  const asked: GateQuestion[] = [];
  const gate: ConfiguredGate = {
    kind: 'scripted',
    id: 'gates/scripted',
    title: 'Scripted',
    breakable,
    check: async (question) => {
      asked.push(question);
      if (says instanceof Error) throw says;
      return says;
    },
  };
  return { gate, asked };
}

const YES: GateReply = { verdict: 'passed', reason: 'Yes.' };
const NO: GateReply = { verdict: 'failed', reason: 'No.', remedy: 'Wait.' };
const SILENCE: GateReply = { verdict: 'unknown', reason: 'Nothing.', remedy: 'See why.' };

gateContract({
  name: 'a gate of the config',
  gate: () => asGate(scripted(YES).gate),
  well: () => answerOf(asGate(scripted(YES).gate)),
  unwell: () => answerOf(asGate(scripted(NO).gate)),
  silent: () => answerOf(asGate(scripted(SILENCE).gate)),
});

describe('gates of the config', () => {
  test('are asked with ours, about what is known of the candidate', async () => {
    const house = new House();
    const { gate, asked } = scripted(YES);
    const ports = { ...house.ports, gates: [gate] };
    const always = GATES.map(({ id }) => id).filter((id) => id !== 'hotfix');
    expect(gatesOf(ports).map(({ id }) => id)).toEqual([...always, 'gates/scripted']);
    expect(gatesBeforeDeploy(ports).at(-1)?.id).toBe('gates/scripted');
    const facts = new Facts(ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });
    const results = await runGates(gatesOf(ports), facts);
    expect(results.every(({ verdict }) => verdict === 'passed')).toBe(true);
    expect(asked).toEqual([
      {
        service: 'shop',
        commit: house.repository.branches.get('main'),
        validated: house.validated,
        branch: 'main',
        feature: '014-coupons',
        version: '1.3.0',
        by: 'U_ADA',
      },
    ]);
  });

  test('are told of a pipeline in one word', async () => {
    const { gate, asked } = scripted(YES);
    await answerOf(asGate(gate), () => undefined, { request: () => ({ by: 'pipeline ci' }) });
    expect(asked[0]).toMatchObject({ by: 'pipeline:ci' });
  });

  test('are not told what is not decided', async () => {
    const { gate, asked } = scripted(YES);
    await answerOf(asGate(gate), ({ repository }) => {
      repository.push('main', 'docs: gone', { [STATE]: null as unknown as string });
    });
    expect(asked[0]).not.toHaveProperty('feature');
    expect(asked[0]).toMatchObject({ service: 'shop', branch: 'main' });
  });

  test.each([
    ['a no that may be broken', NO, true, ['gates/scripted:failed']],
    ['silence that may be broken', SILENCE, true, ['gates/scripted:unknown']],
    ['a yes', YES, true, undefined],
    ['a no that may not', NO, false, undefined],
  ])('are behind glass only when the config says so: %s', async (_what, says, breakable, barriers) => {
    const gate = asGate(scripted(says, breakable).gate);
    const override = { users: ['U_LINUS'], groups: [] };
    const answer: Partial<GateResult> = await answerOf(gate, undefined, { policy: { override } });
    expect(answer.barriers).toEqual(barriers);
    const nobody = { users: [], groups: [] };
    const unnamed: Partial<GateResult> = await answerOf(gate, undefined, { policy: { override: nobody } });
    expect(unnamed.barriers, 'nobody may break the glass').toBeUndefined();
  });

  test('that are not there now are unknown', async () => {
    const answer = await answerOf(asGate(scripted(new Unavailable('the gate', 'gone')).gate));
    expect(answer.verdict).toBe('unknown');
  });
});

describe('the gate of alerts', () => {
  const critical = (id: string) => ({ id, name: `alert ${id}`, critical: true });
  const answer = async (
    alerts: readonly MemoryAlerts[],
    policy: Partial<Policy> = {},
    firing: readonly string[] = [],
  ) => {
    const house = new House(policy);
    house.metrics.firing = firing;
    const facts = new Facts({ ...house.ports, alerts }, { service: 'shop', bump: 'auto', by: 'U_ADA' });
    return noCriticalAlert.check(facts);
  };

  test('asks all sources, those of the metrics too', async () => {
    const answered = await answer([new MemoryAlerts(() => [critical('a')]), new MemoryAlerts(() => [])], {}, [
      'ShopDown{service="shop"}',
    ]);
    expect(answered).toMatchObject({
      verdict: 'failed',
      reason: 'Critical alerts ShopDown, alert a fire.',
      barriers: ['alert:ShopDown', 'alert:Pager:a'],
    });
    expect(await answer([new MemoryAlerts(() => [{ ...critical('a'), critical: false }])])).toMatchObject({
      verdict: 'passed',
    });
  });

  test('passes over a source that does not answer only where the policy says so', async () => {
    const away = [new MemoryAlerts(() => null), new MemoryAlerts(() => [])];
    await expect(answer(away)).rejects.toMatchObject({ what: 'Pager' });
    expect(await answer(away, { blindMonitor: 'allow' })).toMatchObject({ verdict: 'passed', notable: true });
    // What another one has said counts all the same.
    const both = [new MemoryAlerts(() => null), new MemoryAlerts(() => [critical('a')])];
    expect(await answer(both, { blindMonitor: 'allow' })).toMatchObject({ verdict: 'failed' });
  });

  test('is there as soon as anybody knows of alerts', () => {
    const { ports } = new House();
    const silent = { ...ports, metrics: null };
    expect(gatesOf(silent).map(({ id }) => id)).not.toContain('no-critical-alert');
    const alerts = [new MemoryAlerts(() => [])];
    expect(gatesOf({ ...silent, alerts }).map(({ id }) => id)).toContain('no-critical-alert');
  });
});
