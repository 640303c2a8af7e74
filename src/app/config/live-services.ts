import { setTimeout as pause } from 'node:timers/promises';
import type { Promotion, PromotionState } from '../../domain/promotion/promotion.ts';
import type { Ports } from '../../flows/run/ports.ts';
import { closeServices, type Opened, type OpenedService } from '../services.ts';

/** How often it is looked whether the configuration has a service by now, in ms. */
const LOOK_MS = 1_000;

const UNAPPROVED: readonly PromotionState[] = ['checking', 'blocked', 'awaiting-approval'];

/** What all services have in common. */
type Common = Pick<Ports, 'ledger' | 'slack' | 'people'>;

type Kept = Pick<Promotion, 'id' | 'service' | 'state'>;

/**
 * The ports of each service, as the configuration has them now. Whoever asks for them by the name of a service gets those; a
 * promotion whose approvals were given keeps those that it was approved with, until people are asked anew.
 */
export class LiveServices {
  readonly services = new Map<string, Ports>();
  /** Those that the files have no more; nothing new starts for them. */
  readonly leaving = new Set<string>();
  #opened: ReadonlyMap<string, Opened> = new Map();
  readonly #common: Common;
  readonly #pinned = new Map<string, Ports>();
  readonly #toClose: Source[] = [];

  constructor(common: Common, opened: ReadonlyMap<string, Opened>) {
    const { ledger } = common;
    const change: typeof ledger.change = async (id, wanted) => {
      const changed = await ledger.change(id, wanted);
      if (wanted.to !== undefined && UNAPPROVED.includes(wanted.to)) this.forget(id);
      return changed;
    };
    this.#common = { ...common, ledger: { ...ledger, change } };
    this.#put(opened);
  }

  get opened(): ReadonlyMap<string, Opened> {
    return this.#opened;
  }

  /** Whether any promotion keeps what it was approved with. */
  get isAnyKept(): boolean {
    return this.#pinned.size > 0;
  }

  /** Of these that are open those that are approved keep what they have; all others go by what holds now. Answers with those. */
  keepApproved(open: readonly Kept[]): readonly Kept[] {
    const approved = open.filter(({ state }) => !UNAPPROVED.includes(state));
    const ids = new Set(approved.map(({ id }) => id));
    for (const id of this.#pinned.keys()) if (!ids.has(id)) this.#pinned.delete(id);
    return approved;
  }

  /**
   * Takes others in place of all. Of the open promotions those that are approved keep what they have. What they and others
   * do not use any more is closed with the rest.
   */
  replace(opened: ReadonlyMap<string, Opened>, open: readonly Kept[], leaving: readonly string[] = []): void {
    this.leaving.clear();
    for (const name of leaving) this.leaving.add(name);
    for (const { id, service } of this.keepApproved(open)) {
      const ports = this.services.get(service);
      const isSame = this.#opened.get(service)?.ports === opened.get(service)?.ports;
      if (ports && !isSame && !this.#pinned.has(id)) this.#pinned.set(id, ports);
    }
    const sources = new Set([...opened.values()].flatMap(({ ports }) => sourcesOf(ports)));
    for (const [name, { ports }] of this.#opened) {
      const old = sourcesOf(ports).filter((source) => !sources.has(source));
      const isUsed = [...this.#pinned.values()].some(({ service }) => service.name === name);
      if (isUsed) this.#toClose.push(...old);
      else for (const source of old) void Promise.resolve(source.close?.()).catch(() => undefined);
    }
    this.#put(opened);
  }

  /** The ports that a run works with; each look at one of them is at what holds then. */
  ofRun(promotionId: string, service: string): Ports | undefined {
    let last = this.services.get(service);
    if (last === undefined) return undefined;
    const now = () => {
      last = this.#pinned.get(promotionId) ?? this.services.get(service) ?? last;
      return last as Ports;
    };
    const names = Object.keys(last) as (keyof Ports)[];
    const getters = names.map((name) => [name, { enumerable: true, get: () => now()[name] }] as const);
    return Object.defineProperties({}, Object.fromEntries(getters)) as Ports;
  }

  /**
   * The same for a service that the configuration may not have, such as after a restart with another one: what is under way is
   * not given up for that. `onWait` is told once.
   */
  async onceKnown(promotionId: string, service: string, onWait: () => Promise<void>): Promise<Ports> {
    for (let isTold = false; ; isTold = true) {
      const ports = this.ofRun(promotionId, service);
      if (ports) return ports;
      if (!isTold) await onWait();
      await pause(LOOK_MS, undefined, { ref: false });
    }
  }

  /** The promotion is over, or people are asked anew. */
  forget(promotionId: string): void {
    this.#pinned.delete(promotionId);
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#toClose.map((source) => source.close?.()));
    await closeServices([...this.#opened.values()].map(({ ports }) => ports));
  }

  #put(opened: ReadonlyMap<string, Opened>): void {
    this.#opened = opened;
    this.services.clear();
    for (const [name, { ports }] of opened) this.services.set(name, { ...ports, ...this.#common });
    // Sources without a history collect from now on: a baseline is there before anyone asks for a promotion.
    for (const { ports } of opened.values()) {
      for (const source of sourcesOf(ports)) source.observe?.(Number.MAX_SAFE_INTEGER);
    }
  }
}

type Source = NonNullable<OpenedService['metrics']> | OpenedService['logs'][number];

function sourcesOf({ metrics, logs }: OpenedService): readonly Source[] {
  return metrics === null ? logs : [metrics, ...logs];
}
