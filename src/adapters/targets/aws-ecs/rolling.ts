import { whenRefused } from '../../../domain/refusals/refusal.ts';
import type { DeployHandle, DeployOrder } from '../port.ts';
import type { EcsApi } from './api.ts';
import type { EcsDeployment, EcsService } from './shapes.ts';

/** Where an order stands: `ended` by itself, `taken` when something else was asked for since. */
export interface MoveProgress {
  readonly state: 'running' | 'done' | 'failed' | 'taken';
  /** Half a sentence. */
  readonly detail: string;
}

/** Which task definition runs a service; `tasks`: how many of it. */
export interface RunningTasks {
  readonly definition: string;
  readonly tasks: number;
}

/** What a mover is asked to bring live. */
export interface Move {
  readonly kind: DeployOrder['kind'];
  readonly key: string;
  readonly definition: string;
  /** It was registered right now, so nothing can have run it. */
  readonly isNew: boolean;
}

/** How a service moves from one task definition to another. */
export interface Mover {
  /** It could move the service; what it could do better, in a sentence or none. Refusal `target-misconfigured`. */
  check(service: EcsService, signal?: AbortSignal): Promise<string>;
  /** Who has the requests, or most of them, first. */
  serving(service: EcsService): readonly RunningTasks[];
  /** What the service was told to run last. */
  wanted(service: EcsService): string | null;
  /** It is there, and nothing is under way to something else. */
  isThere(service: EcsService): Promise<boolean>;
  /** The name of the move that was begun before; null when none was. */
  begun(service: EcsService, move: Move): Promise<string | null>;
  /** Answers with its name; null where it has none. */
  begin(service: EcsService, move: Move): Promise<string | null>;
  progress(service: EcsService, handle: DeployHandle, now: number): Promise<MoveProgress>;
  /** `before`: what served before. */
  stop(service: EcsService, handle: DeployHandle, before: string): Promise<void>;
}

/** ECS shows a change a little later, ms. */
const SHOWS_AFTER_MS = 30_000;

/** What ECS does by itself: rolling updates, and its own blue/green, linear and canary deployments. */
export class RollingMover implements Mover {
  readonly #api: EcsApi;

  constructor(api: EcsApi) {
    this.#api = api;
  }

  /** Only *Cancel* takes it, which does without. */
  async check(service: EcsService, signal?: AbortSignal): Promise<string> {
    if (!hasSteps(service)) return '';
    const forbidden = `Slipway may not list the deployments of ${service.serviceName}, so Cancel begins another one instead of stopping the one that is under way: grant it ecs:ListServiceDeployments and ecs:StopServiceDeployment.`;
    const asked = this.#api.underWay(signal).then(() => '');
    return asked
      .catch(whenRefused(forbidden, 'platform-forbidden'))
      .catch(whenRefused('', 'platform-refused'));
  }

  serving({ deployments }: EcsService): readonly RunningTasks[] {
    const all = [...(deployments ?? [])].filter((one) => isNewest(one) || (one.runningCount ?? 0) > 0);
    const rank = (one: EcsDeployment) =>
      isNewest(one) && isOver(one, deployments ?? []) ? Infinity : (one.runningCount ?? 0);
    return all
      .filter((one) => (one.runningCount ?? 0) > 0 || all.length === 1 || rank(one) === Infinity)
      .sort((a, b) => Number(isNewest(a)) - Number(isNewest(b)))
      .sort((a, b) => (rank(a) === rank(b) ? 0 : rank(b) - rank(a)))
      .map((one) => ({ definition: one.taskDefinition, tasks: one.runningCount ?? 0 }));
  }

  wanted({ deployments }: EcsService) {
    return deployments?.find(isNewest)?.taskDefinition ?? null;
  }

  async isThere({ deployments }: EcsService): Promise<boolean> {
    const newest = deployments?.find(isNewest);
    return newest !== undefined && isOver(newest, deployments ?? []);
  }

