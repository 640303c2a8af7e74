import { z } from 'zod';
import { boundedAlerts, type FiringAlert } from '../../domain/alerts/alert.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { withoutTrailing } from '../../domain/text/trailing.ts';
import { askJson } from '../shared/ask-json.ts';
import { type AdapterContext, SecretRef } from '../shared/context.ts';
import { TokenUrl } from '../shared/http.ts';
import { defineKind } from '../shared/kinds.ts';
import { askedOfEach } from './asked-of-each.ts';
import { type AlertSource, alertSettings, countedAlerts } from './port.ts';

const PAGE = 100;
const MOST_PAGES = 10;

const Tag = z.string().regex(/^[^\s,]{1,200}$/, 'a tag such as service:shop');

const DatadogSettings = z
  .strictObject({
    use: z.literal('datadog'),
    ...alertSettings,
    tags: z
      .array(Tag)
      .min(1)
      .max(10)
      .meta({
        description: 'Monitors with all these tags are monitors of the service.',
        examples: [['service:shop']],
      }),
    'api-key': SecretRef.meta({ description: 'An API key.' }),
    'application-key': SecretRef.meta({
      description:
        'An application key with the scopes monitors_read and monitors_downtime; without the latter only downtimes of the old API are known.',
    }),
    critical: z
      .strictObject({
        tags: z.array(Tag).default(['severity:critical']).meta({ description: 'One of these tags.' }),
        priority: z.int().min(0).max(5).default(1).meta({
          description: 'Or this priority, or a more urgent one: 1 is P1; 0: the priority does not matter.',
        }),
      })
      .prefault({})
      .meta({ description: 'Which monitors are critical; others only ask people.' }),
    api: TokenUrl.default('https://api.datadoghq.com').meta({
      description:
        'Address of the API of your site, such as https://api.datadoghq.eu or https://api.us5.datadoghq.com.',
    }),
  })
  .meta({
    description:
      'Asks Datadog which monitors are in the state Alert, group by group. A draft, and what is muted or has a downtime, does not count.',
  });
type DatadogSettings = z.output<typeof DatadogSettings>;

export const datadogAlerts = defineKind({ settings: DatadogSettings, open: openDatadog });

const Monitor = z.object({
  id: z.int(),
  name: z.string().nullish(),
  tags: z.array(z.string()).nullish(),
  priority: z.int().nullish(),
  draft_status: z.string().nullish(),
  overall_state: z.string(),
  options: z.object({ silenced: z.record(z.string(), z.number().nullable()).nullish() }).nullish(),
  matching_downtimes: z.array(z.object({ scope: z.array(z.string()).nullish() })).nullish(),
  state: z
    .object({
      groups: z
        .record(z.string(), z.object({ status: z.string(), last_triggered_ts: z.number().nullish() }))
        .nullish(),
    })
    .nullish(),
});
type Monitor = z.output<typeof Monitor>;
/** Downtimes of API v2, which a monitor itself does not tell. */
const Downtimes = z.object({
  data: z.array(
    z.object({
      attributes: z.object({ scope: z.string().nullish(), groups: z.array(z.string()).nullish() }),
    }),
  ),
});
interface Downtime {
  /** Tags, all of which a group has to have. */
  readonly scope: readonly string[];
  /** The groups that it is of; none: those of the scope. */
  readonly groups: readonly string[];
}
const Failure = z.object({ errors: z.array(z.string()) });

