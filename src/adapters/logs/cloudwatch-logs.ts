import { z } from 'zod';
import type { LogLine, LogRead } from '../../domain/logs/known.ts';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { jsonIn } from '../shared/ask-json.ts';
import { AwsClient, awsSettings } from '../shared/aws/client.ts';
import { cloudwatchConsole } from '../shared/aws/console.ts';
import { sourceProblem, Throttled } from '../shared/aws/problem.ts';
import { type AdapterContext, Duration } from '../shared/context.ts';
import { defineKind } from '../shared/kinds.ts';
import { Pace } from '../shared/pace.ts';
import { countedLines, type LogRange, type LogSource, logSettings, rulesOf } from './port.ts';

/** What CloudWatch gives on a page at most. */
const PAGE = 10_000;
/** Of a time with more pages than this, nothing is said. */
const MOST_PAGES = 50;
/** Five may be asked for in a second. */
const PAGE_EVERY_MS = 250;
/** How long is waited, again and again, where others have asked so often that none is given. */
const THROTTLED_MS = [1_000, 2_000, 4_000, 8_000];
const MOST_CHARS = 16_384;

const ARN = /^arn:[\w-]+:logs:([a-z\d-]+):\d{12}:log-group:([\w.#/-]{1,512})(?::\*)?$/;

const CloudwatchLogSettings = z
  .strictObject({
    use: z.literal('cloudwatch-logs'),
    ...logSettings,
    ...awsSettings,
    group: z
      .string()
      .refine((text) => /^[\w.#/-]{1,512}$/.test(text) || ARN.test(text), {
        error: 'the name of a log group such as /ecs/shop, or its ARN',
      })
      .meta({
        description: 'Log group: its name, or its ARN, which one of another account needs.',
        examples: ['/ecs/shop'],
      }),
    pattern: z
      .string()
      .min(1)
      .max(1_024)
      .meta({
        description: 'Filter pattern that gives the error lines of the service.',
        examples: ['?ERROR ?FATAL', '{ $.level = "error" }'],
      }),
    streams: z
      .string()
      .regex(/^[^:*]{1,512}$/, 'how names of log streams begin, without : and *')
      .optional()
      .meta({ description: 'Only log streams whose names begin so, such as web/.' }),
    delay: Duration.prefault('30s').meta({
      description: 'How long after it was written a line is read: agents send them in batches.',
    }),
  })
  .superRefine(({ group, region }, context) => {
    const there = ARN.exec(group)?.[1] ?? region;
    if (there === region) return;
    const message = `a log group of ${region}: this one is in ${there}`;
    context.addIssue({ code: 'custom', path: ['group'], message });
  })
  .meta({
    description:
      'Reads error messages from Amazon CloudWatch Logs. It needs the permission logs:FilterLogEvents.',
  });
type CloudwatchLogSettings = z.output<typeof CloudwatchLogSettings>;

export const cloudwatchLogs = defineKind({ settings: CloudwatchLogSettings, open: openCloudwatchLogs });

const Page = z.object({
  events: z.array(z.object({ eventId: z.string(), timestamp: z.number(), message: z.string() })),
  nextToken: z.string().nullish(),
});

function openCloudwatchLogs(settings: CloudwatchLogSettings, context: AdapterContext): LogSource {
  const name = settings.name ?? 'CloudWatch Logs';
  const shape = { source: name, setting: 'logs' };
  const service = {
    name: 'logs',
    title: name,
    version: 'Logs_20140328',
    refusal: sourceProblem(name, 'logs'),
  };
  const client = new AwsClient(settings, service, settings.timeout, context);
  const pace = paceOf(settings, context);
  const askPage = async (question: object, signal: AbortSignal | undefined) => {
    for (let attempt = 0; ; attempt++) {
      await pace.turn(signal);
      try {
        return await client.callJson('FilterLogEvents', question, signal);
      } catch (error) {
        const waitMs = error instanceof Throttled ? THROTTLED_MS[attempt] : undefined;
        if (waitMs === undefined || signal?.aborted) throw error;
        await pace.wait(waitMs, signal);
      }
    }
  };
  const read = async (range: LogRange, signal?: AbortSignal): Promise<LogRead> => {
    const found = new Map<string, LogLine>();
    const question = questionOf(settings, range);
    let cut = false;
    let nextToken: string | null | undefined;
    for (let page = 0; page === 0 || nextToken; page++) {
      if (page === MOST_PAGES) {
        // Pages come in the order of time: what is left are the newest lines.
        if (found.size < range.most) {
          throw new Unavailable(
            name,
            `its answer has over ${MOST_PAGES} pages: a shorter time or \`streams\` helps`,
          );
        }
        cut = true;
        break;
      }
      const asked = nextToken ? { ...question, nextToken } : question;
      const reply = await askPage(asked, signal);
      const read = jsonIn(reply, { ...shape, answer: Page });
      // A page may be empty, and may have the same token as the last one: only without a token it was the last.
      nextToken = read.nextToken;
      for (const { eventId, timestamp: atMs, message } of read.events) {
        if (atMs < range.fromMs || atMs >= range.toMs) continue;
        found.set(eventId, { atMs, text: message.slice(0, MOST_CHARS) });
      }
      cut = keepNewest(found, range.most) || cut;
    }
    return { lines: [...found.values()].sort((a, b) => a.atMs - b.atMs), cut };
  };
  return {
    kind: 'cloudwatch-logs',
    name,
    rules: rulesOf(settings),
    delayMs: settings.delay,
    read,
    preflight: (signal) => countedLines(name, read, context.now(), signal),
    link: (range) => consoleLink(settings, range),
  };
}

/** The limit is of an account and a region: who signs in alike is of one account. */
function paceOf(settings: CloudwatchLogSettings, { shared }: Pick<AdapterContext, 'shared'>): Pace {
  const { region, profile, role, 'access-key': key } = settings;
  const account = role?.split(':')[4] ?? [profile, key?.env];
  return shared.get('cloudwatch-logs-pace', [region, account], () => new Pace(PAGE_EVERY_MS));
}

/** Leaves so many, the newest; whether there were more. */
function keepNewest(found: Map<string, LogLine>, most: number): boolean {
  if (found.size <= most) return false;
  const byAge = [...found].sort(([, a], [, b]) => b.atMs - a.atMs);
  for (const [id] of byAge.slice(most)) found.delete(id);
  return true;
}

function questionOf({ group, pattern, streams }: CloudwatchLogSettings, { fromMs, toMs }: LogRange) {
  return {
    ...(ARN.test(group) ? { logGroupIdentifier: group.replace(/:\*$/, '') } : { logGroupName: group }),
    filterPattern: pattern,
    ...(streams === undefined ? {} : { logStreamNamePrefix: streams }),
    startTime: Math.ceil(fromMs),
    // The end is a part of the time there.
    endTime: Math.ceil(toMs) - 1,
    limit: PAGE,
  };
}

/** The lines of the group with the pattern and the time; its address is encoded twice, with $ for %. */
function consoleLink(
  { region, group, pattern }: CloudwatchLogSettings,
  { fromMs, toMs }: Pick<LogRange, 'fromMs' | 'toMs'>,
): string {
  const twice = (text: string) => encodeURIComponent(encodeURIComponent(text)).replaceAll('%', '$');
  const name = ARN.exec(group)?.[2] ?? group;
  const query = `$3FfilterPattern$3D${twice(pattern)}$26start$3D${Math.floor(fromMs)}$26end$3D${Math.floor(toMs)}`;
  return cloudwatchConsole(region, `logsV2:log-groups/log-group/${twice(name)}/log-events${query}`);
}
