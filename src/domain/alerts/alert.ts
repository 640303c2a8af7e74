/** An alert that fires now, as its system tells of it. */
export interface FiringAlert {
  /** Stable for as long as it fires, and the same when it fires again: a fingerprint, or the id of its rule. */
  readonly id: string;
  /** What people call it; raw outside text. */
  readonly name: string;
  /** Critical by itself; any other asks people. */
  readonly critical: boolean;
  /** Since when, ms since the epoch; absent where nobody tells. */
  readonly since?: number;
  /** Where people read of it. */
  readonly url?: string;
}

/** Since when it fires, by a time that was told; nothing for what is no time, or still to come. */
export function sinceThen(time: string, now: number): Pick<FiringAlert, 'since'> {
  const since = Date.parse(time);
  return Number.isFinite(since) && since <= now ? { since } : {};
}

/** More are a flood, in which one more says nothing. */
const MOST_ALERTS = 500;
const MOST_CHARS = 200;
/** A name of AWS has more than a title. */
const MOST_ID_CHARS = 400;
/** A longer address is left out: half of one leads nowhere. */
const MOST_URL_CHARS = 500;

/** One of each id, of bounded size, critical ones first, then the youngest; a flood is cut. */
export function boundedAlerts(alerts: readonly FiringAlert[]): readonly FiringAlert[] {
  const one = new Map(alerts.map((alert) => [alert.id, alert]));
  return [...one.values()]
    .sort((a, b) => Number(b.critical) - Number(a.critical) || (b.since ?? 0) - (a.since ?? 0))
    .slice(0, MOST_ALERTS)
    .map(({ url, ...alert }) => ({
      ...alert,
      id: alert.id.slice(0, MOST_ID_CHARS),
      name: alert.name.slice(0, MOST_CHARS) || 'without a name',
      ...(url === undefined || url.length > MOST_URL_CHARS ? {} : { url }),
    }));
}
