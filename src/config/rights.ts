import { mention, together } from '../domain/policy/policy.ts';
import type { Policy, Requirement, Who } from '../domain/policy/service.ts';
import type { ServiceSettings } from './schema.ts';
import type { WhoSettings } from './settings/people.ts';

const NOBODY: Who = { users: [], groups: [] };

type Rights = Pick<
  Policy,
  'start' | 'approve' | 'rollback' | 'accept' | 'override' | 'lock' | 'approvals' | 'requirements'
>;

/** Who may do what, closed where nothing is said: only what somebody wrote down is open to more than the channel. */
export function rightsOf(
  { required, from, who, users, groups }: ServiceSettings['approvals'],
  permissions: ServiceSettings['permissions'],
): Rights {
  const requirements = from.map(
    ({ name, users: people, groups: teams, count }): Requirement => ({
      name: name ?? [...new Set([...teams, ...people])].map(mention).join(' or '),
      who: { users: people, groups: teams },
      count,
    }),
  );
  const named = users !== undefined || groups !== undefined;
  const approve = together([
    ...(named ? [{ users: users ?? [], groups: groups ?? [] }] : []),
    ...(who !== undefined || !named ? [whoOf(who ?? 'channel')] : []),
  ]);
  // Nobody said that the channel may: it only gives the approvals that are left.
  const isLeftToThem = requirements.length > 0 && !named && who === undefined;
  const approvers = together([
    ...(isLeftToThem ? [] : [approve]),
    ...requirements.map((requirement) => requirement.who),
  ]);
  return {
    start: whoOf(permissions.start),
    approve,
    approvals: required,
    requirements,
    rollback: permissions.rollback === undefined ? approvers : whoOf(permissions.rollback),
    accept: permissions.accept === undefined ? approvers : whoOf(permissions.accept),
    override: permissions.override === undefined ? NOBODY : whoOf(permissions.override),
    lock: whoOf(permissions.lock),
  };
}

function whoOf(settings: WhoSettings): Who {
  if (settings === 'anyone') return { ...NOBODY, everyone: 'workspace' };
  if (settings === 'channel') return { ...NOBODY, everyone: 'channel' };
  return { users: settings.users ?? [], groups: settings.groups ?? [] };
}
