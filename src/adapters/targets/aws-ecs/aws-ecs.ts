import { z } from 'zod';
import { Refusal } from '../../../domain/refusals/refusal.ts';
import { awsSettings } from '../../shared/aws/client.ts';
import { Duration } from '../../shared/context.ts';
import { HttpUrl } from '../../shared/http.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import { imageNames, imageSettings, promoting } from '../shared/image-settings.ts';
import { EcsApi } from './api.ts';
import { askerOf, clientOf } from './ask.ts';
import { EcsTarget } from './aws-ecs-target.ts';
import { RuleApi } from './balancer.ts';
import { Canary } from './canary.ts';
import { CodeDeployMover } from './code-deploy.ts';
import { Definitions } from './definitions.ts';
import { type Mover, RollingMover } from './rolling.ts';
import type { EcsService } from './shapes.ts';

const HOOKS = [
  'BeforeInstall',
  'AfterInstall',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AfterAllowTraffic',
] as const;

const Name = z.string().regex(/^[\w-]{1,255}$/, 'a name as ECS has them, such as shop');

export const EcsSettings = z
  .strictObject({
    use: z.literal('aws-ecs'),
    ...awsSettings,
    cluster: Name.meta({ description: 'The cluster of the service.' }),
    service: Name.meta({ description: 'The ECS service.' }),
    containers: z.array(Name).min(1).meta({ description: 'Containers that get the image.' }),
    ...imageSettings('123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:{tag}'),
    url: HttpUrl.optional().meta({ description: 'Where production answers.' }),
    deadline: Duration.prefault('20m').meta({ description: 'A deployment that takes longer has failed.' }),
    timeout: Duration.prefault('15s').meta({ description: 'The longest that one request may take.' }),
    codedeploy: z
      .strictObject({
        application: z.string().min(1).max(100).meta({ description: 'Its application.' }),
        group: z.string().min(1).max(100).meta({ description: 'Its deployment group.' }),
        hooks: z
          .partialRecord(z.enum(HOOKS), z.string().min(1))
          .default({})
          .meta({ description: 'Lambda functions that it runs, by the step.' }),
        endpoint: HttpUrl.optional().meta({ description: 'Another address than that of the region.' }),
      })
      .optional()
      .meta({ description: 'What deploys a service whose deployment controller is CODE_DEPLOY.' }),
    canary: z
      .strictObject({
        service: Name.meta({ description: 'A second ECS service of the cluster, which runs the share.' }),
        rule: z
          .string()
          .regex(
            /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:listener-rule\/app\/[\w/-]+$/,
            'the ARN of a rule',
          )
          .meta({
            description:
              'ARN of the rule of an Application Load Balancer that forwards to the target groups of both services.',
          }),
        endpoint: HttpUrl.optional().meta({ description: 'Another address than that of the region.' }),
      })
      .optional()
      .meta({ description: 'What gives a release a share of the requests: `stages` need it.' }),
    'logs-endpoint': HttpUrl.optional().meta({
      description: 'Another address of CloudWatch Logs than that of the region.',
    }),
  })
  .refine(({ canary, codedeploy }) => !(canary && codedeploy), {
    path: ['canary'],
    error:
      'nothing for CodeDeploy, which moves the requests at times of its own and waits for nobody: for stages let ECS deploy both services, and leave `codedeploy` out',
  })
  .refine(({ canary, service }) => canary?.service !== service, {
    path: ['canary', 'service'],
    error: 'another service than that which has the other requests',
  })
  .meta({
    description:
      'Registers a task definition with the image of the release, and has a service of ECS run it, in stages with a second one.',
  });
export type EcsSettings = z.infer<typeof EcsSettings>;

export const awsEcsTarget = defineKind({ settings: EcsSettings, open: openAwsEcs });

export function openAwsEcs(settings: EcsSettings, context: TargetContext): Target {
  const { cluster, service, image, containers, canary: own } = settings;
  const what = `the service ${service} in the cluster ${cluster}`;
  const ecs = { name: 'ecs', title: 'Amazon ECS', version: 'AmazonEC2ContainerServiceV20141113', what };
  const logs = {
    name: 'logs',
    title: 'CloudWatch Logs',
    version: 'Logs_20140328',
    what: `the log of ${service}`,
  };
  const ask = askerOf(settings, ecs, context);
  const logSettings = { ...settings, endpoint: settings['logs-endpoint'] };
  const askLogs = askerOf(logSettings, logs, context);
  const apiOf = (name: string) => new EcsApi({ cluster, service: name }, ask, askLogs);
  const api = apiOf(service);
  const names = imageNames(image, context);
  const target = `ECS service ${cluster}/${service}`;
  const definitions = new Definitions(target, containers, api, names);
  const moverOf = moversOf(settings, api, context);
  const canary = own
    ? new Canary(
        { target, service: own.service },
        { api: apiOf(own.service), rule: openRule(settings, own, context), definitions },
      )
    : null;
  const parts = { api, moverOf, definitions, names, canary, now: context.now };
  return promoting(new EcsTarget(target, settings, parts), settings);
}

function openRule(
  settings: EcsSettings,
  { rule, endpoint }: NonNullable<EcsSettings['canary']>,
  context: TargetContext,
): RuleApi {
  const about = {
    name: 'elasticloadbalancing',
    title: 'Elastic Load Balancing',
    version: '2015-12-01',
    what: `the rule ${rule}`,
  };
  return new RuleApi(rule, clientOf({ ...settings, endpoint }, about, context));
}

/** By the deployment controller of the service. Refusal `target-misconfigured` where the settings do not fit it. */
function moversOf(
  settings: EcsSettings,
  api: EcsApi,
  context: TargetContext,
): (service: EcsService) => Mover {
  const { cluster, service, codedeploy, canary } = settings;
  const rolling = new RollingMover(api);
  const codeDeploy = codedeploy && openCodeDeploy(settings, codedeploy, context);
  const wrong = (reason: string) =>
    new Refusal('target-misconfigured', { target: `ECS service ${cluster}/${service}`, reason });
  return ({ deploymentController }) => {
    const type = deploymentController?.type ?? 'ECS';
    if (type === 'ECS' && !codeDeploy) return rolling;
    if (type === 'CODE_DEPLOY' && codeDeploy) return codeDeploy;
    if (type === 'ECS') throw wrong('ECS deploys it by itself, so leave `codedeploy` out');
    if (type === 'CODE_DEPLOY' && canary)
      throw wrong(
        'CodeDeploy deploys it, which moves the requests at times of its own: let ECS deploy it, or leave `canary` out',
      );
    if (type === 'CODE_DEPLOY')
      throw wrong('CodeDeploy deploys it, so name the application and group in `codedeploy`');
    throw wrong(`its deployment controller is ${type}, and something else deploys it`);
  };
}

function openCodeDeploy(
  settings: EcsSettings,
  own: NonNullable<EcsSettings['codedeploy']>,
  context: TargetContext,
): CodeDeployMover {
  const what = `the deployment group ${own.group} of the application ${own.application}`;
  const about = { name: 'codedeploy', title: 'CodeDeploy', version: 'CodeDeploy_20141006', what };
  const ask = askerOf({ ...settings, endpoint: own.endpoint }, about, context);
  return new CodeDeployMover(own, ask, settings, context.now);
}
