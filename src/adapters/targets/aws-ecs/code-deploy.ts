import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import type { DeployHandle } from '../port.ts';
import type { EcsAsk } from './ask.ts';
import { orderTag } from './notes.ts';
import type { Move, MoveProgress, Mover, RunningTasks } from './rolling.ts';
import type { EcsService } from './shapes.ts';

const PLATFORM = 'CodeDeploy';
/** How far back a deployment of an order is looked for: longer than anybody is waited for. */
const LOOKS_BACK_SECONDS = 2 * 24 * 3_600;
/** As many as are described at once. */
const MOST_LOOKED_AT = 25;
const ACTIVE = ['Created', 'Queued', 'InProgress', 'Baking', 'Ready'];

const Info = z.object({
  deploymentId: z.string(),
  status: z.string(),
  description: z.string().nullish(),
  errorInformation: z.object({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
  instanceTerminationWaitTimeStarted: z.boolean().nullish(),
});
type Info = z.infer<typeof Info>;

interface Options {
  readonly application: string;
  readonly group: string;
  readonly hooks: Readonly<Record<string, string>>;
}

/** What CodeDeploy does: blue/green, whole or by the share and time that its deployment configuration says. */
export class CodeDeployMover implements Mover {
  readonly #options: Options;
  readonly #ask: EcsAsk;
  readonly #place: { readonly cluster: string; readonly service: string };
  readonly #now: () => number;

  constructor(
    options: Options,
    ask: EcsAsk,
    place: { readonly cluster: string; readonly service: string },
    now: () => number,
  ) {
    this.#options = options;
    this.#ask = ask;
    this.#place = place;
    this.#now = now;
  }

  async check(_service: EcsService, signal?: AbortSignal): Promise<string> {
    const Group = z.object({
      ecsServices: z
        .array(z.object({ serviceName: z.string().nullish(), clusterName: z.string().nullish() }))
        .nullish(),
    });
    const reply = z.object({ deploymentGroupInfo: Group });
    const { deploymentGroupInfo } = await this.#ask('GetDeploymentGroup', this.#group(), reply, signal);
    const { cluster, service } = this.#place;
    const isRight = deploymentGroupInfo.ecsServices?.some(
      ({ serviceName, clusterName }) => serviceName === service && clusterName === cluster,
    );
    if (isRight) return '';
    const reason = `the deployment group ${this.#options.group} of CodeDeploy is not one of ${service} in ${cluster}`;
    throw new Refusal('target-misconfigured', { target: `ECS service ${cluster}/${service}`, reason });
  }

  serving({ taskSets }: EcsService): readonly RunningTasks[] {
    return (taskSets ?? [])
      .filter(({ status }) => status === 'PRIMARY')
      .map((one) => ({ definition: one.taskDefinition, tasks: one.runningCount ?? 0 }));
  }

  wanted(service: EcsService) {
    return this.serving(service)[0]?.definition ?? null;
  }

  /** A deployment that fell silent may still move the requests. */
  async isThere(service: EcsService): Promise<boolean> {
    if (this.wanted(service) === null) return false;
    const active = await this.#active();
    return active.every((one) => one.instanceTerminationWaitTimeStarted === true);
  }

  async begun(_service: EcsService, { key }: Pick<Move, 'key'>): Promise<string | null> {
    const since = Math.floor(this.#now() / 1_000) - LOOKS_BACK_SECONDS;
    const all = await this.#deployments({ createTimeRange: { start: since } });
    return all.find(({ description }) => description === noteOf(key))?.deploymentId ?? null;
  }

  async begin(service: EcsService, move: Move): Promise<string | null> {
    const content = JSON.stringify(this.#appSpec(service, move.definition));
    const sha256 = createHash('sha256').update(content).digest('hex');
    const asked = {
      ...this.#group(),
      description: noteOf(move.key),
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content, sha256 } },
    };
    try {
      return (await this.#ask('CreateDeployment', asked, z.object({ deploymentId: z.string() })))
        .deploymentId;
    } catch (error) {
      if (!(error instanceof Refusal) || !/^DeploymentLimitExceeded/.test(String(error.facts['said'])))
        throw error;
      // One at a time: it may be our own, whose answer was lost and which is only listed now.
      const own = await this.begun(service, move);
      if (own !== null) return own;
      throw await this.#inTheWay(move);
    }
  }

  async progress(service: EcsService, { state }: DeployHandle): Promise<MoveProgress> {
    const serves = this.serving(service)[0]?.definition === state['definition'];
    if (typeof state['move'] !== 'string') {
      return serves
        ? { state: 'done', detail: 'it serves' }
        : { state: 'taken', detail: 'something else serves by now' };
    }
    const reply = z.object({ deploymentInfo: Info });
    const asked = { deploymentId: state['move'] };
    const { deploymentInfo: info } = await this.#ask('GetDeployment', asked, reply);
    const { status, errorInformation: error } = info;
    const name = `${PLATFORM} ${info.deploymentId}`;
    // Then only the old tasks are still to end, which may take hours.
    if (serves && (status === 'Succeeded' || info.instanceTerminationWaitTimeStarted)) {
      return { state: 'done', detail: name };
    }
    if (status === 'Failed' || status === 'Stopped') {
      const why = [error?.code, error?.message].filter(Boolean).join(': ').replace(/\s+/g, ' ');
      return { state: 'failed', detail: `${name} ${status.toLowerCase()}${why && `: ${why.slice(0, 300)}`}` };
    }
    if (status === 'Succeeded')
      return { state: 'running', detail: `${name} has succeeded; its tasks do not serve yet` };
    const waits = status === 'Ready' ? ' and waits for somebody to reroute the requests' : '';
    return { state: 'running', detail: `${name} is ${status}${waits}` };
  }

  async stop(_service: EcsService, { state }: DeployHandle): Promise<void> {
    if (typeof state['move'] !== 'string') return;
    await this.#stop(state['move'], true);
  }

  /**
   * A rollback does not wait for a deployment of our own: it has the requests go back, or where it serves already and only
   * its old tasks are still to end, leaves them where they are.
   */
  async #inTheWay({ kind }: Move): Promise<Unavailable> {
    const [active] = await this.#active();
    if (kind === 'rollback' && active?.description?.startsWith(NOTE))
      await this.#stop(active.deploymentId, !active.instanceTerminationWaitTimeStarted);
    return new Unavailable(PLATFORM, `the deployment ${active?.deploymentId ?? 'before'} is still under way`);
  }

  async #stop(deploymentId: string, autoRollbackEnabled: boolean): Promise<void> {
    try {
      await this.#ask('StopDeployment', { deploymentId, autoRollbackEnabled }, z.object({}));
    } catch (error) {
      const isOver =
        error instanceof Refusal && /^DeploymentAlreadyCompleted/.test(String(error.facts['said']));
      if (!isOver) throw error;
    }
  }

  #active(): Promise<readonly Info[]> {
    return this.#deployments({ includeOnlyStatuses: ACTIVE });
  }

  async #deployments(filter: object): Promise<readonly Info[]> {
    const names = z.object({ deployments: z.array(z.string()) });
    const { deployments } = await this.#ask('ListDeployments', { ...this.#group(), ...filter }, names);
    const deploymentIds = deployments.slice(0, MOST_LOOKED_AT);
    if (deploymentIds.length === 0) return [];
    const reply = z.object({ deploymentsInfo: z.array(Info) });
    return (await this.#ask('BatchGetDeployments', { deploymentIds }, reply)).deploymentsInfo;
  }

  #group() {
    const { application, group } = this.#options;
    return { applicationName: application, deploymentGroupName: group };
  }

  /** What it does not name CodeDeploy does not take from before: where tasks run is named as it is. */
  #appSpec(service: EcsService, definition: string): unknown {
    const sets = service.taskSets ?? [];
    const primary = sets.find(({ status }) => status === 'PRIMARY');
    const [first] = [...sets.flatMap((one) => one.loadBalancers ?? []), ...(service.loadBalancers ?? [])];
    const providers = [primary, service].find((one) => one?.capacityProviderStrategy?.length);
    const platform = primary?.platformVersion ?? service.platformVersion;
    const hooks = Object.entries(this.#options.hooks).map(([name, lambda]) => ({ [name]: lambda }));
    const properties = {
      TaskDefinition: definition,
      LoadBalancerInfo: { ContainerName: first?.containerName, ContainerPort: first?.containerPort },
      ...(platform ? { PlatformVersion: platform } : {}),
      ...(providers ? { CapacityProviderStrategy: providers.capacityProviderStrategy?.map(asInSpec) } : {}),
    };
    return {
      version: 0,
      Resources: [{ TargetService: { Type: 'AWS::ECS::Service', Properties: properties } }],
      ...(hooks.length > 0 ? { Hooks: hooks } : {}),
    };
  }
}

type Provider = NonNullable<EcsService['capacityProviderStrategy']>[number];

function asInSpec({ capacityProvider, weight, base }: Provider): Readonly<Record<string, string | number>> {
  return { CapacityProvider: capacityProvider, Weight: weight ?? 0, Base: base ?? 0 };
}

const NOTE = 'slipway ';

function noteOf(key: string): string {
  return `${NOTE}${orderTag(key)}`;
}
