import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';
import { signedHeaders } from '../../../src/adapters/shared/aws/signature.ts';
import { Published } from './described.ts';

export const AWS_KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret-key-of-aws' };

const ACCOUNT = 'arn:aws:ecs:eu-central-1:123456789012';
const LOG = {
  logDriver: 'awslogs',
  options: { 'awslogs-group': '/ecs/shop', 'awslogs-region': 'eu-central-1', 'awslogs-stream-prefix': 'ecs' },
};

const Container = z.looseObject({ name: z.string(), image: z.string().min(1) });
const Tag = z.strictObject({
  key: z
    .string()
    .min(1)
    .max(128)
    .regex(/^(?!aws:)[\p{L}\p{N}\s+\-=._:/@]+$/iu),
  value: z
    .string()
    .max(256)
    .regex(/^[\p{L}\p{N}\s+\-=._:/@]*$/u),
});
/** Members of the request, by the published model; what only answers have is not among them. */
const Registration = z.strictObject({
  family: z.string().regex(/^[\w-]{1,255}$/),
  containerDefinitions: z.array(Container).min(1),
  taskRoleArn: z.string().optional(),
  executionRoleArn: z.string().optional(),
  networkMode: z.enum(['bridge', 'host', 'awsvpc', 'none']).optional(),
  volumes: z.array(z.unknown()).optional(),
  placementConstraints: z.array(z.unknown()).optional(),
  requiresCompatibilities: z.array(z.string()).optional(),
  cpu: z.string().optional(),
  memory: z.string().optional(),
  tags: z
    .array(Tag)
    .max(50)
    .refine((tags) => new Set(tags.map(({ key }) => key)).size === tags.length)
    .optional(),
  runtimePlatform: z.unknown().optional(),
});
type Registration = z.infer<typeof Registration>;

interface Definition extends Registration {
  readonly arn: string;
  readonly revision: number;
}
export interface FakeDeployment {
  id: string;
  status: 'PRIMARY' | 'ACTIVE';
  taskDefinition: string;
  desiredCount: number;
  runningCount: number;
  pendingCount: number;
  failedTasks: number;
  rolloutState: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED';
  rolloutStateReason: string;
}

/** Behind a Classic Load Balancer ECS does not tell the state of a rollout. */
function untold({ rolloutState: _, rolloutStateReason: __, ...rest }: FakeDeployment) {
  return rest;
}

interface Failure {
  /** What the tasks say when they stop. */
  readonly stopped: string;
  readonly log?: readonly string[];
  /** What the circuit breaker does: nothing without it. */
  readonly breaker?: 'stops' | 'goes back';
}

/** Of Amazon ECS: a read is a GET here, so that faults can be told which of them they meet. */
const READS = ['Describe', 'List', 'Get', 'BatchGet'];
const CLUSTER = z.literal('main');

/**
 * The part of Amazon ECS and CloudWatch Logs that a deployment takes, by their published models: the JSON protocol with
 * X-Amz-Target, signatures over what arrived, failures beside results, rollouts that end some looks later, a circuit breaker
 * that goes back by itself, and answers that lag behind.
 */
export class FakeEcs extends FakePlatform {
  readonly definitions: Definition[] = [];
  readonly acts: string[] = [];
  deployments: FakeDeployment[] = [];
  events: string[] = [];
  /** Looks until a rollout is over. */
  slowness = 1;
  /** Looks for which answers are those of before. */
  lag = 0;
  nextFailure: Failure | null = null;
  controller = 'ECS';
  denied: string | null = null;
  expired = false;
  /** Its credentials were temporary ones, and are over. */
  keysAreOver = false;
  isClassic = false;
  /** All tasks of the new definition run beside the old ones, for long: blue/green in its bake time. */
  bakes = false;
  now: () => number = () => Date.now();
  onLive: (image: string) => Promise<void> | void = () => {};
  #failing: Failure | null = null;
  #failed = '';
  #looks = 0;
  #shown: unknown = null;
  #ids = 0;