function openDatadog(settings: DatadogSettings, context: AdapterContext): AlertSource {
  const name = settings.name ?? 'Datadog';
  const headers = {
    'dd-api-key': context.secret(settings['api-key'].env),
    'dd-application-key': context.secret(settings['application-key'].env),
  };
  const ask = <T>(path: string, answer: z.ZodType<T>, signal: AbortSignal | undefined) =>
    askJson({
      source: name,
      setting: 'alerts',
      url: `${withoutTrailing(settings.api, '/')}/api/${path}`,
      headers,
      timeoutMs: settings.timeout,
      answer,
      reasonIn: (body) => Failure.safeParse(body).data?.errors.join(' '),
      waitIn: 'x-ratelimit-reset',
      ...(signal === undefined ? {} : { signal }),
    });
  const downtimesOf = askedOfEach(
    async (id: number, signal): Promise<readonly Downtime[]> => {
      const { data } = await ask(`v2/monitor/${id}/downtime_matches`, Downtimes, signal);
      return data.map(({ attributes: { scope, groups } }) => ({
        scope: (scope ?? '*').split(/ AND |,/),
        groups: groups ?? [],
      }));
    },
    [],
    context,
  );
  const firing = async (signal?: AbortSignal): Promise<readonly FiringAlert[]> => {
    const monitors: Monitor[] = [];
    for (let page = 0; ; page++) {
      if (page === MOST_PAGES) {
        const reason = `${(MOST_PAGES * PAGE).toLocaleString('en')} or more monitors have the tags ${settings.tags.join(', ')}: add a tag that fewer have`;
        throw new Refusal('source-blind', { source: name, setting: 'alerts', reason });
      }
      const query = new URLSearchParams({
        monitor_tags: settings.tags.join(','),
        group_states: 'alert',
        with_downtimes: 'true',
        page: String(page),
        page_size: String(PAGE),
      });
      const some = await ask(`v1/monitor?${query}`, z.array(Monitor), signal);
      monitors.push(...some);
      if (some.length < PAGE) break;
    }
    const own = monitors.filter(({ tags }) => settings.tags.every((tag) => tags?.includes(tag)));
    if (own.length === 0) {
      const reason = `no monitor has the tags ${settings.tags.join(', ')}`;
      throw new Refusal('source-blind', { source: name, setting: 'alerts', reason });
    }
    const alertsIn = (monitor: Monitor, more: readonly Downtime[]) =>
      alertsOf(monitor, more, settings, context.now());
    const alerting = own.filter((monitor) => alertsIn(monitor, []).length > 0);
    const ids = alerting.sort(isCriticalFirst(settings)).map(({ id }) => id);
    const more = await downtimesOf(ids, signal);
    return boundedAlerts(alerting.flatMap((monitor) => alertsIn(monitor, more.get(monitor.id) ?? [])));
  };
  return {
    kind: 'datadog',
    name,
    firing,
    preflight: async (signal) => countedAlerts(name, await firing(signal)),
  };
}

function isCritical({ tags, priority }: Monitor, { critical }: DatadogSettings): boolean {
  return (
    (tags ?? []).some((tag) => critical.tags.includes(tag)) ||
    (priority ?? Number.POSITIVE_INFINITY) <= critical.priority
  );
}

function isCriticalFirst(settings: DatadogSettings) {
  return (a: Monitor, b: Monitor) => Number(isCritical(b, settings)) - Number(isCritical(a, settings));
}

/** One alert for each group that is in alert, or one for a monitor without groups. */
function alertsOf(
  monitor: Monitor,
  more: readonly Downtime[],
  settings: DatadogSettings,
  now: number,
): readonly FiringAlert[] {
  if (monitor.overall_state !== 'Alert' || monitor.draft_status === 'draft') return [];
  const critical = isCritical(monitor, settings);
  const called = monitor.name || `monitor ${monitor.id}`;
  const url = monitorPage(settings.api, monitor.id);
  const groups = Object.entries(monitor.state?.groups ?? {}).filter(([, { status }]) => status === 'Alert');
  const all = groups.length > 0 ? groups : [['*', { last_triggered_ts: null }] as const];
  return all
    .filter(([group]) => !isSilenced(monitor, more, group))
    .map(([group, { last_triggered_ts: at }]) => {
      const since = (at ?? 0) * 1_000;
      return {
        id: group === '*' ? String(monitor.id) : `${monitor.id}:${group}`,
        name: group === '*' ? called : `${called} (${group})`,
        critical,
        url,
        ...(since > 0 && since <= now ? { since } : {}),
      };
    });
}

/** Muted as a whole or for this group, or in a downtime that covers the group. */
function isSilenced(
  { options, matching_downtimes: old }: Monitor,
  more: readonly Downtime[],
  group: string,
): boolean {
  const silenced = options?.silenced ?? {};
  if (Object.hasOwn(silenced, '*') || Object.hasOwn(silenced, group)) return true;
  const tags = group.split(',');
  const downtimes = [...(old ?? []).map(({ scope }) => ({ scope: scope ?? ['*'], groups: [] })), ...more];
  return downtimes.some(({ scope, groups }: Downtime) => {
    if (group === '*' || groups.includes(group)) return true;
    return groups.length === 0 && scope.every((one) => one === '*' || tags.includes(one));
  });
}

/** The page of a monitor: of sites with a name of their own, such as us5, there is no `app.`. */
export function monitorPage(api: string, id: number): string {
  const web = api.replace(/:\/\/api\.(?=[^./]+\.[^./]+\.)/, '://').replace('://api.', '://app.');
  return `${withoutTrailing(web, '/')}/monitors/${id}`;
}
