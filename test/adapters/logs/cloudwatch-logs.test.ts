import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Pace } from '../../../src/adapters/shared/pace.ts';
import { SharedInstances } from '../../../src/adapters/shared/shared-instances.ts';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import { meetsFaults, sendJson } from '../../contracts/sources.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { type AwsCall, FakeAws } from '../../fakes/clouds/aws.ts';
import { logs } from '../../support/all-adapters.ts';

/** How long was waited for, in ms; nothing waits really. */
const waits: number[] = [];
class QuickInstances extends SharedInstances {
  override get<T>(kind: string, key: unknown, open: () => T): T {
    if (kind !== 'cloudwatch-logs-pace') return super.get(kind, key, open);
    return super.get(kind, key, () => new Pace(250, async (ms) => void waits.push(ms)) as T);
  }
}

const FROM = Date.parse('2030-01-07T10:00:00Z');
const RANGE = { fromMs: FROM, toMs: FROM + 60_000, most: 100 };
const ARN = 'arn:aws:logs:eu-central-1:123456789012:log-group:/ecs/shop';

let aws: FakeAws;
/** Events of the group, oldest first. */
let events: readonly (readonly [at: number, message: string, stream?: string])[];
/** Events of a page, and pages without any that come before each. */
let pageSize: number;
let empty: number;
beforeEach(async () => {
  events = [];
  pageSize = 10_000;
  empty = 0;
  waits.length = 0;
  aws = await FakeAws.start();
  aws.now = FROM + 60_000;
  aws.keys.set('AKIA1', { secret: 'aws-secret-1' });
  aws.onCall = answer;
});
afterEach(() => aws.close());

const FIELDS = [
  'logGroupName',
  'logGroupIdentifier',
  'filterPattern',
  'logStreamNamePrefix',
  'startTime',
  'endTime',
  'limit',
  'nextToken',
];

/** FilterLogEvents, by https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html. */
function answer({ service, target, body }: AwsCall, response: ServerResponse) {
  const refuse = (code: string, message: string) => aws.error(response, 400, code, message);
  if (service !== 'logs' || target !== 'Logs_20140328.FilterLogEvents') {
    return refuse('UnknownOperationException', '');
  }
  const asked = JSON.parse(body) as Record<string, unknown>;
  const unknown = Object.keys(asked).find((key) => !FIELDS.includes(key));
  if (unknown !== undefined) return refuse('SerializationException', `unknown ${unknown}`);
  const { logGroupName: name, logGroupIdentifier: id, filterPattern: pattern, nextToken } = asked;
  if ((name === undefined) === (id === undefined)) {
    return refuse('ValidationException', 'Exactly one of logGroupName and logGroupIdentifier');
  }
  if (String(id).endsWith('*')) return refuse('InvalidParameterException', 'The ARN must not end with *');
  if (name !== '/ecs/shop' && id !== ARN) {
    return refuse('ResourceNotFoundException', 'The specified log group does not exist.');
  }
  if (typeof pattern !== 'string' || pattern.includes('((')) {
    return refuse('InvalidParameterException', 'Invalid character(s) in term');
  }
  const [from, to, limit] = [asked['startTime'], asked['endTime'], asked['limit']] as number[];
  if (!Number.isInteger(from) || !Number.isInteger(to) || Number(from) > Number(to)) {
    return refuse('InvalidParameterException', 'startTime must be before endTime');
  }
  if (!(Number(limit) >= 1 && Number(limit) <= 10_000)) return refuse('InvalidParameterException', 'limit');
  const found = events
    .map(([at, message, stream = 'web/1'], index) => ({ at, message, stream, index }))
    .filter(({ at }) => at >= Number(from) && at <= Number(to))
    .filter(({ stream }) => stream.startsWith(String(asked['logStreamNamePrefix'] ?? '')));
  const [at, looks] = nextToken === undefined ? [0, empty] : String(nextToken).split('/').map(Number);
  if (!Number.isInteger(at) || !Number.isInteger(looks)) {
    return refuse('InvalidParameterException', 'The specified nextToken is invalid.');
  }
  const [first = 0, left = 0] = [at, looks];
  const size = left > 0 ? 0 : Math.min(pageSize, Number(limit));
  const next = first + size;
  const token = next < found.length ? { nextToken: `${next}/${left > 0 ? left - 1 : empty}` } : {};
  sendJson(response, {
    events: found.slice(first, next).map(({ at, message, stream, index }) => ({
      logStreamName: stream,
      timestamp: at,
      message,
      ingestionTime: at + 900,
      eventId: String(index).padStart(56, '0'),
    })),
    searchedLogStreams: [],
    ...token,
  });
}

