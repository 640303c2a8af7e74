import { withoutDigest } from '../shared/image.ts';
import type { AgentStatus } from './agent.ts';
import { type ArgoApplication, revisionsIn, syncsByItself } from './argo-application.ts';

/** An error of a comparison passes by itself for so long, in ms: a repository that did not answer looks the same. */
const COMPARED_AGAIN_MS = 2 * 60_000;
/** Health is that of the state before for a moment after a sync, and passes by itself at times, in ms. */
const SETTLED_MS = 30_000;
const UNWELL = new Set(['Degraded', 'Missing', 'Unknown', 'Suspended']);
/** What is Healthy only with pods of its newest template. */
const LASTING = new Set(['Deployment', 'StatefulSet', 'DaemonSet', 'Rollout']);
/** What makes pods that end, or is one: those that have ended still have the image of before. */
const ENDING = /Job$|Workflow$|Run$|^Pod$|SparkApplication$/;
const MOST_NAMED = 5;

/**
 * How far Argo CD is with a commit. `isOurs`: whether a revision has it. Synced and Healthy count only at such a
 * revision, with no operation under way, and looked at after the last one ended.
 */
export function argoStatus(
  app: ArgoApplication,
  isOurs: (revision: string) => boolean,
  now: number,
): AgentStatus {
  const { sync, health, operationState: operation, conditions } = app.status ?? {};
  const isOn = (from: Parameters<typeof revisionsIn>[0]) => revisionsIn(from).some(isOurs);
  const ended = Date.parse(operation?.finishedAt ?? '');
  const phase = operation?.phase ?? '';
  // What it tells of an operation, and what went wrong with that, is of the one before until it takes up the next.
  const isAsked = !!app.operation && !isUnderWay(phase);
  if (!isAsked && /^(?:Failed|Error)$/.test(phase) && isOn(operation?.syncResult)) {
    return {
      state: 'failed',
      detail: `the sync failed: ${[operation?.message ?? phase, ...unsynced(app)].join('; ')}`,
    };
  }
  const error = conditions?.find(({ type }) => type.endsWith('Error'));
  if (error) {
    const detail = `${error.type}: ${error.message ?? 'Argo CD does not say why'}`;
    const since = Date.parse(error.lastTransitionTime ?? '');
    const isLasting = error.type !== 'ComparisonError' || now - since > COMPARED_AGAIN_MS;
    return { state: isLasting && isOn(sync) && !app.operation ? 'failed' : 'running', detail };
  }
  if (isAsked) return { state: 'running', detail: 'Argo CD was asked to sync' };
  if (!isOn(sync)) return { state: 'running', detail: 'Argo CD has not seen the commit yet' };
  if (isUnderWay(phase)) return { state: 'running', detail: `Argo CD syncs: ${operation?.message ?? phase}` };
  if (!isSynced(app)) {
    const state = [sync?.status ?? 'Unknown', ...outOfSync(app)].join('; ');
    if (syncsByItself(app))
      return { state: 'running', detail: `Argo CD has seen the commit, and is ${state}` };
    return hasSynced(app)
      ? { state: 'running', detail: `Argo CD has synced the commit, and is still ${state}` }
      : { state: 'running', detail: 'Argo CD waits for somebody to press Sync', needsSync: true };
  }
  if (!hasLooked(app))
    return { state: 'running', detail: 'Argo CD has not looked at its health since the sync' };
  if (health?.status === 'Healthy') return { state: 'done', detail: 'Synced and Healthy' };
  const detail = [`it is ${health?.status ?? 'of unknown health'}`, ...unhealthy(app)].join('; ');
  const times = [ended, Date.parse(health?.lastTransitionTime ?? '')];
  const isSettled = !times.some((since) => now - since < SETTLED_MS);
  return { state: health?.status === 'Degraded' && isSettled ? 'failed' : 'running', detail };
}