  /** Also one that was taken back since: it is not named any more, but its tasks are for an hour. */
  async begun({ deployments }: EcsService, { definition, isNew }: Move): Promise<string | null> {
    const own = deployments?.find(({ taskDefinition }) => taskDefinition === definition);
    if (own || isNew) return own?.id ?? null;
    const stopped = await this.#api.stopped(definition).catch(whenRefused([], 'platform-forbidden'));
    return stopped.length > 0 ? definition : null;
  }

  async begin(_service: EcsService, { definition }: Move): Promise<null> {
    await this.#api.update(definition);
    return null;
  }

  async progress(
    service: EcsService,
    { startedAt, state }: DeployHandle,
    now: number,
  ): Promise<MoveProgress> {
    const newest = service.deployments?.find(isNewest);
    const own = service.deployments?.find(({ taskDefinition }) => taskDefinition === state['definition']);
    if (own && isNewest(own)) return progressOf(own, service.deployments ?? []);
    if (own?.rolloutState === 'FAILED') {
      return { state: 'failed', detail: `ECS took it back by itself: ${reasonOf(own)}` };
    }
    if (newest?.taskDefinition !== state['before'] && newest?.taskDefinition !== state['from']) {
      return { state: 'taken', detail: 'somebody else has updated the service' };
    }
    const said = goneBack(service, state['event']);
    if (!own && now - startedAt < SHOWS_AFTER_MS && said === null) {
      return { state: 'running', detail: 'ECS does not show the deployment yet' };
    }
    const why = said ?? 'the service has the task definition of before again';
    return { state: 'failed', detail: `it was taken back: ${why}` };
  }

  /** By its own means where the strategy has steps and ECS takes it: an update would begin with them anew, to go back. */
  async stop(service: EcsService, { state }: DeployHandle, before: string): Promise<void> {
    const own = service.deployments?.find(isNewest);
    if (own === undefined || own.taskDefinition !== state['definition']) return;
    const isGoingBack =
      hasSteps(service) &&
      (await this.#api
        .rollBack(own.createdAt ?? 0)
        .catch(whenRefused(false, 'platform-forbidden', 'platform-refused')));
    if (!isGoingBack) await this.#api.updateBack(before);
  }
}

function hasSteps({ deploymentConfiguration }: EcsService): boolean {
  return (deploymentConfiguration?.strategy ?? 'ROLLING') !== 'ROLLING';
}

function isNewest({ status }: EcsDeployment): boolean {
  return status === 'PRIMARY';
}

/** Behind a Classic Load Balancer ECS does not tell it: then nothing else is left, and all its tasks run. */
function isOver(one: EcsDeployment, all: readonly EcsDeployment[]): boolean {
  if (one.rolloutState) return one.rolloutState === 'COMPLETED';
  return all.length === 1 && (one.runningCount ?? 0) >= (one.desiredCount ?? 0);
}

function progressOf(one: EcsDeployment, all: readonly EcsDeployment[]): MoveProgress {
  const [wanted, runningNow, failedTasks] = [
    one.desiredCount ?? 0,
    one.runningCount ?? 0,
    one.failedTasks ?? 0,
  ];
  if (one.rolloutState === 'FAILED') return { state: 'failed', detail: reasonOf(one) };
  const gone = failedTasks > 0 ? `, ${failedTasks} have failed` : '';
  const detail = `${runningNow} of ${wanted} tasks run${gone}`;
  return { state: isOver(one, all) ? 'done' : 'running', detail };
}

function reasonOf({ rolloutStateReason }: EcsDeployment): string {
  return (rolloutStateReason || 'its tasks failed to start').replace(/\.$/, '');
}

/** What ECS said of a deployment that failed, since the event that was the newest when the order began. */
function goneBack({ events }: EcsService, last: DeployHandle['state'][string] | undefined): string | null {
  const known = events?.findIndex(({ id }) => id === last) ?? -1;
  const since = known < 0 ? events : events?.slice(0, known);
  const found = since?.find(({ message }) => /deployment failed|rolling back/.test(message.slice(0, 500)));
  return found ? found.message.slice(0, 200).replace(/\.$/, '') : null;
}
