import { EVERYTHING } from './concerns.ts';

/** An entry of the audit as it is stored. */
interface Stored {
  readonly seq: number;
  /** ms since the epoch */
  readonly at: number;
  readonly action: string;
  readonly hash: string;
  readonly service?: string;
  readonly promotionId?: string;
}

/** @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** Has no full stop, which the signature would take for its own. */
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject?: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: object;
}

const COMMON = {
  specversion: '1.0',
  source: '/slipway',
  datacontenttype: 'application/json',
} as const;

/** The same entry is the same event, whenever it is sent; one of another log with the same number is another. */
export function cloudEvent(entry: Stored): CloudEvent {
  const { seq, at, action, hash, service, promotionId } = entry;
  const subject = promotionId ?? (service === EVERYTHING ? undefined : service);
  return {
    ...COMMON,
    id: `${seq}-${hash.slice(0, 16)}`,
    type: `slipway.${action}`,
    ...(subject === undefined ? {} : { subject }),
    time: new Date(at).toISOString(),
    data: entry,
  };
}

/** Says nothing but that the receiver is reached. */
export function pingEvent(id: string, at: number): CloudEvent {
  return { ...COMMON, id: `ping-${id}`, type: 'slipway.ping', time: new Date(at).toISOString(), data: {} };
}

/** Whether an action is one of `promotion.shipped`, `deployment.*`. */
export function isOneOfEvents(action: string, events: readonly string[]): boolean {
  return events.some((event) =>
    event.endsWith('.*') ? action.startsWith(event.slice(0, -1)) : action === event,
  );
}
