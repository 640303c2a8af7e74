import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/domain/policy/service.ts';
import { parseConfig } from '../support/all-adapters.ts';

/** The policy of a service with these lines under it. */
function policyWith(...lines: readonly string[]): Policy {
  const text = [
    'slack: { channel: "#ship" }',
    'services:',
    '  shop:',
    '    repository: { use: git, url: "https://git.example.com/shop.git" }',
    '    target: { use: git-branch, branch: production }',
    ...lines.map((line) => `    ${line}`),
  ].join('\n');
  const shop = parseConfig(`${text}\n`, 'slipway.yaml').services.get('shop');
  if (!shop) throw new Error('there is no shop');
  return shop.service.policy;
}

const CHANNEL = { users: [], groups: [], everyone: 'channel' };
const NOBODY = { users: [], groups: [] };

describe('rights are closed by default', () => {
  test('without settings the channel starts, one other approves, and nobody breaks the glass', () => {
    expect(policyWith()).toMatchObject({
      start: CHANNEL,
      approve: CHANNEL,
      approvals: 1,
      selfApproval: false,
      rollback: CHANNEL,
      accept: CHANNEL,
      override: NOBODY,
      lock: CHANNEL,
    });
  });

  test('whoever may approve may roll back and accept, also those whom a requirement names', () => {
    const policy = policyWith('approvals: { users: [U1], from: [{ groups: [S0614TZR7] }] }');
    expect(policy.approve).toEqual({ users: ['U1'], groups: [] });
    expect(policy.rollback).toEqual({ users: ['U1'], groups: ['S0614TZR7'] });
    expect(policy.accept).toEqual(policy.rollback);
  });

  test('where only a requirement names people, going back and going on are theirs and not the whole channel’s', () => {
    const from = 'from: [{ groups: [S0614TZR7] }, { users: [U1] }]';
    const policy = policyWith(`approvals: { required: 3, ${from} }`);
    expect(policy.rollback).toEqual({ users: ['U1'], groups: ['S0614TZR7'] });
    expect(policy.accept).toEqual(policy.rollback);
    // The approvals that are left are still given by the channel.
    expect(policy.approve).toEqual(CHANNEL);
    const said = policyWith(`approvals: { who: channel, ${from} }`);
    expect(said.rollback).toEqual({ users: ['U1'], groups: ['S0614TZR7'], everyone: 'channel' });
    const own = policyWith(`approvals: { ${from} }`, 'permissions: { rollback: channel }');
    expect(own).toMatchObject({ rollback: CHANNEL, accept: { users: ['U1'], groups: ['S0614TZR7'] } });
  });

  test('a requirement without a name is called by whom it names, as Slack shows them', () => {
    const { requirements } = policyWith('approvals: { from: [{ groups: [S0614TZR7], users: [U1] }] }');
    expect(requirements[0]?.name).toBe('<!subteam^S0614TZR7> or <@U1>');
  });

  test('everybody is meant where somebody wrote it, and nowhere else', () => {
    const policy = policyWith('approvals: { who: anyone }', 'permissions: { start: anyone, lock: channel }');
    expect(policy.start).toEqual({ ...NOBODY, everyone: 'workspace' });
    expect(policy.approve.everyone).toBe('workspace');
    expect(policy.lock).toEqual(CHANNEL);
    expect(policy.override).toEqual(NOBODY);
  });

  test('names and a word together mean both', () => {
    const { approve } = policyWith('approvals: { users: [U1], who: channel }');
    expect(approve).toEqual({ users: ['U1'], groups: [], everyone: 'channel' });
  });

  test('people are known by account and address, whatever their case, and only where authors are excluded', () => {
    const people = 'people: { Octocat: U1, "Dependabot[bot]": outside, "Ada@Shop.test": U2 }';
    expect(policyWith(`approvals: { authors: excluded, ${people} }`)).toMatchObject({
      excludeAuthors: true,
      people: { octocat: 'U1', 'dependabot[bot]': 'outside', 'ada@shop.test': 'U2' },
    });
    expect(policyWith(`approvals: { ${people} }`).people).toBeUndefined();
    for (const wrong of ['"no account": U1', 'octocat: ada', '"@octocat": U1'])
      expect(() => policyWith(`approvals: { people: { ${wrong} } }`)).toThrow();
  });
});
