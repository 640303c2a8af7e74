import { z } from 'zod';

const Notes = z.record(z.string(), z.string()).nullish();

const Condition = z.object({
  type: z.string().nullish(),
  /** CONDITION_PENDING, _RECONCILING, _FAILED, _SUCCEEDED */
  state: z.string().nullish(),
  message: z.string().nullish(),
  reason: z.string().nullish(),
  revisionReason: z.string().nullish(),
  internalReason: z.string().nullish(),
});
export type Condition = z.infer<typeof Condition>;

const LATEST = 'TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST';
const BY_REVISION = 'TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION';

/** A part of the requests, or with a tag an address of its own; what is zero is left out. */
const Traffic = z.object({
  type: z.string().nullish(),
  revision: z.string().nullish(),
  percent: z.int().nullish(),
  tag: z.string().nullish(),
});
export type Traffic = z.infer<typeof Traffic>;

const Container = z.looseObject({
  name: z.string().nullish(),
  image: z.string().nullish(),
  ports: z.array(z.unknown()).nullish(),
});
export type Container = z.infer<typeof Container>;

/** What revisions are made of; as a patch sends it back as it was, all of it is kept. */
const Template = z.looseObject({
  revision: z.string().nullish(),
  annotations: Notes,
  containers: z.array(Container),
});

/** A service of the Admin API v2, as far as a deployment takes it; numbers of 64 bits are texts there. */
export const RunService = z.object({
  etag: z.string(),
  generation: z.coerce.number().default(0),
  observedGeneration: z.coerce.number().default(0),
  reconciling: z.boolean().default(false),
  annotations: Notes,
  template: Template,
  traffic: z.array(Traffic).default([]),
  trafficStatuses: z.array(Traffic).default([]),
  terminalCondition: Condition.nullish(),
  conditions: z.array(Condition).default([]),
  latestReadyRevision: z.string().nullish(),
  uri: z.string().nullish(),
});
export type RunService = z.infer<typeof RunService>;

export const Revision = z.object({
  name: z.string(),
  createTime: z.string().default(''),
  annotations: Notes,
  containers: z.array(Container).default([]),
  conditions: z.array(Condition).default([]),
  logUri: z.string().nullish(),
});
export type Revision = z.infer<typeof Revision>;

/** A revision by its last name, with the share of the requests that it really gets, in percent. */
export interface Share {
  readonly revision: string;
  readonly percent: number;
}

/** `projects/p/locations/l/services/s/revisions/r` -> `r` */
export function lastName(name: string): string {
  return name.slice(name.lastIndexOf('/') + 1);
}

/** Who serves now, each revision once. What is wanted, but not reached, is not in it. */
export function serving({ trafficStatuses, latestReadyRevision }: RunService): readonly Share[] {
  const shares = new Map<string, number>();
  for (const { type, revision, percent } of trafficStatuses) {
    const name = revision || (type === LATEST ? latestReadyRevision : '') || '';
    if (name !== '' && percent) shares.set(lastName(name), (shares.get(lastName(name)) ?? 0) + percent);
  }
  return [...shares].map(([revision, percent]) => ({ revision, percent }));
}

/** Whether it is to have requests; the latest one is the one that the template makes. */
export function isWanted({ traffic, template }: RunService, name: string): boolean {
  return traffic.some(({ type, revision, percent }) => {
    const wanted = revision || (type === LATEST ? template.revision : '') || '';
    return !!percent && lastName(wanted) === name;
  });
}

/** Traffic that gives revisions these shares, and leaves addresses of their own as they are. */
export function trafficOf({ traffic }: RunService, shares: readonly Share[]): readonly Traffic[] {
  const tagged = traffic.filter(({ tag }) => tag).map(({ percent: _, ...rest }) => rest);
  return [...shares.map((share) => ({ type: BY_REVISION, ...share })), ...tagged];
}

/** Whether it is about what was asked for last. After a failure it may stay that of what serves. */
export function isSeen({ generation, observedGeneration }: RunService): boolean {
  return observedGeneration >= generation;
}

export function hasFailed({ reconciling, terminalCondition }: RunService): boolean {
  return !reconciling && terminalCondition?.state === 'CONDITION_FAILED';
}

/**
 * Whether the requests are where they were asked for. That a service has failed may only say that its newest revision has,
 * whoever gets the requests.
 */
export function routing({ conditions }: RunService): 'there' | 'failed' | 'unsaid' {
  const state = conditions.find(({ type }) => type === 'RoutesReady')?.state;
  if (state === 'CONDITION_SUCCEEDED') return 'there';
  return state === 'CONDITION_FAILED' ? 'failed' : 'unsaid';
}

/** What was asked for last is so. */
export function isSettled(service: RunService): boolean {
  return isSeen(service) && !service.reconciling && !hasFailed(service);
}

export function isReady({ conditions }: Revision): boolean {
  return conditions.some(({ type, state }) => type === 'Ready' && state === 'CONDITION_SUCCEEDED');
}

/** What stands in the way, in the words of Cloud Run: those of revisions say more than those of the service. */
export function troubleIn(conditions: readonly Condition[]): readonly string[] {
  const failed = conditions.filter(({ state }) => state === 'CONDITION_FAILED');
  const words = failed.map(({ message, reason, revisionReason, internalReason, type }) =>
    (message || reason || revisionReason || internalReason || type || '').replace(/\s+/g, ' ').trim(),
  );
  return [...new Set(words)].filter((text) => text !== '');
}
