import { z } from 'zod';

const Count = z.int().nullish();
/** s since 1970 */
const Moment = z.number().nullish();

/** One deployment of a service; several while a new one replaces another. */
const Deployment = z.object({
  id: z.string(),
  /** PRIMARY: the newest; ACTIVE: is being replaced. */
  status: z.string(),
  taskDefinition: z.string(),
  desiredCount: Count,
  runningCount: Count,
  failedTasks: Count,
  createdAt: Moment,
  /** IN_PROGRESS, COMPLETED, FAILED */
  rolloutState: z.string().nullish(),
  rolloutStateReason: z.string().nullish(),
});
export type EcsDeployment = z.infer<typeof Deployment>;

const LoadBalancer = z.object({
  targetGroupArn: z.string().nullish(),
  containerName: z.string().nullish(),
  containerPort: z.int().nullish(),
});

/** How many of the tasks each capacity provider gets; none where there is a launch type. */
const Providers = z.array(z.object({ capacityProvider: z.string(), weight: Count, base: Count })).nullish();

const TaskSet = z.object({
  /** PRIMARY has the requests. */
  status: z.string(),
  taskDefinition: z.string(),
  runningCount: Count,
  computedDesiredCount: Count,
  loadBalancers: z.array(LoadBalancer).nullish(),
  capacityProviderStrategy: Providers,
  /** Of Fargate. */
  platformVersion: z.string().nullish(),
});

/** A service of ECS, as far as a deployment takes it. */
export const EcsService = z.object({
  serviceName: z.string(),
  clusterArn: z.string(),
  status: z.string(),
  desiredCount: Count,
  taskDefinition: z.string().nullish(),
  deploymentController: z.object({ type: z.string() }).nullish(),
  /** ROLLING, BLUE_GREEN, LINEAR, CANARY */
  deploymentConfiguration: z.object({ strategy: z.string().nullish() }).nullish(),
  deployments: z.array(Deployment).nullish(),
  taskSets: z.array(TaskSet).nullish(),
  loadBalancers: z.array(LoadBalancer).nullish(),
  capacityProviderStrategy: Providers,
  platformVersion: z.string().nullish(),
  /** Newest first. */
  events: z.array(z.object({ id: z.string(), message: z.string() })).nullish(),
});
export type EcsService = z.infer<typeof EcsService>;

/** One with the steps of its strategy, in the history of a service. */
export const ServiceDeployment = z.object({
  serviceDeploymentArn: z.string(),
  status: z.string(),
  createdAt: Moment,
});
export type ServiceDeployment = z.infer<typeof ServiceDeployment>;

const ContainerDefinition = z.looseObject({
  name: z.string(),
  image: z.string(),
  logConfiguration: z
    .looseObject({ logDriver: z.string(), options: z.record(z.string(), z.string()).nullish() })
    .nullish(),
});

/** A revision of a task definition; as it is registered again, all of it is kept. */
export const TaskDefinition = z.looseObject({
  taskDefinitionArn: z.string(),
  family: z.string(),
  /** ACTIVE, INACTIVE, DELETE_IN_PROGRESS */
  status: z.string().nullish(),
  containerDefinitions: z.array(ContainerDefinition),
});
export type TaskDefinition = z.infer<typeof TaskDefinition>;

export const Tag = z.object({ key: z.string(), value: z.string().nullish() });
export type Tag = z.infer<typeof Tag>;

export interface TaggedDefinition {
  readonly definition: TaskDefinition;
  readonly tags: readonly Tag[];
}

export const StoppedTask = z.object({
  taskArn: z.string(),
  taskDefinitionArn: z.string(),
  stoppedReason: z.string().nullish(),
  containers: z
    .array(z.object({ name: z.string(), exitCode: z.int().nullish(), reason: z.string().nullish() }))
    .nullish(),
});
export type StoppedTask = z.infer<typeof StoppedTask>;

/** `arn:aws:ecs:eu-central-1:123456789012:task-definition/shop:12` -> `shop:12` */
export function endOf(arn: string): string {
  return arn.slice(arn.lastIndexOf('/') + 1);
}

/** "task 1f09: Essential container in task exited; container web exited with 1 (OutOfMemoryError)" */
export function troubleOf({ taskArn, stoppedReason, containers }: StoppedTask): string {
  const exits = (containers ?? [])
    .filter(({ exitCode, reason }) => exitCode || reason)
    .map(({ name, exitCode, reason }) => {
      const how = exitCode === null || exitCode === undefined ? 'did not run' : `exited with ${exitCode}`;
      return `container ${name} ${how}${reason ? ` (${reason})` : ''}`;
    });
  const words = [stoppedReason ?? 'stopped', ...exits].join('; ').replace(/\s+/g, ' ');
  return `task ${endOf(taskArn).slice(0, 8)}: ${words.slice(0, 300)}`;
}
