import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { slackClient } from '../../src/adapters/slack/client.ts';
import { OutboxWorker } from '../../src/adapters/slack/outbox-worker.ts';
import type { Outbox } from '../../src/adapters/slack/port.ts';
import type { Promotion, PromotionState } from '../../src/domain/promotion/promotion.ts';
import { sealOf } from '../../src/domain/text/seal.ts';
import { openDatabase } from '../../src/engine/database/open.ts';
import { prepareTables } from '../../src/engine/migrations/prepare.ts';
import { createOutbox } from '../../src/engine/outbox/outbox.ts';
import { createLedger } from '../../src/engine/tables/ledger.ts';
import type { Ledger } from '../../src/flows/run/ledger.ts';
import { SlackDouble } from '../../test/slack-double/slack-double.ts';

const CHANNELS = 20;
const ALARMS = 20;
const LOOK_MS = 200;

export interface CardTimes {
  readonly refused: number;
  /** The furthest that any card was behind what was stored, ms. */
  readonly people: number;
  readonly others: number;
  readonly updates: number;
  readonly posts: number;
  readonly changes: number;
}

interface Expected {
  readonly mark: string;
  readonly at: number;
  readonly isForPeople: boolean;
}

/** Open promotions that change, on a real database and over HTTP, while the double keeps to Slack's limits. */
export async function measureCards(promotions: number, seconds: number): Promise<CardTimes> {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
  const log = pino({ level: 'error' }, pino.destination(2));
  const database = await openDatabase({ dataDir: dir, log });
  const double = await SlackDouble.start();
  for (let n = 0; n < CHANNELS; n++) double.state.addChannel(channelOf(n), `team-${n}`);
  await prepareTables(database, log);
  const crowd = new Crowd(
    createLedger({ pool: database.pool, now: Date.now }),
    createOutbox({ database, now: Date.now, log }),
    double,
  );
  const seal = sealOf(Buffer.alloc(32, 1), 'T0DOUBLE');
  const worker = new OutboxWorker({
    client: slackClient(double.botToken, { apiUrl: double.apiUrl, log, seal: async () => seal }),
    store: crowd.outbox,
    drawChart: async () => new Uint8Array(),
    serviceView: () => undefined,
    clock: { now: Date.now, elapsed: () => performance.now(), sleep: (ms) => sleep(ms) },
    log,
    concurrency: 8,
  });
  worker.start();
  try {
    await crowd.open(promotions);
    return await crowd.live(seconds);
  } finally {
    await worker.stop();
    await double.close();
    await database.close();
    await rm(dir, { recursive: true, force: true });
  }
}

function channelOf(n: number): string {
  return `C0TEAM${n % CHANNELS}`;
}

class Crowd {
  readonly outbox: Outbox;
  readonly #ledger: Ledger;
  readonly #double: SlackDouble;
  readonly #expected = new Map<string, Expected>();
  readonly #worst = { people: 0, others: 0 };
  #ids: readonly string[] = [];
  #serial = 0;

  constructor(ledger: Ledger, outbox: Outbox, double: SlackDouble) {
    this.#ledger = ledger;
    this.outbox = outbox;
    this.#double = double;
  }

  /** Opens them, and waits until all cards are there and a minute has gone by. */
  async open(count: number): Promise<void> {
    this.#ids = Array.from({ length: count }, (_, n) => `p${n}`);
    for (const [n, id] of this.#ids.entries()) {
      const request = { service: `service-${n}`, bump: 'auto', by: 'U0ADA' } as const;
      await this.#ledger.open({ id, request, channel: channelOf(n) });
      await this.outbox.markStale(id);
    }
    while ((await this.outbox.waiting(1)).length > 0) await sleep(LOOK_MS);
    await sleep(61_000);
  }

  async live(seconds: number): Promise<CardTimes> {
    const began = Date.now();
    const calls = this.#double.api.calls.length;
    const quarter = Math.floor(this.#ids.length / 4);
    for (let second = 0; second < seconds; second++) {
      process.stderr.write(`\r${this.#ids.length} promotions: second ${second + 1} of ${seconds}  `);
      // One asks people every five seconds; the others move on, twenty times a minute.
      if (second % 5 === 0) await this.#change(second % quarter, 'awaiting-approval', true);
      if (second % 3 === 0) await this.#change(quarter + (second % (2 * quarter)), 'deploying', false);
      if (second === Math.floor(seconds / 2))
        for (let n = 0; n < ALARMS; n++) await this.#alarm(3 * quarter + n);
      while (Date.now() < began + (second + 1) * 1_000) {
        this.#look();
        await sleep(LOOK_MS);
      }
    }
    while ((await this.outbox.waiting(1)).length > 0) {
      this.#look();
      await sleep(LOOK_MS);
    }
    const made = this.#double.api.calls.slice(calls);
    const count = (method: string) => made.filter((call) => call.method === method).length;
    return {
      ...this.#worst,
      refused: this.#double.api.calls.filter(({ status }) => status === 429).length,
      updates: count('chat.update'),
      posts: count('chat.postMessage'),
      changes: this.#serial,
    };
  }

  async #alarm(n: number): Promise<void> {
    await this.#change(n, 'monitoring', true, { decision: 'warning' });
    await this.outbox.put(`p${n}`, 'alarm', { kind: 'rollback-failed', reason: 'no space left' });
  }

  async #change(
    n: number,
    to: PromotionState,
    isForPeople: boolean,
    data: Promotion['data'] = {},
  ): Promise<void> {
    this.#serial += 1;
    const id = `p${n}`;
    const mark = `mark${this.#serial}.`;
    await this.#ledger.change(id, { to, data: { ...data, notice: { kind: 'info', text: mark } } });
    const at = this.#expected.get(id)?.at ?? Date.now();
    this.#expected.set(id, { mark, at, isForPeople });
    await this.outbox.markStale(id);
  }

  #look(): void {
    const now = Date.now();
    const shown = new Map(
      [...this.#double.state.channels.values()].flatMap(({ messages }) =>
        messages
          .filter(({ metadata }) => metadata?.event_type === 'slipway_card')
          .map((card) => [card.metadata?.event_payload['promotion'], card] as const),
      ),
    );
    for (const [id, { mark, at, isForPeople }] of this.#expected) {
      const kind = isForPeople ? 'people' : 'others';
      this.#worst[kind] = Math.max(this.#worst[kind], now - at);
      if (JSON.stringify(shown.get(id)?.blocks ?? []).includes(mark)) this.#expected.delete(id);
    }
  }
}
