import { pino } from 'pino';
import { OutboxWorker, type OutboxWorkerSettings } from '../../../src/adapters/slack/outbox-worker.ts';
import type { Promotion } from '../../../src/domain/promotion/promotion.ts';
import * as fixtures from '../../blocks/fixtures.ts';
import { MemoryOutbox } from '../../fakes/memory-outbox.ts';
import { ManualClock } from '../../support/manual-clock.ts';
import { FakeSlack } from './fake-slack.ts';

/** An outbox worker over a Slack and an outbox in memory, with a clock that is moved by hand. */
export class OutboxStage {
  readonly clock = new ManualClock();
  readonly slack = new FakeSlack(() => this.clock.now());
  readonly store = new MemoryOutbox(() => this.clock.now());
  readonly log: string[] = [];
  readonly #workers: OutboxWorker[] = [];

  start(more: Partial<OutboxWorkerSettings> = {}): OutboxWorker {
    const worker = new OutboxWorker({
      client: this.slack.client,
      store: this.store,
      drawChart: async () => new Uint8Array([137, 80, 78, 71]),
      serviceView: () => fixtures.service,
      clock: this.clock,
      log: pino({ level: 'warn' }, { write: (text: string) => this.log.push(text) }),
      random: () => 1,
      ...more,
    });
    this.#workers.push(worker);
    worker.start();
    return worker;
  }

  /** Stops it as if the process had ended. */
  async end(worker: OutboxWorker): Promise<void> {
    const stopped = worker.stop();
    await this.clock.pass(60_000);
    await stopped;
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => this.end(worker)));
  }

  async show(promotion: Promotion): Promise<void> {
    this.store.keep(promotion);
    await this.store.markStale(promotion.id);
  }

  promotion(state: Promotion['state'], revision: number, more: Partial<Promotion> = {}): Promotion {
    const born = new ManualClock().now();
    return fixtures.promotion(state, {}, { id: 'p1', revision, createdAt: born, updatedAt: born, ...more });
  }
}
