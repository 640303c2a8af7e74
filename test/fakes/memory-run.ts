import { Refusal, Unavailable } from '../../src/domain/refusals/refusal.ts';
import type { FlowName, Run, RunMessage, Runs } from '../../src/flows/run/port.ts';

/** A clock that moves only when told. */
export class MemoryClock {
  private time: number;
  private alarms: { at: number; ring: () => void }[] = [];

  constructor(start: number = Date.UTC(2030, 0, 7, 10)) {
    this.time = start;
  }

  readonly now = (): number => this.time;

  /**
   * Moves on and wakes whoever waited for that moment, in order of time. `calm` resolves when they have done what
   * they had to do; without it they must need nothing that takes time.
   */
  async advance(ms: number, calm: () => Promise<unknown> = settle): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const due = this.alarms.filter((alarm) => alarm.at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.alarms.splice(this.alarms.indexOf(due), 1);
      this.time = Math.max(this.time, due.at);
      due.ring();
      await calm();
    }
    // Whoever woke up may have slept for longer than that.
    this.time = Math.max(this.time, end);
    await calm();
  }

  /** Answers with the way to take the alarm back. */
  alarm(at: number, ring: () => void): () => void {
    const entry = { at, ring };
    this.alarms.push(entry);
    return () => {
      this.alarms = this.alarms.filter((other) => other !== entry);
    };
  }
}

/** Lets everything that can go on without time go on. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

type Entry =
  | { readonly name: string; readonly kind: 'value'; readonly json: string | undefined }
  | { readonly name: string; readonly kind: 'error'; readonly error: Error };

/** What a run remembers over a crash: give the same one to the next MemoryRun. */
export class MemoryJournal {
  readonly entries: Entry[] = [];
  readonly inbox: RunMessage[] = [];
  readonly seen = new Set<string>();

  /** Names of what was journaled, in order; waits are `wait`, times are `now`. */
  names(): readonly string[] {
    return this.entries.map((entry) => entry.name);
  }
}

/** What a scripted person does while the flow waits. A message is delivered; nothing lets the time run out. */
export type Script = (wait: {
  /** How many waits the run has made, this one included; 1-based. */
  readonly nth: number;
  readonly timeoutMs: number;
  readonly now: number;
}) => Promise<RunMessage | null | undefined> | RunMessage | null | undefined;

/** Where a run dies: at its nth journaled call (0-based), counted over all lives of the journal. */
export interface CrashPoint {
  readonly at: number;
  /** `unrecorded`: the work was done but not written down. */
  readonly when: 'before' | 'unrecorded' | 'recorded';
}

export interface MemoryRunOptions {
  readonly id?: string;
  readonly clock?: MemoryClock;
  readonly journal?: MemoryJournal;
  /** With a script, waiting takes no time: what the script does not answer times out at once. */
  readonly script?: Script;
  readonly crash?: CrashPoint;
}

/** An instant Run with a real journal: replays, checks the order of calls, and can die at any of them. */
export class MemoryRun implements Run {
  readonly id: string;
  readonly clock: MemoryClock;
  readonly journal: MemoryJournal;
  /** Resolves when the run died at its crash point; its pending call then never answers. */
  readonly crashed: Promise<void>;
  private readonly script: Script | undefined;
  private readonly crash: CrashPoint | undefined;
  private die: () => void = () => undefined;
  private dead = false;
  private cursor = 0;
  private waits = 0;
  private wake: (() => void) | null = null;
  private idleWatchers: (() => void)[] = [];

  constructor(options: MemoryRunOptions = {}) {
    this.id = options.id ?? 'run-1';
    this.clock = options.clock ?? new MemoryClock();
    this.journal = options.journal ?? new MemoryJournal();
    this.script = options.script;
    this.crash = options.crash;
    this.crashed = new Promise((resolve) => {
      this.die = resolve;
    });
  }

  step<T>(name: string, work: () => Promise<T>): Promise<T> {
    return this.journaled(name, work);
  }

  now(): Promise<number> {
    return this.journaled('now', async () => this.clock.now());
  }

  wait(timeoutMs: number): Promise<RunMessage | null> {
    return this.journaled('wait', () => this.nextMessage(timeoutMs));
  }

  /** Delivers once per key. */
  send(message: RunMessage, key: string = `${this.journal.seen.size}`): void {
    if (this.journal.seen.has(key)) return;
    this.journal.seen.add(key);
    this.journal.inbox.push(structuredClone(message));
    this.wake?.();
  }

  /** The process dies: whatever it was doing is never heard of again. */
  kill(): void {
    this.dead = true;
    this.die();
  }

  /** Resolves when the run waits for a message that is not there. */
  waiting(): Promise<void> {
    return this.wake ? Promise.resolve() : new Promise((resolve) => this.idleWatchers.push(resolve));
  }

