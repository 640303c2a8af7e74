import type { AdapterTables } from '../../adapters/tables.ts';
import { likelyTag } from '../../domain/release/tag-form.ts';
import type { Fault } from '../problems.ts';
import type { ServiceConfig } from '../service-config.ts';
import { repositoryName } from './same-repository.ts';

/** What targets that are found again in the records of a forge say of themselves; the others say none of it. */
interface Recorded {
  readonly use: string;
  readonly repository?: object;
  readonly workflow?: string;
  readonly environment?: string;
  readonly live?: unknown;
  readonly 'by-hand'?: string;
  readonly waves?: readonly { readonly name: string; readonly target: Recorded }[];
}

/** A target whose deployments are recorded there. */
interface Deployment {
  readonly service: string;
  /** For messages. */
  readonly name: string;
  readonly at: Fault['at'];
  readonly target: Recorded;
  /** A tag of the service. */
  readonly tag: string;
  /** The same text for targets whose deployments are recorded in one place. */
  readonly place: string;
}

/** Targets that would take each other's deployments for their own, also within a service. */
export function sameDeployments(
  services: ReadonlyMap<string, ServiceConfig<AdapterTables>>,
): readonly Fault[] {
  const known = new Map<string, Deployment[]>();
  return [...services].flatMap(([service, config]) =>
    deploymentsOf(service, config).flatMap((one) => {
      const before = known.get(one.place) ?? [];
      known.set(one.place, [...before, one]);
      const other = before.find((earlier) => areMixedUp(earlier, one));
      return other === undefined ? [] : [faultOf(one, other)];
    }),
  );
}

function deploymentsOf(service: string, config: ServiceConfig<AdapterTables>): readonly Deployment[] {
  const whole = config.target as Recorded;
  const at = ['services', service, 'target'];
  const targets = whole.waves?.map(({ name, target }, nr) => ({
    name: `${name} of ${service}`,
    at: [...at, 'waves', nr, 'target'],
    target,
  }));
  const tag = likelyTag(config.service);
  return (targets ?? [{ name: service, at, target: whole }]).flatMap((one): Deployment[] => {
    const { use, repository = config.repository, workflow, environment } = one.target;
    const record = use === 'github-actions' ? workflow : use === 'gitlab-pipeline' ? environment : undefined;
    if (record === undefined) return [];
    return [{ ...one, service, tag, place: JSON.stringify([use, repositoryName({ repository }), record]) }];
  });
}

function areMixedUp(one: Deployment, other: Deployment): boolean {
  const byRecord = [one, other].filter(({ target: { live } }) => live === undefined);
  const isByHand = byRecord.some(({ target }) => target['by-hand'] !== 'ignored');
  return byRecord.length > 0 && (isByHand || !areOwnTold(one, other));
}

/** Whether runs of ours say for which of them they are: by the tag in their name. */
function areOwnTold(one: Deployment, other: Deployment): boolean {
  const isWorkflow = one.target.workflow !== undefined;
  return isWorkflow && one.service !== other.service && one.tag !== other.tag;
}

function faultOf(one: Deployment, other: Deployment): Fault {
  const { name, at, target } = one;
  const { workflow, environment } = target;
  if (workflow === undefined) {
    return {
      at: [...at, 'environment'],
      key: false,
      message: `${name} and ${other.name} deploy to the same environment (${environment}), so what is live of one counts for the other`,
      expected: 'an environment of its own, which the job that deploys names too',
      example: `environment: ${environment}-${name.split(' ')[0]}`,
    };
  }
  return {
    at: [...at, 'workflow'],
    key: false,
    message: `${name} and ${other.name} are deployed by the same workflow (${workflow}), whose runs do not all say which of them they deploy`,
    expected: `${areOwnTold(one, other) ? '`by-hand: ignored`' : 'a workflow of its own'} or \`live\`, where production says its version, for both`,
    example: areOwnTold(one, other)
      ? 'by-hand: ignored'
      : 'live: { url: "https://shop.example.com/version" }',
  };
}
