import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { orNothing } from '../shared/noted.ts';
import type { EcsAsk } from './ask.ts';
import { copyOf } from './notes.ts';
import {
  EcsService,
  endOf,
  ServiceDeployment,
  StoppedTask,
  Tag,
  type TaggedDefinition,
  TaskDefinition,
} from './shapes.ts';

/** As many as are described at once; they are kept for an hour. */
const MOST_TASKS = 100;
const MOST_PAGES = 5;
const STOPPABLE: readonly string[] = ['PENDING', 'IN_PROGRESS'];
const GOING_BACK = ['STOP_REQUESTED', 'ROLLBACK_REQUESTED', 'ROLLBACK_IN_PROGRESS'];
/** A deployment and its entry in the history of the service are made in one go, but not in the same moment. */
const APART_S = 5;
const MOST_LINES = 15;
const MOST_CHARS = 300;

interface Place {
  readonly cluster: string;
  readonly service: string;
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

  /** Has it run again what it ran before: of a task definition that somebody has deregistered, a copy. */
  async updateBack(arn: string): Promise<void> {
    const before = await this.definition(arn);
    const isActive = (before.definition.status ?? 'ACTIVE') === 'ACTIVE';
    await this.update(isActive ? arn : await this.register(copyOf(before)));
  }

  /** Deployments that have not come to an end; those that are going back too. */
  async underWay(signal?: AbortSignal): Promise<readonly ServiceDeployment[]> {
    const asked = { ...this.#place, status: [...STOPPABLE, ...GOING_BACK] };
    const reply = z.object({ serviceDeployments: z.array(ServiceDeployment).default([]) });
    return (await this.#ecs('ListServiceDeployments', asked, reply, signal)).serviceDeployments;
  }

  /** Has ECS go back from the deployment that began then, in s; false where the newest that is under way is another. */
  async rollBack(began: number): Promise<boolean> {
    const all = await this.underWay();
    const own = all.find(({ createdAt }) => (createdAt ?? 0) >= began - APART_S);
    if (own === undefined) return false;
    const { serviceDeploymentArn, status } = own;
    if (STOPPABLE.includes(status)) {
      const asked = { serviceDeploymentArn, stopType: 'ROLLBACK' };
      await this.#ecs('StopServiceDeployment', asked, z.object({}));
    }
    return true;
  }

  /** Adds these tags to a task definition. */
  async tag(definition: string, tags: readonly Tag[]): Promise<void> {
    await this.#ecs('TagResource', { resourceArn: definition, tags }, z.object({}));
  }

  /** Tasks of that definition that have stopped within the hour. */
  async stopped(definition: string): Promise<readonly StoppedTask[]> {
    const { cluster, service: serviceName } = this.#place;
    const asked = { cluster, serviceName, desiredStatus: 'STOPPED', maxResults: MOST_TASKS };
    const Page = z.object({ taskArns: z.array(z.string()), nextToken: z.string().nullish() });
    const Described = z.object({ tasks: z.array(StoppedTask) });
    let nextToken: string | null | undefined;
    for (let page = 0; page < MOST_PAGES && nextToken !== null; page++) {
      const { taskArns, nextToken: next = null } = await this.#ecs(
        'ListTasks',
        { ...asked, ...(nextToken ? { nextToken } : {}) },
        Page,
      );
      nextToken = next;
      if (taskArns.length === 0) continue;
      const { tasks } = await this.#ecs('DescribeTasks', { cluster, tasks: taskArns }, Described);
      const own = tasks.filter(({ taskDefinitionArn }) => taskDefinitionArn === definition);
      if (own.length > 0) return own;
    }
    return [];
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
