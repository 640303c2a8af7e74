import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { FakePlatform, type Reply, type Route } from '../../../demo/platform/fake-platform.ts';
import { signedHeaders } from '../../../src/adapters/shared/aws/signature.ts';
import { Published } from './described.ts';
import { FakeService } from './ecs-service.ts';

export const AWS_KEY = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret-key-of-aws' };

export const ACCOUNT = 'arn:aws:ecs:eu-central-1:123456789012';
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
  readonly shop = new FakeService('shop', ACCOUNT);
  controller = 'ECS';
  denied: string | null = null;
  /** With which exception it answers some actions. */
  readonly refuses = new Map<string, string>();
  expired = false;
  /** Task definitions that somebody has deleted. */
  readonly deleted = new Set<string>();
  /** Those that somebody has deregistered: they can be read, and no service can be told to run them. */
  readonly inactive = new Set<string>();
  /** Somebody else registers one of the family right now. */
  isConcurrent = false;
  /** Tasks of other definitions that have stopped, and are listed first. */
  otherStopped = 0;
  /** Its credentials were temporary ones, and are over. */
  keysAreOver = false;
  now: () => number = () => Date.now();
  onLive: (image: string) => Promise<void> | void = () => {};

  /** Those of its cluster. */
  get services(): readonly FakeService[] {
    return [this.shop];
  }

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
    for (const one of this.services) {
      one.put(arn);
      one.onDone = (definition) => this.done(one, definition);
    }
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
    this.shop.put(arn);
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

  protected override seenAs(
    method: string,
    pathname: string,
    headers: IncomingMessage['headers'],
    _text: string,
  ) {
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
    const isNamed = given.includes('x-amz-target') || given.includes('content-type');
    if (!isNamed || Math.abs(Date.parse(at) - this.now()) > 900_000) return false;
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
        const found = this.services.find(({ name }) => name === services[0]);
        if (!found) {
          return {
            services: [],
            failures: [{ arn: `${ACCOUNT}:service/main/${services[0]}`, reason: 'MISSING' }],
          };
        }
        await this.goOn();
        const shown = { ...(await found.look()), deploymentController: { type: this.controller } };
        return { services: [{ ...shown, ...this.extra() }], failures: [] };
      },
    ),
    this.call(
      'GET',
      'DescribeTaskDefinition',
      z.strictObject({ taskDefinition: z.string(), include: z.array(z.literal('TAGS')).optional() }),
      ({ taskDefinition: name }) => {
        const found = this.definitions.findLast(({ arn, family }) => arn === name || family === name);
        if (!found || this.deleted.has(found.arn))
          return this.refused('ClientException', 'Unable to describe task definition.');
        const { arn, tags, ...rest } = found;
        return {
          taskDefinition: {
            ...rest,
            taskDefinitionArn: arn,
            status: this.inactive.has(arn) ? 'INACTIVE' : 'ACTIVE',
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
        const isActive = (arn: string) => !this.deleted.has(arn) && !this.inactive.has(arn);
        const arns = this.definitions.map(({ arn }) => arn).filter(isActive);
        return { taskDefinitionArns: (sort === 'DESC' ? arns.toReversed() : arns).slice(0, maxResults) };
      },
    ),
    this.call('POST', 'RegisterTaskDefinition', Registration, (registration) => {
      if (this.isConcurrent) {
        const said = 'Too many concurrent attempts to create a new revision of the specified family.';
        return this.refused('ClientException', said);
      }
      const arn = this.register(registration);
      return {
        taskDefinition: { taskDefinitionArn: arn, family: registration.family },
        tags: registration.tags,
      };
    }),
    this.call(
      'POST',
      'UpdateService',
      z.strictObject({ cluster: CLUSTER, service: z.string(), taskDefinition: z.string() }),
      ({ service, taskDefinition }) => {
        const found = this.services.find(({ name }) => name === service);
        if (!found) return this.refused('ServiceNotFoundException', 'Service not found.');
        if (!this.definitions.some(({ arn }) => arn === taskDefinition))
          return this.refused('ClientException', 'TaskDefinition not found.');
        if (this.inactive.has(taskDefinition))
          return this.refused('ClientException', 'TaskDefinition is inactive');
        if (this.controller !== 'ECS')
          return this.refused(
            'InvalidParameterException',
            'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
          );
        if (found.update(taskDefinition)) this.acts.push(this.actOf(found, taskDefinition));
        return { service: { serviceName: service } };
      },
    ),
    this.call(
      'GET',
      'ListServiceDeployments',
      z.strictObject({ cluster: CLUSTER, service: z.string(), status: z.array(z.string()) }),
      ({ service, status }) => {
        const found = this.services.find(({ name }) => name === service);
        if (!found) return this.refused('ServiceNotFoundException', 'Service not found.');
        const own = found.underWay();
        return { serviceDeployments: own && status.includes(own.status) ? [own] : [] };
      },
    ),
    this.call(
      'POST',
      'StopServiceDeployment',
      z.strictObject({ serviceDeploymentArn: z.string(), stopType: z.literal('ROLLBACK') }),
      ({ serviceDeploymentArn }) => {
        const found = this.services.find(
          (one) => one.underWay()?.serviceDeploymentArn === serviceDeploymentArn,
        );
        if (!found?.stop()) return this.refused('ConflictException', 'The deployment cannot be stopped.');
        return { serviceDeploymentArn };
      },
    ),
    this.call(
      'POST',
      'TagResource',
      z.strictObject({ resourceArn: z.string(), tags: z.array(Tag).min(1) }),
      ({ resourceArn, tags }) => {
        const found = this.definitions.find(({ arn }) => arn === resourceArn);
        if (!found) return this.refused('ResourceNotFoundException', 'The specified resource was not found.');
        const kept = (found.tags ?? []).filter(({ key }) => !tags.some((tag) => tag.key === key));
        found.tags = [...kept, ...tags];
        return {};
      },
    ),
    this.call(
      'GET',
      'ListTasks',
      z.strictObject({
        cluster: CLUSTER,
        serviceName: z.string(),
        desiredStatus: z.enum(['RUNNING', 'STOPPED']),
        maxResults: z.int().min(1).max(100),
        nextToken: z.string().optional(),
      }),
      ({ serviceName, maxResults, nextToken }) => {
        if (!this.services.some(({ name, failed }) => name === serviceName && failed !== ''))
          return { taskArns: [] };
        const others = Array.from({ length: this.otherStopped }, (_, nth) => `other${nth}`);
        const all = [...others, '1f0987aabb', 'old'].map((id) => `${ACCOUNT}:task/main/${id}`);
        const from = Number(nextToken ?? 0);
        const to = from + maxResults;
        return { taskArns: all.slice(from, to), ...(to < all.length ? { nextToken: String(to) } : {}) };
      },
    ),
    this.call(
      'GET',
      'DescribeTasks',
      z.strictObject({ cluster: CLUSTER, tasks: z.array(z.string()).min(1).max(100) }),
      ({ tasks }) => ({
        tasks: [
          {
            taskArn: `${ACCOUNT}:task/main/old`,
            taskDefinitionArn: this.definitions[0]?.arn,
            stoppedReason: 'Scaling activity initiated by (deployment ecs-svc/1)',
            containers: [],
          },
          {
            taskArn: `${ACCOUNT}:task/main/1f0987aabb`,
            taskDefinitionArn: this.#unwell?.failed,
            stoppedReason: 'Essential container in task exited',
            containers: [{ name: 'web', exitCode: 1, reason: this.#unwell?.failing?.stopped }],
          },
        ].filter(({ taskArn }) => tasks.includes(taskArn)),
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
        events: (this.#unwell?.failing?.log ?? []).map((message) => ({
          timestamp: 1,
          message,
          ingestionTime: 2,
        })),
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
        const refused = this.refuses.get(action);
        const said = refused ? this.refused(refused, 'It cannot be done.') : await answer(asked.body as T);
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

  /** The service whose tasks fail. */
  get #unwell(): FakeService | undefined {
    return this.services.find(({ failed }) => failed !== '');
  }

  protected actOf(_service: FakeService, definition: string): string {
    return this.imageOf(definition);
  }

  protected async done(_service: FakeService, definition: string): Promise<void> {
    await this.onLive(this.imageOf(definition));
  }

  /** What goes on by itself elsewhere. */
  protected async goOn(): Promise<void> {}

  protected extra(): object {
    return {};
  }
}

export class Refused {
  readonly body: unknown;
  constructor(body: unknown) {
    this.body = body;
  }
}
