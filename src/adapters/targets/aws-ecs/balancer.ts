import { Unavailable } from '../../../domain/refusals/refusal.ts';
import type { AwsClient } from '../../shared/aws/client.ts';
import { elementAt, textAt, type XmlElement } from '../../shared/aws/xml.ts';

/** A target group with its part of the requests, which is its weight among all. */
export interface WeightedGroup {
  readonly arn: string;
  readonly weight: number;
}

/** A rule of a listener, as far as it forwards. */
export interface ListenerRule {
  readonly isDefault: boolean;
  /** What it does with a request, in this order: `forward` is the last. */
  readonly actions: readonly string[];
  readonly groups: readonly WeightedGroup[];
  /** Who came to a group stays with it for a time, whatever its weight is by then. */
  readonly isSticky: boolean;
}

/** The calls of Elastic Load Balancing (2015-12-01) that a share takes: how a rule forwards, read and replaced as a whole. */
export class RuleApi {
  readonly #arn: string;
  readonly #client: AwsClient;

  constructor(arn: string, client: AwsClient) {
    this.#arn = arn;
    this.#client = client;
  }

  async read(signal?: AbortSignal): Promise<ListenerRule> {
    const asked = { 'RuleArns.member.1': this.#arn };
    const rule = ruleIn(await this.#client.call('DescribeRules', asked, signal));
    if (rule) return rule;
    throw new Unavailable('Elastic Load Balancing', 'its answer to DescribeRules was not understood');
  }

  /** Has it forward by these weights, to nobody longer than that. */
  async weigh(groups: readonly WeightedGroup[]): Promise<void> {
    const action = 'Actions.member.1';
    const weights = groups.flatMap(({ arn, weight }, index) => {
      const group = `${action}.ForwardConfig.TargetGroups.member.${index + 1}`;
      return [
        [`${group}.TargetGroupArn`, arn],
        [`${group}.Weight`, String(weight)],
      ] as const;
    });
    await this.#client.call('ModifyRule', {
      RuleArn: this.#arn,
      [`${action}.Type`]: 'forward',
      ...Object.fromEntries(weights),
      [`${action}.ForwardConfig.TargetGroupStickinessConfig.Enabled`]: 'false',
    });
  }
}

/** The first rule of an answer; null where there is none. */
export function ruleIn(answer: XmlElement): ListenerRule | null {
  const rule = elementAt(answer, 'Rules', 'member');
  if (!rule) return null;
  const actions = membersOf(elementAt(rule, 'Actions'));
  const forward = actions.find((one) => textAt(one, 'Type') === 'forward');
  const config = elementAt(forward, 'ForwardConfig');
  const groups = membersOf(elementAt(config, 'TargetGroups')).map((group) => ({
    arn: textAt(group, 'TargetGroupArn'),
    weight: Number(/^\d{1,3}$/.exec(textAt(group, 'Weight'))?.[0] ?? 1),
  }));
  const only = textAt(forward, 'TargetGroupArn');
  return {
    isDefault: textAt(rule, 'IsDefault') === 'true',
    actions: actions.map((one) => textAt(one, 'Type')),
    groups: groups.length === 0 && only !== '' ? [{ arn: only, weight: 1 }] : groups,
    isSticky: textAt(config, 'TargetGroupStickinessConfig', 'Enabled') === 'true',
  };
}

function membersOf(list: XmlElement | undefined): readonly XmlElement[] {
  return (list?.children ?? []).filter(({ name }) => name === 'member');
}

/** Percent of the requests that a group gets. */
export function shareOf(arn: string, { groups }: Pick<ListenerRule, 'groups'>): number {
  const all = groups.reduce((sum, { weight }) => sum + weight, 0);
  const own = groups.find((group) => group.arn === arn)?.weight ?? 0;
  return all === 0 ? 0 : (100 * own) / all;
}

/** `arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/shop/6d0ecf831eec9f09` -> `shop` */
export function groupName(arn: string): string {
  return arn.split('/').at(-2) ?? arn;
}
