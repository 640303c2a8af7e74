import { WebClient } from '@slack/web-api';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { history } from '../../../src/blocks/replies/history.ts';
import { doraFigures } from '../../../src/domain/statistics/dora.ts';
import { weeksChart } from '../../../src/domain/statistics/weeks-chart.ts';
import { sealOf } from '../../../src/domain/text/seal.ts';
import { answerIn } from '../../../src/handlers/support/answer.ts';
import type { HandlerContext } from '../../../src/handlers/support/context.ts';
import { Pictures, type PicturesContext } from '../../../src/handlers/support/pictures.ts';
import { SlackDouble } from '../../slack-double/slack-double.ts';

const NOW = Date.UTC(2026, 10, 29);
const DAY_MS = 86_400_000;
const PNG = new Uint8Array([137, 80, 78, 71]);

let slack: SlackDouble;
beforeEach(async () => {
  slack = await SlackDouble.start();
});
afterEach(() => slack.close());

/** Two releases a week, one of each week failed, over 90 days. */
const FIGURES = doraFigures(
  'shop',
  Array.from({ length: 26 }, (_, index) => ({
    promotion: `p${index}`,
    service: 'shop',
    version: `1.${index}.0`,
    at: NOW - (index * 3.5 + 1) * DAY_MS,
    ...(index % 2 === 0 ? { rolledBack: { restoredAt: null } } : {}),
  })),
  { days: 90, toMs: NOW },
);

let now = NOW;
const pictured = (drawChart: PicturesContext['drawChart']) => {
  const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, retryConfig: { retries: 0 } });
  return {
    client,
    pictures: new Pictures({ client, drawChart, log: pino({ level: 'silent' }), now: () => now }),
  };
};

async function answered(drawChart: PicturesContext['drawChart']) {
  const context = {
    ...pictured(drawChart),
    log: pino({ level: 'silent' }),
    seal: async () => sealOf(Buffer.alloc(32, 1), 'T0'),
  } as unknown as HandlerContext;
  const entry = {
    promotion: { data: {}, state: 'cancelled', request: { by: 'U0ADA' }, createdAt: NOW, service: 'shop' },
    approvals: [],
  };
  const { picture } = history([entry] as never, 'shop', [FIGURES]);
  if (picture === undefined) throw new Error('no picture');
  await answerIn(context, { user: 'U0ADA', channel: 'C0SHIP' })({
    text: 'The last one.',
    blocks: [],
    picture,
  });
  return slack.state.ephemeral.map(({ text, blocks = [] }) => ({ text, blocks }));
}

test('the releases of each week come after the answer, as a picture with its words', async () => {
  const drawn: unknown[] = [];
  const said = await answered(async (chart) => {
    drawn.push(chart);
    return PNG;
  });
  expect(said.map(({ text }) => text)).toEqual([
    'The last one.',
    expect.stringMatching(
      /^Releases of shop, each week, for 12 weeks, the last one being the newest: 2 \(1 failed\)(, 2 \(1 failed\)){11}\.$/,
    ),
  ]);
  const [picture] = said[1]?.blocks ?? [];
  expect(picture).toMatchObject({ type: 'image', alt_text: said[1]?.text });
  const [file] = [...slack.state.files.values()];
  expect(picture).toMatchObject({ slack_file: { id: file?.id } });
  expect(file?.bytes).toEqual(Buffer.from(PNG));
  expect(file?.shares.size, 'it is in no channel').toBe(0);
  expect(drawn).toHaveLength(1);
  expect(slack.control.violations()).toEqual([]);
});

test('without a picture the answer is there all the same', async () => {
  const said = await answered(async () => {
    throw new Error('no canvas');
  });
  expect(said.map(({ text }) => text)).toEqual(['The last one.']);
});

test('nothing shipped, nothing drawn', () => {
  const none = doraFigures('shop', [], { days: 90, toMs: NOW });
  const entry = {
    promotion: { data: {}, state: 'cancelled', request: { by: 'U0ADA' }, createdAt: NOW, service: 'shop' },
    approvals: [],
  };
  expect(history([entry] as never, 'shop', [none]).picture).toBeUndefined();
});

test('a picture is given once a day, and again when it failed a while ago', async () => {
  let drawn = 0;
  let fails = false;
  const { pictures } = pictured(async () => {
    drawn += 1;
    if (fails) throw new Error('no canvas');
    return PNG;
  });
  const chart = weeksChart(FIGURES);
  const later = { ...chart, weeks: chart.weeks.map((week) => ({ ...week, endsAt: week.endsAt + 60_000 })) };
  let called = 0;
  expect(pictures.fileNow(chart, () => called++)).toBeNull();
  const file = await pictures.fileOf(later);
  expect(file).toMatch(/^F/);
  expect([pictures.fileNow(later, () => called++), called, drawn]).toEqual([file, 1, 1]);
  const tomorrow = {
    ...chart,
    weeks: chart.weeks.map((week) => ({ ...week, endsAt: week.endsAt + DAY_MS })),
  };
  fails = true;
  expect(await pictures.fileOf(tomorrow)).toBeNull();
  expect(await pictures.fileOf(tomorrow)).toBeNull();
  expect(drawn).toBe(2);
  now += 11 * 60_000;
  fails = false;
  expect(await pictures.fileOf(tomorrow)).toMatch(/^F/);
  expect(drawn).toBe(3);
});
