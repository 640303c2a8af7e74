import { z } from 'zod';
import type { AdapterContext } from '../../shared/context.ts';
import { askOnce, resolveHeaders } from '../../shared/http.ts';
import { JsonPath, numberAt, parseJson, valueAt } from '../../shared/json-path.ts';
import { defineKind } from '../../shared/kinds.ts';
import { httpRequest, unanswered } from '../http.ts';
import type { Attempt, Check } from '../port.ts';
import { identityOf } from '../shared/settings.ts';
import { type Backlog, backlogAttempt, momentIn, NotTold } from './backlog.ts';
import { backlogSettings } from './backlog-settings.ts';

/** A number from here on is no age, but a time since the epoch: 11 days in ms, 31 years in seconds. */
const FIRST_MOMENT = 1e9;
/** No clock is that far ahead, ms. */
const MOST_AHEAD_MS = 86_400_000;

/** What each limit is compared with. */
const TOLD_BY = { 'max-waiting': 'waiting', 'max-age': 'oldest', heartbeat: 'seen' } as const;
const LIMITS = Object.keys(TOLD_BY) as (keyof typeof TOLD_BY)[];

const JobsHttpSettings = z
  .strictObject({
    use: z.literal('jobs-http'),
    ...httpRequest,
    paths: z
      .strictObject({
        waiting: JsonPath.optional().meta({
          description: 'How many jobs wait, a number.',
          examples: ['queues.mail.size'],
        }),
        oldest: JsonPath.optional().meta({
          description: 'How long the oldest of them has waited, or since when; null where none waits.',
        }),
        seen: JsonPath.optional().meta({
          description: 'How long ago a worker gave a sign, or when; null for never.',
        }),
      })
      .meta({ description: 'Where the values are in the JSON.' }),
    unit: z.enum(['s', 'ms']).default('s').meta({
      description: 'Of ages. Times are ISO, or since the epoch in seconds or milliseconds.',
    }),
    ...backlogSettings,
  })
  .superRefine((settings, context) => {
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    if (LIMITS.every((limit) => settings[limit] === undefined)) {
      issue(['max-waiting'], 'at least one of max-waiting, max-age and heartbeat');
    }
    for (const limit of LIMITS) {
      const path = TOLD_BY[limit];
      const isLimited = settings[limit] !== undefined;
      if (isLimited && settings.paths[path] === undefined) {
        issue(['paths'], `${path}, which ${limit} is compared with`);
      }
    }
  })
  .meta({
    description:
      'Looks at background jobs by an address that answers with JSON: how many wait, for how long, and whether a worker was seen lately. A value that is not there is `unknown`, not good.',
  });
type JobsHttpSettings = z.infer<typeof JobsHttpSettings>;

export const jobsHttpCheck = defineKind({ settings: JobsHttpSettings, open: openJobsHttp });

function openJobsHttp(settings: JobsHttpSettings, context: AdapterContext): Check {
  const headers = { accept: 'application/json', ...resolveHeaders(settings.headers, context) };
  const { url, timeout: timeoutMs } = settings;
  return {
    ...identityOf('jobs-http', settings, new URL(url).pathname),
    attempt: async (_expected, signal): Promise<Attempt> => {
      const answer = await askOnce({ url, headers, timeoutMs, signal });
      if (answer.kind !== 'reply') return unanswered(answer);
      const { status } = answer;
      if (status !== 200) return { ok: false, detail: `answered ${status}, expected 200` };
      const json = parseJson(answer);
      if (json.kind === 'bad') return { ok: false, detail: json.words };
      return backlogAttempt(async () => backlogIn(json.value, settings, context.now()), settings);
    },
  };
}

/** Throws NotTold for a value that a path names and that is not there, is none of its kind, or cannot be. */
function backlogIn(json: unknown, { paths, unit }: JobsHttpSettings, now: number): Backlog {
  const waiting = paths.waiting === undefined ? undefined : numberAt(json, paths.waiting);
  if (waiting === null || (waiting !== undefined && waiting < 0)) {
    throw new NotTold(`there is no number of jobs at ${paths.waiting}`, '`paths`');
  }
  const age = (path: string | undefined): { readonly ms: number | null } | null => {
    if (path === undefined) return null;
    if (valueAt(json, path) === null) return { ms: null };
    const number = numberAt(json, path);
    if (number !== null && number >= 0 && number < FIRST_MOMENT) {
      return { ms: unit === 's' ? number * 1_000 : number };
    }
    const moment = momentIn(valueAt(json, path));
    if (moment === null) throw new NotTold(`there is no age and no time at ${path}`, '`paths`');
    if (moment - now > MOST_AHEAD_MS) {
      const what = `the time at ${path} is in the future (microseconds?)`;
      throw new NotTold(what, '`paths`, or what the address answers');
    }
    return { ms: Math.max(0, now - moment) };
  };
  const [oldest, seen] = [age(paths.oldest), age(paths.seen)];
  return {
    ...(waiting === undefined ? {} : { waiting }),
    ...(oldest === null ? {} : { oldestMs: oldest.ms }),
    ...(seen === null ? {} : { seenMs: seen.ms }),
  };
}
