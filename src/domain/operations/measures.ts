import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';

/** What is measured while the bot works. Names are ours, never those of people; times are in ms. */
export interface Measures {
  /** A step of a run that was done, and not read from its journal. */
  readonly step: { readonly name: string; readonly ms: number; readonly outcome: 'done' | 'failed' };
  /** A promotion that is over, with the state that it ended in. */
  readonly ending: { readonly service: string; readonly state: string };
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
