import type { Logger } from 'pino';
import type { HeadPlace } from '../adapters/heads/port.ts';
import { explain } from '../domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../domain/refusals/refusal.ts';
import type { Ledger } from '../flows/run/ledger.ts';
import { EVERY, type Repeated, repeat } from './repeat.ts';

/** A place that somebody tried to reach is tried again after so long, by whichever replica. */
const PAUSE_MS = 55_000;

interface Options {
  readonly ledger: Pick<Ledger, 'auditHead' | 'auditHash' | 'tryOffer' | 'offerMade'>;
  /** Of this machine: every replica keeps its own. */
  readonly own: HeadPlace;
  /** For all replicas: one of them publishes. */
  readonly places: readonly HeadPlace[];
  readonly now: () => number;
  readonly log: Logger;
}

/** Publishes the head of the audit in every place, as often as that wants it. */
export function startPublishing(options: Options): Repeated {
  const troubled = new Set<string>();
  let working: Promise<void> = Promise.resolve();
  const look = () => {
    working = publishDue(options, troubled);
    return working;
  };
  const job = repeat(EVERY.minute, look, {
    log: options.log,
    trouble: 'the head of the audit log could not be published',
  });
  return {
    stop: async () => {
      await job.stop();
      await working;
      // The last word of this life: what was written since the last minute.
      await publishIn(options.own, options, troubled, null);
    },
  };
}

/** `troubled` remembers which places have been complained about, so that an outage is said once. */
export async function publishDue(options: Options, troubled: Set<string>): Promise<void> {
  const { own, places, now } = options;
  await publishIn(own, options, troubled, null);
  for (const place of places) {
    await publishIn(place, options, troubled, `${Math.floor(now() / place.everyMs)}`);
  }
}

/** Publishes in one place; with a slot only if no replica has in it. Never throws. */
async function publishIn(
  place: HeadPlace,
  { ledger, log }: Options,
  troubled: Set<string>,
  slot: string | null,
): Promise<void> {
  try {
    const head = await ledger.auditHead();
    if (head === null) return;
    const key = `audit-head:${place.name}:${slot}`;
    if (slot !== null && !(await ledger.tryOffer(key, PAUSE_MS))) return;
    const last = (await place.kept?.())?.at(-1);
    if (last !== undefined && (await ledger.auditHash(last.seq)) !== last.hash) {
      complain(`rewritten ${last.seq}`, () =>
        log.error(
          { place: place.name, seq: last.seq },
          'The audit log does not hold the head that was published there: it was cut off or written anew. Nothing is published over it. Run: slipway audit verify',
        ),
      );
      return;
    }
    await place.publish(head, key);
    if (slot !== null) await ledger.offerMade(key);
    for (const said of [...troubled]) if (said.startsWith(`${place.name} `)) troubled.delete(said);
  } catch (error) {
    const reason = error instanceof Refusal ? explain(error).text : (error as Error).message;
    const isKnown = error instanceof Refusal || error instanceof Unavailable;
    complain('away', () =>
      log.warn(
        { place: place.name, reason, ...(isKnown ? {} : { err: error }) },
        'The head of the audit log could not be published there; it is tried again every minute.',
      ),
    );
  }

  function complain(what: string, say: () => void): void {
    const key = `${place.name} ${what}`;
    if (troubled.has(key)) return;
    troubled.add(key);
    say();
  }
}