  override async start(): Promise<this> {
    await super.start();
    const arn = this.register({
      family: 'shop',
      containerDefinitions: [
        {
          name: 'web',
          image: 'public.ecr.aws/placeholder',
          essential: true,
          environment: [{ name: 'A', value: '1' }],
          logConfiguration: LOG,
        },
        { name: 'proxy', image: 'envoy:1', essential: true },
      ],
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      volumes: [],
      placementConstraints: [],
      tags: [{ key: 'team', value: 'shop' }],
    });
    this.deployments = [this.#deployment(arn, 2, 'COMPLETED')];
    return this;
  }

  imageOf(arn: string): string {
    return this.definitions.find((one) => one.arn === arn)?.containerDefinitions[0]?.image ?? '';
  }

  /** As builds do it: a new revision, which nothing runs yet. */
  registerByHand(image: string): string {
    const [last] = this.definitions.slice(-1);
    if (!last) throw new Error('there is no definition');
    const { arn: _, revision: __, tags: ___, ...rest } = last;
    const [web, ...others] = rest.containerDefinitions;
    return this.register({ ...rest, containerDefinitions: [{ ...web, name: 'web', image }, ...others] });
  }

  /** As people do it in the console: a new revision, and the service updated to it. */
  async deployByHand(image: string): Promise<string> {
    const arn = this.registerByHand(image);
    this.deployments = [this.#deployment(arn, 2, 'COMPLETED')];
    await this.onLive(image);
    return arn;
  }

  override readonly described = new Published('aws');

  override failure(status: number, message: string): unknown {
    const names: Readonly<Record<number, string>> = {
      400: 'InvalidParameterException',
      401: 'UnrecognizedClientException',
      403: 'AccessDeniedException',
      404: 'ServiceNotFoundException',
      409: 'ClientException',
      422: 'InvalidParameterException',
      429: 'ThrottlingException',
    };
    return { __type: `com.amazonaws.ecs#${names[status] ?? 'ServerException'}`, message };
  }

  protected override seenAs(method: string, pathname: string, headers: IncomingMessage['headers']) {
    const [, action = ''] = String(headers['x-amz-target'] ?? '').split('.');
    const isRead = READS.some((word) => action.startsWith(word));
    return method === 'POST' && pathname === '/'
      ? { method: isRead ? 'GET' : 'POST', pathname: `/${action}` }
      : { method, pathname };
  }

  override check(headers: IncomingMessage['headers']): string | null {
    const target = String(headers['x-amz-target']);
    const versions = ['AmazonEC2ContainerServiceV20141113', 'Logs_20140328', 'CodeDeploy_20141006'];
    if (!versions.some((one) => target.startsWith(`${one}.`))) return `the target ${target}`;
    return headers['content-type'] === 'application/x-amz-json-1.1'
      ? null
      : `a body of ${headers['content-type']}`;
  }

  protected override authorised(headers: IncomingMessage['headers'], body: string): boolean {
    if (this.expired) return false;
    const [, region = '', service = '', names = ''] =
      /Credential=AKIAEXAMPLE\/\d{8}\/([\w-]+)\/(\w+)\/aws4_request, SignedHeaders=([\w;-]+), /.exec(
        String(headers.authorization),
      ) ?? [];
    const given = names.split(';').filter((name) => !['host', 'x-amz-date'].includes(name));
    const at = String(headers['x-amz-date']).replace(/^(....)(..)(..)T(..)(..)(..)Z$/, '$1-$2-$3T$4:$5:$6Z');
    if (!given.includes('x-amz-target') || Math.abs(Date.parse(at) - this.now()) > 900_000) return false;
    const signed = signedHeaders(
      {
        method: 'POST',
        url: new URL(`http://${headers.host}/`),
        headers: Object.fromEntries(given.map((name) => [name, String(headers[name])])),
        body,
      },
      AWS_KEY,
      { region, service },
      Date.parse(at),
    );
    return region === 'eu-central-1' && signed['authorization'] === headers.authorization;
  }

  /** Of other services that go with it. */
  protected more(): readonly Route[] {
    return [];
  }

  override readonly routes: readonly Route[] = [
    ...this.more(),
    this.call(
      'GET',
      'DescribeServices',
      z.strictObject({ cluster: CLUSTER, services: z.array(z.string()).min(1).max(10) }),
      async ({ services }) => {
        if (services[0] !== 'shop') {
          return {
            services: [],
            failures: [{ arn: `${ACCOUNT}:service/main/${services[0]}`, reason: 'MISSING' }],
          };
        }
        const shown = await this.#look();
        return { services: [shown], failures: [] };
      },
    ),
    this.call(
      'GET',
      'DescribeTaskDefinition',
      z.strictObject({ taskDefinition: z.string(), include: z.array(z.literal('TAGS')).optional() }),
      ({ taskDefinition: name }) => {
        const found = this.definitions.findLast(({ arn, family }) => arn === name || family === name);
        if (!found) return this.refused('ClientException', 'Unable to describe task definition.');
        const { arn, tags, ...rest } = found;
        return {
          taskDefinition: {
            ...rest,
            taskDefinitionArn: arn,
            status: 'ACTIVE',
            requiresAttributes: [{ name: 'x' }],
            compatibilities: ['EC2', 'FARGATE'],
            registeredAt: 1_700_000_000.123,
            registeredBy: 'arn:aws:iam::123456789012:user/ci',
          },
          tags: tags ?? [],
        };
      },
    ),
    this.call(
      'GET',
      'ListTaskDefinitions',
      z.strictObject({
        familyPrefix: z.string(),
        status: z.literal('ACTIVE'),
        sort: z.enum(['ASC', 'DESC']),
        maxResults: z.int().min(1).max(100),
      }),
      ({ sort, maxResults }) => {
        const arns = this.definitions.map(({ arn }) => arn);
        return { taskDefinitionArns: (sort === 'DESC' ? arns.toReversed() : arns).slice(0, maxResults) };
      },
    ),
    this.call('POST', 'RegisterTaskDefinition', Registration, (registration) => {
      const arn = this.register(registration);
      return {
        taskDefinition: { taskDefinitionArn: arn, family: registration.family },
        tags: registration.tags,
      };
    }),
    this.call(
      'POST',
      'UpdateService',
      z.strictObject({ cluster: CLUSTER, service: z.literal('shop'), taskDefinition: z.string() }),
      ({ taskDefinition }) => {
        if (!this.definitions.some(({ arn }) => arn === taskDefinition))
          return this.refused('ClientException', 'TaskDefinition not found.');
        if (this.controller !== 'ECS')
          return this.refused(
            'InvalidParameterException',
            'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
          );
        this.#update(taskDefinition);
        return { service: { serviceName: 'shop' } };
      },
    ),
    this.call(
      'GET',
      'ListTasks',
      z.strictObject({
        cluster: CLUSTER,
        serviceName: z.literal('shop'),
        desiredStatus: z.enum(['RUNNING', 'STOPPED']),
        maxResults: z.int().min(1).max(100),
      }),
      () => ({
        taskArns: this.#failed === '' ? [] : [`${ACCOUNT}:task/main/1f0987aabb`, `${ACCOUNT}:task/main/old`],
      }),
    ),
    this.call(
      'GET',
      'DescribeTasks',
      z.strictObject({ cluster: CLUSTER, tasks: z.array(z.string()).min(1).max(100) }),
      () => ({
        tasks: [
          {
            taskArn: `${ACCOUNT}:task/main/old`,
            taskDefinitionArn: this.definitions[0]?.arn,
            stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
            containers: [],
          },
          {
            taskArn: `${ACCOUNT}:task/main/1f0987aabb`,
            taskDefinitionArn: this.#failed,
            stoppedReason: 'Essential container in task exited',
            containers: [{ name: 'web', exitCode: 1, reason: this.#failing?.stopped }],
          },
        ],
        failures: [],
      }),
    ),
    this.call(
      'GET',
      'GetLogEvents',
      z.strictObject({
        logGroupName: z.literal('/ecs/shop'),
        logStreamName: z.literal('ecs/web/1f0987aabb'),
        limit: z.int(),
        startFromHead: z.literal(false),
      }),
      () => ({
        events: (this.#failing?.log ?? []).map((message) => ({ timestamp: 1, message, ingestionTime: 2 })),
      }),
    ),
  ];

  protected call<T>(
    method: 'GET' | 'POST',
    action: string,
    body: z.ZodType<T>,
    answer: (asked: T) => unknown,
  ): Route {
    return {
      method,
      path: `/${action}`,
      body,
      answer: async (asked): Promise<Reply> => {
        if (this.keysAreOver) {
          const message = 'The security token included in the request is expired';
          return { status: 400, body: { __type: 'ExpiredTokenException', message } };
        }
        if (this.denied === action) {
          const message = `User: arn:aws:iam::123456789012:user/bot is not authorized to perform: ecs:${action} on resource: shop`;
          return { status: 400, body: { __type: 'AccessDeniedException', message } };
        }
        const said = await answer(asked.body as T);
        return said instanceof Refused ? { status: 400, body: said.body } : { status: 200, body: said };
      },
    };
  }

  protected refused(type: string, message: string): Refused {
    return new Refused({ __type: type, message });
  }

  protected register(registration: Registration): string {
    const revision = this.definitions.length + 1;
    const arn = `${ACCOUNT}:task-definition/${registration.family}:${revision}`;
    this.definitions.push({ ...structuredClone(registration), arn, revision });
    return arn;
  }

  #deployment(
    taskDefinition: string,
    runningCount: number,
    rolloutState: FakeDeployment['rolloutState'],
  ): FakeDeployment {
    this.#ids++;
    return {
      id: `ecs-svc/${this.#ids}`,
      status: 'PRIMARY',
      taskDefinition,
      desiredCount: 2,
      runningCount,
      pendingCount: 0,
      failedTasks: 0,
      rolloutState,
      rolloutStateReason: `ECS deployment ecs-svc/${this.#ids} in progress.`,
    };
  }

  /** Without a change there is no new deployment. */
  #update(taskDefinition: string): void {
    this.#shown = this.#show();
    const primary = this.deployments.find(({ status }) => status === 'PRIMARY');
    if (primary?.taskDefinition === taskDefinition) return;
    for (const one of this.deployments) one.status = 'ACTIVE';
    this.deployments = [
      this.#deployment(taskDefinition, 0, 'IN_PROGRESS'),
      ...this.deployments.filter(({ runningCount }) => runningCount > 0),
    ];
    this.#looks = -this.lag;
    this.#failing = this.nextFailure;
    this.#failed = this.#failing ? taskDefinition : '';
    this.nextFailure = null;
    this.acts.push(this.imageOf(taskDefinition));
  }

  /** What goes on by itself elsewhere. */
  protected async goOn(): Promise<void> {}

  async #look(): Promise<unknown> {
    await this.goOn();
    this.#looks++;
    if (this.#looks <= 0) return this.#shown;
    const primary = this.deployments.find(({ status }) => status === 'PRIMARY');
    if (primary?.rolloutState !== 'IN_PROGRESS' || this.#looks <= this.slowness) return this.#show();
    if (this.bakes) {
      primary.runningCount = 2;
      return this.#show();
    }
    if (primary.taskDefinition === this.#failed) this.#fail(primary);
    else {
      Object.assign(primary, {
        rolloutState: 'COMPLETED',
        runningCount: 2,
        rolloutStateReason: `ECS deployment ${primary.id} completed.`,
      });
      this.deployments = [primary];
      await this.onLive(this.imageOf(primary.taskDefinition));
    }
    return this.#show();
  }

  #fail(primary: FakeDeployment): void {
    primary.failedTasks++;
    const { breaker } = this.#failing ?? {};
    if (breaker === undefined) return;
    const reason = 'ECS deployment circuit breaker: tasks failed to start.';
    Object.assign(primary, { rolloutState: 'FAILED', rolloutStateReason: reason });
    this.events.unshift(
      `(service shop) (deployment ${primary.id}) deployment failed: tasks failed to start.`,
    );
    const [old] = this.deployments.filter(({ status }) => status === 'ACTIVE');
    if (breaker === 'stops' || !old) return;
    this.events.unshift(`(service shop) rolling back to deployment ${old.id}.`);
    Object.assign(old, { status: 'PRIMARY', rolloutState: 'COMPLETED' });
    // What has no tasks any more is soon not named any more.
    this.deployments = [old];
  }

  protected extra(): object {
    return {};
  }

  #show(): unknown {
    return structuredClone({
      serviceArn: `${ACCOUNT}:service/main/shop`,
      serviceName: 'shop',
      clusterArn: `${ACCOUNT}:cluster/main`,
      status: 'ACTIVE',
      desiredCount: 2,
      runningCount: 2,
      pendingCount: 0,
      taskDefinition: this.deployments.find(({ status }) => status === 'PRIMARY')?.taskDefinition,
      deploymentController: { type: this.controller },
      deployments: this.isClassic ? this.deployments.map(untold) : this.deployments,
      events: this.events.map((message, at) => ({
        id: `event-${this.events.length - at}`,
        createdAt: 1_700_000_000.5,
        message,
      })),
      loadBalancers: [
        { targetGroupArn: 'arn:aws:elasticloadbalancing:x', containerName: 'web', containerPort: 8080 },
      ],
      ...this.extra(),
    });
  }
}

export class Refused {
  readonly body: unknown;
  constructor(body: unknown) {
    this.body = body;
  }
}