  private async nextMessage(timeoutMs: number): Promise<RunMessage | null> {
    this.waits += 1;
    const deadline = this.clock.now() + timeoutMs;
    if (this.script && this.journal.inbox.length === 0) {
      const said = await this.script({ nth: this.waits, timeoutMs, now: this.clock.now() });
      if (said) this.journal.inbox.push(said);
      if (this.journal.inbox.length === 0) await this.clock.advance(Math.max(0, deadline - this.clock.now()));
    } else if (this.journal.inbox.length === 0 && timeoutMs > 0) {
      await new Promise<void>((resolve) => {
        const takeBack = this.clock.alarm(deadline, () => this.wake?.());
        this.wake = () => {
          this.wake = null;
          takeBack();
          resolve();
        };
        for (const watcher of this.idleWatchers.splice(0)) watcher();
      });
    }
    return this.journal.inbox.shift() ?? null;
  }

  private async journaled<T>(name: string, work: () => Promise<T>): Promise<T> {
    if (this.dead) return never();
    const at = this.cursor++;
    const known = this.journal.entries[at];
    if (known) return replay<T>(known, name, at);
    if (this.crash?.at === at && this.crash.when === 'before') return this.perish();
    const entry = await perform(name, work);
    if (this.dead) return never();
    if (this.crash?.at === at && this.crash.when === 'unrecorded') return this.perish();
    this.journal.entries.push(entry);
    if (this.crash?.at === at) return this.perish();
    return replay<T>(entry, name, at);
  }

  private perish(): Promise<never> {
    this.dead = true;
    this.die();
    return never();
  }
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}

async function perform(name: string, work: () => Promise<unknown>): Promise<Entry> {
  try {
    return { name, kind: 'value', json: JSON.stringify(await work()) };
  } catch (error) {
    if (error instanceof Refusal || error instanceof Unavailable) return { name, kind: 'error', error };
    return { name, kind: 'error', error: new Error(error instanceof Error ? error.message : String(error)) };
  }
}

function replay<T>(entry: Entry, name: string, at: number): T {
  if (entry.name !== name) {
    throw new Error(`The flow is not deterministic: call ${at} was "${entry.name}", now it is "${name}".`);
  }
  if (entry.kind === 'error') throw entry.error;
  return (entry.json === undefined ? undefined : JSON.parse(entry.json)) as T;
}

/** Runs the flow to its end or to the run's crash point. */
export async function drive<T>(
  run: MemoryRun,
  flow: (run: Run) => Promise<T>,
): Promise<{ readonly kind: 'ended'; readonly value: T } | { readonly kind: 'crashed' }> {
  return Promise.race([
    flow(run).then((value) => ({ kind: 'ended', value }) as const),
    run.crashed.then(() => ({ kind: 'crashed' }) as const),
  ]);
}

type Flow = (run: Run, input: { readonly promotionId: string }) => Promise<unknown>;

/** Runs in one process without a database. Waits take the clock's time unless there is a script. */
export class MemoryRuns implements Runs {
  readonly clock: MemoryClock;
  private readonly flows: Readonly<Record<FlowName, Flow>>;
  private readonly script: Script | undefined;
  private readonly live = new Map<string, { run: MemoryRun; end: Promise<unknown> }>();

  constructor(options: {
    readonly flows: Readonly<Record<FlowName, Flow>>;
    readonly clock?: MemoryClock;
    readonly script?: Script;
  }) {
    this.flows = options.flows;
    this.clock = options.clock ?? new MemoryClock();
    this.script = options.script;
  }

  async start(
    flow: FlowName,
    id: string,
    input: { readonly promotionId: string; readonly [key: string]: unknown },
  ): Promise<void> {
    if (this.live.has(id)) return;
    const run = new MemoryRun({ id, clock: this.clock, ...(this.script ? { script: this.script } : {}) });
    const end = this.flows[flow](run, JSON.parse(JSON.stringify(input)) as typeof input);
    end.catch(() => undefined);
    this.live.set(id, { run, end });
  }

  async send(id: string, message: RunMessage, key: string): Promise<void> {
    const started = this.live.get(id);
    if (!started) throw new Refusal('run-unknown', { run: id });
    started.run.send(message, key);
  }

  async standing(ids: readonly string[]): Promise<ReadonlyMap<string, 'not-started' | 'over'>> {
    return new Map(ids.filter((id) => !this.live.has(id)).map((id) => [id, 'not-started'] as const));
  }

  /** What the flow returned; throws what it threw. */
  async end(id: string): Promise<unknown> {
    return this.of(id).end;
  }

  /** Resolves when the run waits for a message or has ended. */
  async idle(id: string): Promise<void> {
    const { run, end } = this.of(id);
    await Promise.race([run.waiting(), end.catch(() => undefined)]);
  }

  run(id: string): MemoryRun {
    return this.of(id).run;
  }

  private of(id: string) {
    const started = this.live.get(id);
    if (!started) throw new Error(`No run ${id} was started.`);
    return started;
  }
}
