import { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { AwsClient, type AwsSettings } from '../../shared/aws/client.ts';
import type { AwsProblem } from '../../shared/aws/problem.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { jsonOf } from '../../shared/reply.ts';
import { orNothing } from '../shared/noted.ts';
import { EcsService, endOf, StoppedTask, Tag, type TaggedDefinition, TaskDefinition } from './shapes.ts';

const MOST_TASKS = 10;
const MOST_LINES = 15;
const MOST_CHARS = 300;

interface Place {
  readonly cluster: string;
  readonly service: string;
}

export type EcsAsk = <T>(
  action: string,
  parameters: unknown,
  reply: z.ZodType<T>,
  signal?: AbortSignal,
) => Promise<T>;

/** Asks a service of AWS by its JSON protocol; each answer is validated. `what` is missing when AWS knows none. */
export function askerOf(
  settings: AwsSettings & { readonly timeout: number },
  service: { readonly name: string; readonly title: string; readonly version: string; readonly what: string },
  context: AdapterContext,
): EcsAsk {
  const refusal = (problem: AwsProblem) => refusalOf(problem, service);
  const client = new AwsClient(settings, { ...service, refusal, once: true }, settings.timeout, context);
  return async (action, parameters, reply, signal) => {
    const parsed = reply.safeParse(jsonOf(await client.callJson(action, parameters, signal)));
    if (parsed.success) return parsed.data;
    throw new Unavailable(service.title, `its answer to ${action} was not understood`, {
      cause: parsed.error,
    });
  };
}

function refusalOf(
  problem: AwsProblem,
  { name, title, what }: { readonly name: string; readonly title: string; readonly what: string },
): Refusal {
  const { action } = problem;
  const needs = `the permission ${name}:${action}`;
  if (problem.kind === 'unauthorised') {
    const { status, said } = problem;
    if (!/AccessDenied|NotAuthorized/.test(status)) {
      return new Refusal('aws-credentials', {
        reason: `${title} does not take them (${status}${said && `: ${said}`})`,
      });
    }
    return new Refusal('platform-forbidden', {
      platform: title,
      doing: `call ${action}`,
      needs,
      said,
      token: 'the credentials of AWS',
    });
  }
  if (
    /^(?:Cluster|Service)Not(?:Found|Active)|^(?:Application|DeploymentGroup)DoesNotExist/.test(
      problem.reason,
    )
  ) {
    return new Refusal('platform-not-found', { platform: title, what, needs, said: problem.reason });
  }
  return new Refusal('platform-refused', { platform: title, doing: `do ${action}`, said: problem.reason });
}

/** The calls of ECS (2014-11-13) and CloudWatch Logs that a deployment takes, as their published models have them. */
export class EcsApi {
  readonly #place: Place;
  readonly #ecs: EcsAsk;
  readonly #logs: EcsAsk;

  constructor(place: Place, ecs: EcsAsk, logs: EcsAsk) {
    this.#place = place;
    this.#ecs = ecs;
    this.#logs = logs;
  }

  async service(signal?: AbortSignal): Promise<EcsService> {
    const { cluster, service } = this.#place;
    const reply = z.object({ services: z.array(EcsService) });
    const { services } = await this.#ecs('DescribeServices', { cluster, services: [service] }, reply, signal);
    const found = services.find(({ status }) => status !== 'INACTIVE');
    if (found) return found;
    const what = `the service ${service} in the cluster ${cluster}`;
    const needs = 'the permission ecs:DescribeServices';
    throw new Refusal('platform-not-found', {
      platform: 'Amazon ECS',
      what,
      needs,
      said: 'or it is in another region',
    });
  }

  async definition(arn: string, signal?: AbortSignal): Promise<TaggedDefinition> {
    const reply = z.object({ taskDefinition: TaskDefinition, tags: z.array(Tag).nullish() });
    const asked = { taskDefinition: arn, include: ['TAGS'] };
    const { taskDefinition, tags } = await this.#ecs('DescribeTaskDefinition', asked, reply, signal);
    return { definition: taskDefinition, tags: tags ?? [] };
  }

  /** ARNs, newest first. */
  async definitions(family: string, most: number): Promise<readonly string[]> {
    const asked = { familyPrefix: family, status: 'ACTIVE', sort: 'DESC', maxResults: most };
    const reply = z.object({ taskDefinitionArns: z.array(z.string()) });
    return (await this.#ecs('ListTaskDefinitions', asked, reply)).taskDefinitionArns;
  }

  /** Answers with its ARN. */
  async register(registration: Readonly<Record<string, unknown>>): Promise<string> {
    const reply = z.object({ taskDefinition: z.object({ taskDefinitionArn: z.string() }) });
    return (await this.#ecs('RegisterTaskDefinition', registration, reply)).taskDefinition.taskDefinitionArn;
  }

  async update(taskDefinition: string): Promise<void> {
    const { cluster, service } = this.#place;
    await this.#ecs(
      'UpdateService',
      { cluster, service, taskDefinition },
      z.object({ service: z.unknown() }),
    );
  }

  /** Tasks of that definition that have stopped; nothing where they cannot be read. */
  async stopped(definition: string): Promise<readonly StoppedTask[]> {
    const { cluster, service: serviceName } = this.#place;
    const asked = { cluster, serviceName, desiredStatus: 'STOPPED', maxResults: MOST_TASKS };
    return orNothing(async () => {
      const { taskArns } = await this.#ecs('ListTasks', asked, z.object({ taskArns: z.array(z.string()) }));
      if (taskArns.length === 0) return [];
      const reply = z.object({ tasks: z.array(StoppedTask) });
      const { tasks } = await this.#ecs('DescribeTasks', { cluster, tasks: taskArns }, reply);
      return tasks.filter(({ taskDefinitionArn }) => taskDefinitionArn === definition);
    });
  }

  /** The last lines of the container that failed, where its log goes to CloudWatch. */
  async lines(task: StoppedTask, { containerDefinitions }: TaskDefinition): Promise<readonly string[]> {
    const failed = task.containers?.find(({ exitCode }) => exitCode) ?? task.containers?.[0];
    const log = containerDefinitions.find(({ name }) => name === failed?.name)?.logConfiguration;
    const { 'awslogs-group': logGroupName, 'awslogs-stream-prefix': prefix } = log?.options ?? {};
    if (log?.logDriver !== 'awslogs' || !failed || !logGroupName || !prefix) return [];
    const logStreamName = `${prefix}/${failed.name}/${endOf(task.taskArn)}`;
    const reply = z.object({ events: z.array(z.object({ message: z.string() })) });
    const asked = { logGroupName, logStreamName, limit: MOST_LINES, startFromHead: false };
    return orNothing(async () => {
      const { events } = await this.#logs('GetLogEvents', asked, reply);
      const lines = events.map(({ message }) => message.trimEnd().slice(0, MOST_CHARS));
      return lines.filter((line) => line.trim() !== '');
    });
  }
}
