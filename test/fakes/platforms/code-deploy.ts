import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { Route } from '../../../demo/platform/fake-platform.ts';
import { FakeEcs } from './ecs.ts';

const GROUP_NAMES = { applicationName: 'shop-app', deploymentGroupName: 'shop-group' };
const GROUP = { applicationName: z.literal('shop-app'), deploymentGroupName: z.literal('shop-group') };
const STATUS = z.enum([
  'Created',
  'Queued',
  'InProgress',
  'Baking',
  'Succeeded',
  'Failed',
  'Stopped',
  'Ready',
]);
const AppSpec = z.strictObject({
  version: z.literal(0),
  Resources: z.tuple([
    z.strictObject({
      TargetService: z.strictObject({
        Type: z.literal('AWS::ECS::Service'),
        Properties: z.strictObject({
          TaskDefinition: z.string().startsWith('arn:aws:ecs:'),
          LoadBalancerInfo: z.strictObject({
            ContainerName: z.literal('web'),
            ContainerPort: z.literal(8080),
          }),
          PlatformVersion: z.string().optional(),
          CapacityProviderStrategy: z
            .array(
              z.strictObject({
                CapacityProvider: z.string(),
                Weight: z.int().min(0).max(1_000),
                Base: z.int().min(0).max(100_000),
              }),
            )
            .min(1)
            .optional(),
        }),
      }),
    }),
  ]),
  Hooks: z.array(z.record(z.string(), z.string())).optional(),
});

interface Place {
  readonly platformVersion?: string;
  readonly capacityProviderStrategy?: readonly {
    readonly capacityProvider: string;
    readonly weight: number;
    readonly base: number;
  }[];
}

export interface FakeMove {
  readonly deploymentId: string;
  /** Absent for what CodeDeploy begins by itself to go back. */
  readonly description?: string;
  readonly definition: string;
  readonly createTime: number;
  status: z.infer<typeof STATUS>;
  errorInformation?: { readonly code: string; readonly message: string };
  instanceTerminationWaitTimeStarted: boolean;
  hooks?: unknown;
}

/**
 * CodeDeploy beside a service of ECS whose deployment controller it is, by its published model: one deployment of a group at a
 * time, requests that move before the old tasks end, and a stop that can take them back by a deployment of its own.
 */
export class FakeCodeDeploy extends FakeEcs {
  override controller = 'CODE_DEPLOY';
  readonly moves: FakeMove[] = [];
  /** Looks until the requests have moved. */
  pace = 1;
  /** The next deployment ends so. */
  nextError: { readonly code: string; readonly message: string } | null = null;
  /** Whether the old tasks live on for a while. */
  waits = false;
  serviceOfGroup = 'shop';
  /** Where the tasks run. A new task set has what the AppSpec says of that, and nothing of the one before. */
  place: Place = {};
  #primary = '';
  #seen = 0;

  override async deployByHand(image: string): Promise<string> {
    const arn = await super.deployByHand(image);
    this.#primary = arn;
    return arn;
  }

