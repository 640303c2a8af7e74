import type { IncomingMessage } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Sample } from '../../../src/domain/judge/sample.ts';
import { adapterContext } from '../../fakes/adapter-context.ts';
import { startHttpServer, type TestServer } from '../../fakes/http-server.ts';
import { metrics } from '../../support/all-adapters.ts';

const STEP = 30_000;
const SCRAPE = 15_000;
const MOST_VALUES = 11_000;
/** A multiple of every step that is asked with. */
const NOON = 1_759_968_000_000;
/** A deploy ends at any time. */
const FROM = NOON + 12_345;
const RANGE = { fromMs: FROM, toMs: FROM + 4 * STEP, stepMs: STEP };
const at = (tick: number) => new Date(FROM + tick * STEP).toISOString();

/** What the server makes of the start, the end and the step that it is asked for, and how it tells times, in ms. */
interface Manner {
  readonly moved?: (timeMs: number, stepMs: number) => number;
  readonly told?: (timeMs: number) => number;
}
/** As `--query-range.align-range-with-step` of Thanos, and `align_queries_with_step` of Mimir and Cortex. */
const ALIGNS: Manner = { moved: (timeMs, stepMs) => Math.floor(timeMs / stepMs) * stepMs };

let server: TestServer;
let manner: Manner;
let asked: { start: number; end: number; step: number }[];
/** When requests came. */
let requests: number[];
beforeEach(async () => {
  manner = {};
  asked = [];
  requests = Array.from({ length: 240 }, (_, nth) => FROM - 60_000 + nth * 1_000);
  server = await startHttpServer();
  server.answer = async (request, response) => {
    const form = new URLSearchParams(await bodyOf(request));
    const ms = (name: string) => Math.round(Number(form.get(name)) * 1_000);
    const { moved = (timeMs: number) => timeMs, told = (timeMs: number) => timeMs } = manner;
    const [start, end, step] = [moved(ms('start'), ms('step')), moved(ms('end'), ms('step')), ms('step')];
    asked.push({ start: ms('start'), end: ms('end'), step });
    if ((end - start) / step > MOST_VALUES) {
      response.writeHead(400).end(JSON.stringify({ status: 'error', error: 'exceeded maximum resolution' }));
      return;
    }
    const times = Array.from(
      { length: Math.floor((end - start) / step) + 1 },
      (_, nth) => start + nth * step,
    );
    const window = Number(/\[(\d+)ms\]/.exec(form.get('query') ?? '')?.[1]);
    const values = times.map((time) => [
      told(time) / 1_000,
      String(requests.filter((one) => one > time - window && one <= time).length),
    ]);
    const isTotal = form.get('query') === `requests[${window}ms]`;
    const result = isTotal ? [{ metric: {}, values }] : [];
    response
      .writeHead(200)
      .end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  };
});
afterEach(() => server.close());

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += chunk;
  return text;
}

const open = () =>
  metrics.open(
    metrics.settings.parse({
      use: 'prometheus',
      url: server.url,
      scrape: `${SCRAPE}ms`,
      queries: { total: 'requests[$window]' },
    }),
    adapterContext({ now: () => RANGE.toMs }),
  );
const totals = (samples: readonly Sample[]) => samples.map(({ total }) => total);

describe('the times of a range', () => {
  test('are those of the ticks, and asked for once', async () => {
    expect((await open().read(RANGE, 'after')).map((sample) => sample.at)).toEqual([1, 2, 3, 4].map(at));
    expect(asked).toEqual([{ start: FROM + STEP, end: FROM + 4 * STEP, step: STEP }]);
  });

  test('are left as they are by a server that moves them to multiples of the step', async () => {
    manner = ALIGNS;
    const source = open();
    // What came less than half a scrape before the end of a tick may count in the next one.
    requests = [FROM - SCRAPE, FROM + STEP - SCRAPE, FROM + STEP + 1, FROM + STEP + 1, FROM + 3 * STEP + 1];
    const samples = await source.read(RANGE, 'after');
    expect(samples.map((sample) => sample.at)).toEqual([1, 2, 3, 4].map(at));
    expect(totals(samples)).toEqual([1, 2, 0, 1]);
    const before = asked.length;
    expect(totals(await source.read(RANGE, 'baseline'))).toEqual([1, 2, 0, 1]);
    expect(asked.length - before, 'what it does is known').toBe(1);
  });

  test('no request is lost or counted twice there, whether ticks are read one by one or together', async () => {
    manner = ALIGNS;
    const source = open();
    const together = totals(await source.read(RANGE, 'after'));
    const alone: (number | undefined)[] = [];
    for (const tick of [0, 1, 2, 3]) {
      const range = { fromMs: FROM + tick * STEP, toMs: FROM + (tick + 1) * STEP, stepMs: STEP };
      alone.push(...totals(await source.read(range, 'after')));
    }
    expect(alone).toEqual(together);
    const sum = together.reduce<number>((all, one) => all + (one ?? 0), 0);
    const span = 4 * STEP;
    expect(sum).toBe(span / 1_000);
  });

  test('are no more than a server answers with', async () => {
    manner = ALIGNS;
    const day = { fromMs: FROM - 4_000 * STEP, toMs: FROM, stepMs: STEP };
    const samples = await open().read(day, 'baseline');
    expect(samples).toHaveLength(4_000);
    expect(samples.at(-1)?.at).toBe(at(0));
  });

  test('may be rounded to seconds', async () => {
    for (const round of [Math.floor, Math.round, Math.ceil]) {
      manner = { told: (timeMs) => round(timeMs / 1_000) * 1_000 };
      expect((await open().read(RANGE, 'after')).map((sample) => sample.at)).toEqual([1, 2, 3, 4].map(at));
      manner = { ...ALIGNS, ...manner };
      expect((await open().read(RANGE, 'after')).map((sample) => sample.at)).toEqual([1, 2, 3, 4].map(at));
    }
  });

  test('other ones are no answer', async () => {
    manner = { told: (timeMs) => timeMs + 5_000 };
    await expect(open().read(RANGE, 'after')).rejects.toMatchObject({
      name: 'Unavailable',
      reason: 'it answers for other times than those it is asked for',
    });
  });
});