/** Whether all is as the commit has it, but for what is only to be deleted: that stays where nothing prunes. */
function isSynced({ status }: ArgoApplication): boolean {
  if (status?.sync?.status === 'Synced') return true;
  const others = (status?.resources ?? []).filter((one) => one.status === 'OutOfSync');
  const isLeft = others.length > 0 && others.every((one) => one.requiresPruning === true);
  return status?.sync?.status === 'OutOfSync' && isLeft;
}

/** Whether it would do the same again, asked once more: it was no dry run, and not of single resources. */
function hasSynced({ status }: ArgoApplication): boolean {
  const { phase, operation, syncResult } = status?.operationState ?? {};
  const { dryRun, resources } = operation?.sync ?? {};
  const done = phase === 'Succeeded' && !dryRun && !resources?.length ? revisionsIn(syncResult) : [];
  return revisionsIn(status?.sync).every((one) => done.includes(one));
}

/** What no sync has ended and a deployment would wait for, with its names: a sentence; null for nothing. */
export function keepsWaiting(app: ArgoApplication): string | null {
  const { sync, health } = app.status ?? {};
  const isLeft = sync?.status === 'OutOfSync' && !app.operation && !isSynced(app) && hasSynced(app);
  const isSuspended = health?.status === 'Suspended';
  const named = [...(isLeft ? outOfSync(app) : []), ...(isSuspended ? unhealthy(app) : [])];
  if (!isLeft && !isSuspended) return null;
  const what = named.length > 0 ? `: ${named.join('; ')}` : '';
  return `${isLeft ? 'It is OutOfSync right after its sync' : 'It is Suspended'}${what}. While that lasts no deployment succeeds.`;
}

/** Whether it has looked at the health since the last sync. Its times are whole seconds: one look in the last second may be from before. */
export function hasLooked({ status }: ArgoApplication): boolean {
  const ended = Date.parse(status?.operationState?.finishedAt ?? '');
  return !(Date.parse(status?.reconciledAt ?? '') <= ended);
}

function isUnderWay(phase: string): boolean {
  return /^(?:Running|Terminating)$/.test(phase);
}

/** What did not come about in the last sync, by name. */
function unsynced({ status }: ArgoApplication): readonly string[] {
  const all = status?.operationState?.syncResult?.resources ?? [];
  return all
    .filter((one) => one.status === 'SyncFailed')
    .slice(0, MOST_NAMED)
    .map(({ kind, name, message }) => `${kind ?? ''} ${name ?? ''}: ${message ?? 'failed'}`);
}

/** What is not as the commit has it, by name. */
function outOfSync({ status }: ArgoApplication): readonly string[] {
  return (status?.resources ?? [])
    .filter((one) => one.status === 'OutOfSync')
    .slice(0, MOST_NAMED)
    .map(({ kind, name }) => `${kind ?? ''} ${name ?? ''} is OutOfSync`);
}

/** What is not well, by name, with Argo CD's words. */
function unhealthy({ status }: ArgoApplication): readonly string[] {
  return (status?.resources ?? [])
    .filter(({ health }) => UNWELL.has(health?.status ?? ''))
    .slice(0, MOST_NAMED)
    .map(
      ({ kind, name, health }) =>
        `${kind ?? ''} ${name ?? ''} is ${health?.status}${health?.message ? ` (${health.message})` : ''}`,
    );
}

/** What its pods have of an image in the place of this tag; null where one has it, or nobody can say. */
export function runsInstead({ status }: ArgoApplication, image: string, tag: string): string | null {
  const kinds = (status?.resources ?? []).map(({ kind }) => kind ?? '');
  if (!kinds.some((kind) => LASTING.has(kind)) || kinds.some((kind) => ENDING.test(kind))) return null;
  const found = (status?.summary?.images ?? []).map(withoutDigest);
  const others = found.filter((one) => one.startsWith(`${image}:`));
  const isUnsaid = others.length === 0 || found.some((one) => one.startsWith(`${image}@`));
  return isUnsaid || others.includes(`${image}:${tag}`) ? null : others.join(' and ');
}
