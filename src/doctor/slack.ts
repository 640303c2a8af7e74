import { type Finding, fine, type Probe, problem, warning } from './finding.ts';

type Found = Omit<Finding, 'area'>;

/** What the bot token must be allowed to do; the same as in manifest.yml. */
export const BOT_SCOPES = [
  'app_mentions:read',
  'channels:history',
  'channels:read',
  'chat:write',
  'commands',
  'files:write',
  'groups:history',
  'groups:read',
  'usergroups:read',
  'users:read',
  'users:read.email',
] as const;

const MOST_SKEW_MS = 60_000;

/** The part of Slack's Web API that the doctor uses. */
export interface SlackApi {
  /** Calls a method; errors of Slack are answers (`ok: false, error`). */
  call(
    method: 'auth.test' | 'apps.connections.open',
    token: string,
    signal: AbortSignal,
  ): Promise<SlackAnswer>;
}

interface SlackAnswer {
  readonly ok: boolean;
  readonly error?: string;
  readonly team?: string;
  readonly user?: string;
  /** From the header x-oauth-scopes; null when it was not sent. */
  readonly scopes: readonly string[] | null;
  /** Slack's clock, ms since the epoch; null when it was not sent. */
  readonly at: number | null;
}

interface SlackEnvironment {
  readonly SLACK_BOT_TOKEN?: string | undefined;
  readonly SLACK_APP_TOKEN?: string | undefined;
  readonly SLACK_SIGNING_SECRET?: string | undefined;
  readonly PORT?: string | undefined;
}

export function slackProbe(env: SlackEnvironment, api: SlackApi, now: () => number): Probe {
  return {
    area: 'slack',
    look: async (signal) => [
      ...(await botToken(env.SLACK_BOT_TOKEN, api, now, signal)),
      ...(await receiver(env, api, signal)),
    ],
  };
}

async function botToken(
  token: string | undefined,
  api: SlackApi,
  now: () => number,
  signal: AbortSignal,
): Promise<Found[]> {
  const where = 'Copy the "Bot User OAuth Token" from "OAuth & Permissions" of the app into SLACK_BOT_TOKEN.';
  if (!token) return [problem('SLACK_BOT_TOKEN is not set', where)];
  if (!token.startsWith('xoxb-')) {
    return [problem('SLACK_BOT_TOKEN is not a bot token (they begin with xoxb-)', where)];
  }
  const answer = await api.call('auth.test', token, signal);
  if (!answer.ok)
    return [problem(`Slack refuses SLACK_BOT_TOKEN: ${answer.error ?? 'unknown error'}`, where)];
  return [
    fine(`bot ${answer.user ?? ''} in workspace ${answer.team ?? ''}`),
    ...scopeFindings(answer.scopes),
    ...skewFindings(answer.at, now()),
  ];
}

function scopeFindings(scopes: readonly string[] | null): Found[] {
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

function skewFindings(at: number | null, now: number): Found[] {
  const skew = at === null ? 0 : Math.abs(now - at);
  if (skew <= MOST_SKEW_MS) return [];
  return [
    warning(
      `this machine's clock differs from Slack's by ${Math.round(skew / 1_000)} s`,
      'Let it follow NTP; signed requests are refused when clocks differ by five minutes.',
    ),
  ];
}

async function receiver(env: SlackEnvironment, api: SlackApi, signal: AbortSignal): Promise<Found[]> {
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
        'Set SLACK_APP_TOKEN for Socket Mode, or SLACK_SIGNING_SECRET and PORT to be called over HTTP.',
      ),
    ];
  }
  const port = Number(env.PORT);
  return Number.isInteger(port) && port > 0 && port < 65_536
    ? [fine(`HTTP on port ${port}, requests verified by SLACK_SIGNING_SECRET`)]
    : [
        problem(
          'PORT is not set to a port number',
          'Set PORT to where Slack reaches this machine, such as 3000.',
        ),
      ];
}

/** Slack's Web API, or what speaks it at `url`. One try, short patience. */
export function slackApi(url: string | undefined): SlackApi {
  return {
    call: async (method, token, signal) => {
      const address = new URL(method, url ? url.replace(/\/?$/, '/') : 'https://slack.com/api/');
      const response = await fetch(address, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
        body: '',
        signal,
      });
      const body = (await response.json().catch(() => ({}))) as Record<string, unknown>;
      const date = Date.parse(response.headers.get('date') ?? '');
      return {
        ok: body['ok'] === true,
        error: typeof body['error'] === 'string' ? body['error'] : `HTTP ${response.status}`,
        ...(typeof body['team'] === 'string' ? { team: body['team'] } : {}),
        ...(typeof body['user'] === 'string' ? { user: body['user'] } : {}),
        scopes:
          response.headers
            .get('x-oauth-scopes')
            ?.split(/\s*,\s*/)
            .filter(Boolean) ?? null,
        at: Number.isFinite(date) ? date : null,
      };
    },
  };
}
