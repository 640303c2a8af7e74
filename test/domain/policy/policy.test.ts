import { describe, expect, test } from 'vitest';
import {
  CHANNEL,
  groupsOf,
  names,
  policyFor,
  rightsInWords,
  together,
  whoInWords,
} from '../../../src/domain/policy/policy.ts';
import { POLICY } from '../../flows/house.ts';

const NOBODY = { users: [], groups: [] };
const inChannel = { ...NOBODY, everyone: 'channel' } as const;
const inWorkspace = { ...NOBODY, everyone: 'workspace' } as const;

describe('who may do a thing', () => {
  test('nobody named is nobody', () => {
    expect(names(NOBODY, 'U1', [CHANNEL, 'S1', 'anything'])).toBe(false);
    expect(whoInWords(NOBODY)).toBe('nobody');
  });

  test('the channel is asked like a group', () => {
    expect(groupsOf(inChannel)).toEqual([CHANNEL]);
    expect(names(inChannel, 'U1', [])).toBe(false);
    expect(names(inChannel, 'U1', [CHANNEL])).toBe(true);
    expect(names(inWorkspace, 'U1', [])).toBe(true);
  });

  test('a group cannot be called like the channel', () => {
    expect(names({ users: [], groups: ['S1'] }, 'U1', [CHANNEL])).toBe(false);
  });

  test('together they are everybody who is one of them', () => {
    const both = together([
      { users: ['U1'], groups: ['S1'] },
      inChannel,
      { users: ['U1', 'U2'], groups: [] },
    ]);
    expect(both).toEqual({ users: ['U1', 'U2'], groups: ['S1'], everyone: 'channel' });
    expect(together([inChannel, inWorkspace]).everyone).toBe('workspace');
    expect(together([NOBODY])).toEqual(NOBODY);
  });

  test('is said in words, a line each', () => {
    const policy = {
      ...POLICY,
      start: inChannel,
      approve: { users: ['U1'], groups: ['S0614TZR7'] },
      override: NOBODY,
    };
    expect(rightsInWords(policy)).toEqual([
      'Start: any member of its channel',
      'Approve (1 approval): <!subteam^S0614TZR7>, <@U1>',
      'Roll back: any member of this workspace',
      'Go on with an unhealthy production: any member of this workspace',
      'Break the glass: nobody',
      'Lock: any member of this workspace',
    ]);
  });
});

describe('what a pipeline asked for', () => {
  const approvals = (more: Partial<typeof POLICY>, by = 'pipeline ci') =>
    policyFor({ ...POLICY, requirements: [], ...more }, by).approvals;
  const two = { name: 'owners', who: { users: ['U1', 'U2', 'U3'], groups: [] }, count: 2 };

  test('takes one approval more than the number and the places that the policy has', () => {
    expect(approvals({ approvals: 1 })).toBe(2);
    expect(approvals({ approvals: 1, requirements: [two] })).toBe(3);
    expect(approvals({ approvals: 4, requirements: [two] })).toBe(5);
  });

  test('takes no more where people may approve their own, nobody is asked, or a person asked', () => {
    expect(approvals({ approvals: 1, selfApproval: true })).toBe(1);
    expect(approvals({ approvals: 0 })).toBe(0);
    expect(approvals({ approvals: 1 }, 'U_ADA')).toBe(1);
  });
});
