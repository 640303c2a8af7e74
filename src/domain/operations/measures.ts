import type { AsyncLocalStorage } from 'node:async_hooks';
import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** What is measured while the bot works. Names are ours, never those of people; times are in ms. */
export interface Measures {
  /** A step of a run that was done, and not read from its journal. */
  readonly step: { readonly name: string; readonly ms: number; readonly outcome: 'done' | 'failed' };
  /** A promotion that is over, with the state that it ended in. */
  readonly ending: {
    readonly promotion: string;
    readonly service: string;
    readonly state: string;
    /** When it was asked for, ms since the epoch. */
    readonly since: number;
  };
  /** `outcome`: `done`, or what kind of failure it was. */
  readonly slackCall: { readonly method: string; readonly outcome: string };
  /** `refused`: it ended with another exit code than 0, which is often just an answer. */
  readonly gitProcess: { readonly command: string; readonly outcome: 'done' | 'refused' | 'stopped' };
  /** How late a watch looked at production. */
  readonly tick: { readonly service: string; readonly lagMs: number };
}

/**
 * Tells whoever listens in this process, and costs nothing when nobody does. It is told where it happens, so that
 * nothing has to be handed through all rooms for the sake of figures.
 */
export function measured<Kind extends keyof Measures>(kind: Kind, what: Measures[Kind]): void {
  channel(nameOf(kind)).publish(what);
}

/** Listens until what is returned is called. The listener must not throw. */
export function onMeasured<Kind extends keyof Measures>(
  kind: Kind,
  listener: (what: Measures[Kind]) => void,
): () => void {
  const hear = (what: unknown) => listener(what as Measures[Kind]);
  subscribe(nameOf(kind), hear);
  return () => void unsubscribe(nameOf(kind), hear);
}

function nameOf(kind: keyof Measures): string {
  return `slipway.${kind}`;
}

/** A piece of work, for those who trace a promotion. Names and values are ours, never text from outside. */
export interface TracedWork {
  readonly name: string;
  /** `client`: something else does it and is waited for. */
  readonly kind: 'internal' | 'client';
  /** The promotion that it is part of, where that is not known from what it is part of. */
  readonly promotion?: string;
  readonly attributes?: Readonly<Record<string, string | number>>;
}

/** A span under way. Whoever traces says what goes along with requests; whoever works may add what came of it. */
export interface OpenSpan extends TracedWork {
  /** The header of W3C Trace Context; absent while nobody traces. */
  traceparent?: string;
  result?: Readonly<Record<string, string | number>>;
}

/** A span that is over; `failed` is the class of the error. */
export interface EndedSpan {
  readonly span: OpenSpan;
  readonly failed: string | null;
}

const BEGIN = channel('slipway.span');
const END = channel('slipway.span-end');
const NOBODY: OpenSpan = Object.freeze({ name: '', kind: 'internal' });

/**
 * Does the work and tells its beginning and its end; spans that begin within it are its children. Costs nothing while
 * nobody traces: then `what` is not asked for either. Throws what the work throws.
 */
export function spanned<T>(
  what: TracedWork | (() => TracedWork),
  work: (span: OpenSpan) => Promise<T>,
): Promise<T> {
  if (!BEGIN.hasSubscribers) return work(NOBODY);
  const span: OpenSpan = { ...(typeof what === 'function' ? what() : what) };
  return BEGIN.runStores(span, async () => {
    let failed: string | null = null;
    try {
      return await work(span);
    } catch (error) {
      failed = error instanceof Error ? error.name : 'Error';
      throw error;
    } finally {
      END.publish({ span, failed } satisfies EndedSpan);
    }
  });
}

/** Adds to a span what came of it. */
export function resulted(span: OpenSpan, result: OpenSpan['result'] & object): void {
  if (span !== NOBODY) span.result = { ...span.result, ...result };
}

/**
 * Hears of spans until what is returned is called. `begin` gets each before its work and answers with what `within` then
 * holds for all that happens in it.
 */
export function onSpans<Context>(
  within: AsyncLocalStorage<Context>,
  listener: { begin(span: OpenSpan): Context; end(ended: EndedSpan): void },
): () => void {
  const end = (what: unknown) => listener.end(what as EndedSpan);
  BEGIN.bindStore(within, (span) => listener.begin(span as OpenSpan));
  subscribe('slipway.span-end', end);
  return () => {
    BEGIN.unbindStore(within);
    unsubscribe('slipway.span-end', end);
  };
}