const open = (
  settings: Record<string, unknown> = {},
  secret = 'aws-secret-1',
  endpoint = aws.url,
  shared = new QuickInstances(),
) =>
  logs.open(
    logs.settings.parse({
      use: 'cloudwatch-logs',
      region: 'eu-central-1',
      group: '/ecs/shop',
      pattern: '?ERROR ?FATAL',
      endpoint,
      'access-key': { env: 'ID' },
      'secret-key': { env: 'SECRET' },
      ...settings,
    }),
    adapterContext({ env: { ID: 'AKIA1', SECRET: secret }, now: () => aws.now, shared }),
  );

meetsFaults({
  name: 'cloudwatch-logs',
  ask: (url, settings, signal) => open(settings, 'aws-secret-1', url).read(RANGE, signal),
  secrets: ['aws-secret-1'],
});

describe('cloudwatch-logs', () => {
  test('gives the lines of a time, whole JSON among them; by name, by ARN, of some streams', async () => {
    const json = '{"level":"error","msg":"no stock"}';
    events = [
      [FROM - 1, 'before'],
      [FROM, 'ERROR first'],
      [FROM + 30_000, json, 'worker/1'],
      [FROM + 60_000, 'after'],
    ];
    const first = { atMs: FROM, text: 'ERROR first' };
    const both = { lines: [first, { atMs: FROM + 30_000, text: json }], cut: false };
    expect(await open().read(RANGE)).toEqual(both);
    expect(await open({ group: `${ARN}:*` }).read(RANGE)).toEqual(both);
    expect(await open({ streams: 'web/' }).read(RANGE)).toEqual({ lines: [first], cut: false });
    expect(await open().preflight()).toBe('CloudWatch Logs answers: 3 lines in the last five minutes.');
  });

  test('reads on while there is a token, whatever a page holds', async () => {
    events = Array.from({ length: 25 }, (_, nth) => [FROM + nth * 1_000, `ERROR ${nth}`] as const);
    pageSize = 10;
    empty = 4;
    const { lines, cut } = await open().read(RANGE);
    expect(lines.map(({ text }) => text)).toEqual(events.map(([, text]) => text));
    expect(cut).toBe(false);
    expect(aws.calls).toHaveLength(15);
  });

  test('of more than were asked for, the newest', async () => {
    events = Array.from({ length: 30 }, (_, nth) => [FROM + nth * 1_000, `ERROR ${nth}`] as const);
    pageSize = 7;
    const { lines, cut } = await open().read({ ...RANGE, most: 3 });
    expect([lines.map(({ text }) => text), cut]).toEqual([['ERROR 27', 'ERROR 28', 'ERROR 29'], true]);
  });

  test('a time with too many pages is not called quiet', async () => {
    events = [[FROM + 1_000, 'ERROR late']];
    empty = 60;
    const error: unknown = await open()
      .read(RANGE)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Unavailable);
    expect(String(error)).toContain('over 50 pages');
    empty = 0;
    pageSize = 1;
    events = Array.from({ length: 60 }, (_, nth) => [FROM + nth * 1_000, `ERROR ${nth}`] as const);
    expect(await open().read({ ...RANGE, most: 2 })).toMatchObject({ cut: true, lines: [{}, {}] });
  });

  test('asks four times a second, all sources of an account and a region together', async () => {
    const shared = new QuickInstances();
    const read = (settings = {}) => open(settings, 'aws-secret-1', aws.url, shared).read(RANGE);
    await Promise.all(Array.from({ length: 12 }, () => read()));
    const [last = 0] = waits.sort((a, b) => b - a);
    expect(waits).toHaveLength(11);
    expect(last / 1_000).toBeGreaterThan(2);
    expect(last / 1_000).toBeLessThanOrEqual(2.75);
    waits.length = 0;
    await read({ region: 'eu-west-1' });
    expect(waits, 'another region has a limit of its own').toEqual([]);
  });

  test('a page that was throttled is asked for again, after a pause', async () => {
    events = Array.from({ length: 20 }, (_, nth) => [FROM + nth * 1_000, `ERROR ${nth}`] as const);
    pageSize = 10;
    aws.onCall = (call, response) =>
      [2, 3].includes(aws.calls.length)
        ? aws.error(response, 400, 'ThrottlingException', 'Rate exceeded')
        : answer(call, response);
    expect((await open().read(RANGE)).lines).toHaveLength(20);
    expect(aws.calls.map(({ body }) => JSON.parse(body).nextToken)).toEqual([
      undefined,
      '10/0',
      '10/0',
      '10/0',
    ]);
    expect(waits.filter((ms) => ms >= 1_000)).toEqual([1_000, 2_000]);
  });

  test('who has given up asks no more', async () => {
    const given = new AbortController();
    aws.onCall = (_, response) => {
      given.abort();
      aws.error(response, 400, 'ThrottlingException', 'Rate exceeded');
    };
    await expect(open().read(RANGE, given.signal)).rejects.toBeInstanceOf(Unavailable);
    expect(aws.calls).toHaveLength(1);
  });

  test('is throttled, is not let in, and is asked for what is not there', async () => {
    await expect(open({ group: '/ecs/shpo' }).read(RANGE)).rejects.toMatchObject({
      code: 'source-refused',
      facts: {
        setting: 'logs',
        reason: 'ResourceNotFoundException: The specified log group does not exist',
      },
    });
    await expect(open({ pattern: '((' }).read(RANGE)).rejects.toMatchObject({ code: 'source-refused' });
    await expect(open({}, 'wrong').read(RANGE)).rejects.toMatchObject({ code: 'source-unauthorised' });
    for (const [code, expected] of [
      ['AccessDeniedException', { code: 'source-unauthorised' }],
      ['com.amazonaws.logs#ThrottlingException', { reason: 'it answered 400 (ThrottlingException)' }],
    ] as const) {
      aws.onCall = (_, response) => aws.error(response, 400, code, 'Rate exceeded');
      await expect(open().read(RANGE)).rejects.toMatchObject(expected);
    }
  });

  test('a log group of another region, and what is none, are refused in the config', () => {
    const problems = (group: string) =>
      logs.settings
        .safeParse({ use: 'cloudwatch-logs', region: 'eu-west-1', group, pattern: 'ERROR' })
        .error?.issues.map(({ message }) => message);
    expect(problems(ARN)).toEqual(['a log group of eu-west-1: this one is in eu-central-1']);
    expect(problems('arn:aws:s3:::bucket')?.[0]).toContain('the name of a log group such as /ecs/shop');
    expect(problems('/ecs/shop')).toBeUndefined();
  });

  test('leads to the lines in the console', () => {
    const link = open({ group: ARN, pattern: '{ $.level = "error" }' }).link?.(RANGE) ?? '';
    const [place = '', fragment = ''] = link.split('#');
    expect(place).toBe('https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1');
    const plain = (text: string) => decodeURIComponent(text.replaceAll('$', '%'));
    expect(decodeURIComponent(plain(fragment))).toBe(
      `logsV2:log-groups/log-group//ecs/shop/log-events?filterPattern={ $.level = "error" }&start=${FROM}&end=${FROM + 60_000}`,
    );
  });
});