  #begin(move: Pick<FakeMove, 'definition' | 'description' | 'hooks'>): string {
    const deploymentId = `d-${String(this.moves.length + 1).padStart(9, 'A')}`;
    this.moves.push({
      deploymentId,
      ...move,
      createTime: this.now() / 1_000,
      status: 'InProgress',
      instanceTerminationWaitTimeStarted: false,
    });
    return deploymentId;
  }

  protected override extra(): object {
    this.#primary ||= this.definitions[0]?.arn ?? '';
    const moving = this.moves.find(({ status }) => status === 'InProgress');
    const set = (id: string, status: string, taskDefinition: string) => ({
      id,
      status,
      taskDefinition,
      runningCount: 2,
      computedDesiredCount: 2,
      startedBy: 'CODE_DEPLOY',
      loadBalancers: [{ targetGroupArn: 'arn:x', containerName: 'web', containerPort: 8080 }],
      ...(status === 'PRIMARY' ? this.place : {}),
    });
    const sets = [set('ecs-svc/1', 'PRIMARY', this.#primary)];
    if (moving && moving.definition !== this.#primary)
      sets.push(set('ecs-svc/2', 'ACTIVE', moving.definition));
    return { deployments: [], taskDefinition: undefined, taskSets: sets };
  }

  protected override async goOn(): Promise<void> {
    const moving = this.moves.find(
      ({ status, instanceTerminationWaitTimeStarted }) =>
        status === 'InProgress' && !instanceTerminationWaitTimeStarted,
    );
    if (!moving || this.#seen++ < this.pace) return;
    if (this.nextError) {
      moving.status = 'Failed';
      moving.errorInformation = this.nextError;
      this.nextError = null;
      return;
    }
    this.#primary = moving.definition;
    if (this.waits) moving.instanceTerminationWaitTimeStarted = true;
    else moving.status = 'Succeeded';
    await this.onLive(this.imageOf(moving.definition));
  }

  protected override more(): readonly Route[] {
    const byName = (id: string) => this.moves.find(({ deploymentId }) => deploymentId === id);
    return [
      this.call('GET', 'GetDeploymentGroup', z.strictObject(GROUP), () => ({
        deploymentGroupInfo: {
          computePlatform: 'ECS',
          ecsServices: [{ serviceName: this.serviceOfGroup, clusterName: 'main' }],
        },
      })),
      this.call(
        'GET',
        'ListDeployments',
        z.strictObject({
          ...GROUP,
          includeOnlyStatuses: z.array(STATUS).optional(),
          createTimeRange: z
            .strictObject({ start: z.number().optional(), end: z.number().optional() })
            .optional(),
        }),
        ({ includeOnlyStatuses, createTimeRange }) => ({
          deployments: this.moves
            .filter(
              ({ status, createTime }) =>
                (includeOnlyStatuses?.includes(status) ?? true) &&
                createTime >= (createTimeRange?.start ?? 0),
            )
            .map(({ deploymentId }) => deploymentId),
        }),
      ),
      this.call(
        'GET',
        'BatchGetDeployments',
        z.strictObject({ deploymentIds: z.array(z.string()).min(1).max(25) }),
        ({ deploymentIds }) => ({
          deploymentsInfo: deploymentIds.map(byName).map((one) => one && shown(one)),
        }),
      ),
      this.call('GET', 'GetDeployment', z.strictObject({ deploymentId: z.string() }), ({ deploymentId }) => {
        const found = byName(deploymentId);
        return found
          ? { deploymentInfo: shown(found) }
          : this.refused('DeploymentDoesNotExistException', 'no such deployment');
      }),
      this.call(
        'POST',
        'CreateDeployment',
        z.strictObject({
          ...GROUP,
          description: z.string().max(256),
          revision: z.strictObject({
            revisionType: z.literal('AppSpecContent'),
            appSpecContent: z.strictObject({ content: z.string(), sha256: z.string() }),
          }),
        }),
        ({ description, revision: { appSpecContent } }) => {
          const active = this.moves.find(({ status }) => status === 'InProgress');
          if (active)
            return this.refused(
              'DeploymentLimitExceededException',
              `The Deployment Group 'shop-group' already has an active Deployment '${active.deploymentId}'`,
            );
          const sha256 = createHash('sha256').update(appSpecContent.content).digest('hex');
          const spec = AppSpec.safeParse(JSON.parse(appSpecContent.content));
          if (sha256 !== appSpecContent.sha256 || !spec.success)
            return this.refused('InvalidRevisionException', 'The AppSpec is not valid.');
          const said = spec.data.Resources[0].TargetService.Properties;
          const definition = said.TaskDefinition;
          this.place = {
            ...(said.PlatformVersion ? { platformVersion: said.PlatformVersion } : {}),
            ...(said.CapacityProviderStrategy
              ? {
                  capacityProviderStrategy: said.CapacityProviderStrategy.map((one) => ({
                    capacityProvider: one.CapacityProvider,
                    weight: one.Weight,
                    base: one.Base,
                  })),
                }
              : {}),
          };
          const deploymentId = this.#begin({ description, definition, hooks: spec.data.Hooks });
          this.#seen = 0;
          this.acts.push(this.imageOf(definition));
          return { deploymentId };
        },
      ),
      this.call(
        'POST',
        'StopDeployment',
        z.strictObject({ deploymentId: z.string(), autoRollbackEnabled: z.boolean() }),
        ({ deploymentId, autoRollbackEnabled }) => {
          const found = byName(deploymentId);
          if (found?.status !== 'InProgress')
            return this.refused('DeploymentAlreadyCompletedException', 'It has ended.');
          found.status = 'Stopped';
          found.errorInformation = { code: 'MANUAL_STOP', message: 'The deployment was stopped.' };
          if (autoRollbackEnabled) {
            this.#seen = 0;
            this.#begin({ definition: this.#primary });
          }
          this.acts.push(`stop ${autoRollbackEnabled ? 'and go back' : ''}`.trim());
          return { status: 'Succeeded' };
        },
      ),
    ];
  }
}

/** What CodeDeploy tells of one: nothing of what is in the revision. */
function shown({ definition: _, hooks: __, ...move }: FakeMove): object {
  return { ...GROUP_NAMES, computePlatform: 'ECS', ...move };
}
