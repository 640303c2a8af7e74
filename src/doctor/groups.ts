import { GROUP_ID } from '../domain/policy/policy.ts';
import { nearest } from '../domain/text/nearest.ts';
import { fine, type ProbeFinding, problem, warning } from './finding.ts';
import type { SlackCall, SlackGroup } from './slack-api.ts';

/** A user group as the config names it, and where: `services.shop.approvals`. */
export interface WantedGroup {
  readonly group: string;
  readonly places: readonly string[];
}

/** Every user group that stands in a list called `groups`, also in a config that has mistakes elsewhere. */
export function groupsIn(config: unknown): readonly WantedGroup[] {
  const found = new Map<string, string[]>();
  const look = (value: unknown, path: readonly string[]): void => {
    if (typeof value !== 'object' || value === null) return;
    for (const [key, inner] of Object.entries(value)) {
      if (key !== 'groups' || !Array.isArray(inner)) {
        look(inner, [...path, key]);
        continue;
      }
      for (const group of inner.filter((one) => typeof one === 'string')) {
        found.set(group, [...(found.get(group) ?? []), path.join('.')]);
      }
    }
  };
  look(config, []);
  return [...found].map(([group, places]) => ({ group, places }));
}

/**
 * Whether each group is there and in use; of a handle, the id to write instead. `workspaces`: those of an organisation, whose
 * groups count together.
 */
export async function groupFindings(
  wanted: readonly WantedGroup[],
  workspaces: readonly string[] | null,
  call: SlackCall,
): Promise<ProbeFinding[]> {
  if (wanted.length === 0) return [];
  const args = { include_disabled: 'true', include_count: 'true' };
  const each = workspaces?.length ? workspaces.map((team) => ({ ...args, team_id: team })) : [args];
  const answers = await Promise.all(each.map((one) => call('usergroups.list', one)));
  const failed = answers.find(({ ok }) => !ok);
  if (failed) {
    return [
      warning(
        `nobody knows whether the user groups of the config exist: ${failed.error ?? 'no answer'}`,
        'Run this again in a minute.',
      ),
    ];
  }
  const groups = answers.flatMap(({ usergroups = [] }) => usergroups);
  return wanted.map((one) => (GROUP_ID.test(one.group) ? ofId(one, groups) : ofHandle(one, groups)));
}

function ofId({ group, places }: WantedGroup, groups: readonly SlackGroup[]): ProbeFinding {
  const found = groups.find(({ id }) => id === group);
  if (found?.date_delete === 0) {
    const { handle, user_count: members } = found;
    return fine(`user group ${group} is @${handle} (${members === 1 ? '1 member' : `${members} members`})`);
  }
  return problem(
    `the user group ${group} of ${places.join(', ')} ${found ? `(@${found.handle}) is disabled` : 'does not exist'}: nobody counts as a member of it`,
    found ? 'Enable it in Slack, or name another group.' : 'Name a user group of this workspace, by its id.',
  );
}

function ofHandle({ group, places }: WantedGroup, groups: readonly SlackGroup[]): ProbeFinding {
  const handle = group.replace(/^@/, '');
  const inUse = groups.filter(({ date_delete }) => date_delete === 0);
  const found = inUse.find((one) => one.handle === handle);
  const text = `${group} in ${places.join(', ')} is a handle, which can be taken from one user group and given to another`;
  if (found) return problem(text, `If @${handle} is whom you mean, write its id instead: ${found.id}`);
  const close = nearest(
    handle,
    inUse.map((one) => one.handle),
  );
  const suggestion = inUse.find((one) => one.handle === close);
  return problem(
    `${text}; and there is no @${handle}`,
    suggestion
      ? `Did you mean @${suggestion.handle}? Write its id: ${suggestion.id}`
      : 'Make the group in Slack and write its id.',
  );
}
