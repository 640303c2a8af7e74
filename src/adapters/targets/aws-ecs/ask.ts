import type { z } from 'zod';
import { Refusal, Unavailable } from '../../../domain/refusals/refusal.ts';
import { AwsClient, type AwsSettings } from '../../shared/aws/client.ts';
import type { AwsProblem } from '../../shared/aws/problem.ts';
import type { AdapterContext } from '../../shared/context.ts';
import { jsonOf } from '../../shared/reply.ts';

export type EcsAsk = <T>(
  action: string,
  parameters: unknown,
  reply: z.ZodType<T>,
  signal?: AbortSignal,
) => Promise<T>;

type Settings = AwsSettings & { readonly timeout: number };

/** `what`: is missing when AWS knows none. */
interface Asked {
  readonly name: string;
  readonly title: string;
  readonly version: string;
  readonly what: string;
}

/** A service of AWS that is told to change something: nothing is asked twice, and refusals say what a person has to mend. */
export function clientOf(settings: Settings, service: Asked, context: AdapterContext): AwsClient {
  const refusal = (problem: AwsProblem) => refusalOf(problem, service);
  return new AwsClient(settings, { ...service, refusal, once: true }, settings.timeout, context);
}

/** Asks it by its JSON protocol; each answer is validated. */
export function askerOf(settings: Settings, service: Asked, context: AdapterContext): EcsAsk {
  const client = clientOf(settings, service, context);
  return async (action, parameters, reply, signal) => {
    const parsed = reply.safeParse(jsonOf(await client.callJson(action, parameters, signal)));
    if (parsed.success) return parsed.data;
    throw new Unavailable(service.title, `its answer to ${action} was not understood`, {
      cause: parsed.error,
    });
  };
}

function refusalOf(problem: AwsProblem, { name, title, what }: Asked): Refusal {
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
    /^(?:Cluster|Service|Rule)Not(?:Found|Active)|^(?:Application|DeploymentGroup)DoesNotExist/.test(
      problem.reason,
    )
  ) {
    return new Refusal('platform-not-found', { platform: title, what, needs, said: problem.reason });
  }
  return new Refusal('platform-refused', { platform: title, doing: `do ${action}`, said: problem.reason });
}
