import { slackPort } from '../app/environment.ts';
import { channelFindings, type WantedChannel } from './channels.ts';
import { findingOf, fine, type Probe, type ProbeFinding, problem, warning } from './finding.ts';
import { groupFindings, type WantedGroup } from './groups.ts';
import type { SlackApi, SlackCall } from './slack-api.ts';

/** What the bot token must be allowed to do; the same as in manifest.yml. */
export const BOT_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:read',
  'files:write',
  'groups:history',
  'groups:read',
  'usergroups:read',
  'users:read',
  'users:read.email',
] as const;

const MOST_SKEW_MS = 60_000;

/** As of a process. */
type Environment = Readonly<
  Partial<Record<'SLACK_BOT_TOKEN' | 'SLACK_APP_TOKEN' | 'SLACK_SIGNING_SECRET' | 'PORT', string | undefined>>
>;

export function slackProbe(
  env: Environment,
  api: SlackApi,
  now: () => number,
  channels: readonly WantedChannel[] = [],
  groups: readonly WantedGroup[] = [],
  moved: () => Promise<ReadonlyMap<string, string>> = async () => new Map(),
): Probe {
  return {
    area: 'slack',
    look: async (signal) => [
      ...(await botToken(env.SLACK_BOT_TOKEN, api, now, { channels, groups, moved }, signal)),
      ...(await receiver(env, api, signal)),
    ],
  };
}

async function botToken(
  token: string | undefined,
  api: SlackApi,
  now: () => number,
  {
    channels,
    groups,
    moved,
  }: {
    readonly channels: readonly WantedChannel[];
    readonly groups: readonly WantedGroup[];
    readonly moved: () => Promise<ReadonlyMap<string, string>>;
  },
  signal: AbortSignal,
): Promise<ProbeFinding[]> {
  const where = 'Copy the "Bot User OAuth Token" from "OAuth & Permissions" of the app into SLACK_BOT_TOKEN.';
  if (!token) return [problem('SLACK_BOT_TOKEN is not set', where)];
  if (!token.startsWith('xoxb-')) {
    return [problem('SLACK_BOT_TOKEN is not a bot token (they begin with xoxb-)', where)];
  }
  const call: SlackCall = (method, args) => api.call(method, token, signal, args);
  const answer = await call('auth.test');
  if (!answer.ok)
    return [problem(`Slack refuses SLACK_BOT_TOKEN: ${answer.error ?? 'unknown error'}`, where)];
  const bot = `bot ${answer.user ?? ''}`;
  const isOrgWide = answer.is_enterprise_install === true;
  const workspaces = isOrgWide ? await workspacesOf(call) : null;
  return [
    isOrgWide
      ? organisation(`${bot} in the whole organisation ${answer.team ?? ''}`, workspaces)
      : fine(`${bot} in workspace ${answer.team ?? ''}`),
    ...scopeFindings(answer.scopes),
    ...(await channelFindings(channels, isOrgWide ? (workspaces ?? []) : null, call, await moved())),
    ...(await groupFindings(groups, workspaces, call)),
    ...skewFindings(answer.at, now()),
  ];
}

/** Ids of the workspaces in which the app is, the first thousand; null where Slack does not say. */
async function workspacesOf(call: SlackCall): Promise<readonly string[] | null> {
  const { ok, teams = [] } = await call('auth.teams.list', { limit: '1000' });
  return ok ? teams.map(({ id }) => id) : null;
}

/** An app that is installed in an organisation is in none of its workspaces until somebody adds it there. */
function organisation(text: string, workspaces: readonly string[] | null): ProbeFinding {
  if (workspaces?.length === 0) {
    return problem(
      `${text}, but in none of its workspaces`,
      'Add the app to the workspace of your channels: "Manage organisation" → "Integrations" → the app → "Add to workspaces".',
    );
  }
  const where = workspaces === null ? '' : `, in ${workspaces.length} of its workspaces`;
  return fine(`${text}${where}: its full members who are in the channel of a service count`);
}

function scopeFindings(scopes: readonly string[] | null): ProbeFinding[] {
  if (scopes === null) {
    return [warning('Slack did not say which scopes the bot token has', 'Compare them with manifest.yml.')];
  }
  const missing = BOT_SCOPES.filter((scope) => !scopes.includes(scope));
  return [
    missing.length === 0
      ? fine('the bot token has all scopes')
      : problem(
          `the bot token lacks ${missing.join(', ')}`,
          'Add the scopes under "OAuth & Permissions" (or paste manifest.yml again) and reinstall the app.',
        ),
  ];
}

function skewFindings(at: number | null, now: number): ProbeFinding[] {
  const skew = at === null ? 0 : Math.abs(now - at);
  if (skew <= MOST_SKEW_MS) return [];
  return [
    warning(
      `this machine's clock differs from Slack's by ${Math.round(skew / 1_000)} s`,
      'Let it follow NTP; signed requests are refused when clocks differ by five minutes.',
    ),
  ];
}

async function receiver(env: Environment, api: SlackApi, signal: AbortSignal): Promise<ProbeFinding[]> {
  const token = env.SLACK_APP_TOKEN;
  if (token) {
    const where =
      'Create one under "Basic Information" → "App-Level Tokens" with the scope connections:write and put it into SLACK_APP_TOKEN.';
    if (!token.startsWith('xapp-')) {
      return [problem('SLACK_APP_TOKEN is not an app-level token (they begin with xapp-)', where)];
    }
    const answer = await api.call('apps.connections.open', token, signal);
    return answer.ok
      ? [fine('Socket Mode can be opened')]
      : [problem(`Slack refuses SLACK_APP_TOKEN: ${answer.error ?? 'unknown error'}`, where)];
  }
  if (!env.SLACK_SIGNING_SECRET) {
    return [
      problem(
        'neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set',
        'Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET to be called over HTTP.',
      ),
    ];
  }
  try {
    return [fine(`HTTP on port ${slackPort(env)}, requests verified by SLACK_SIGNING_SECRET`)];
  } catch (error) {
    return [findingOf(error)];
  }
}
