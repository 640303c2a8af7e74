import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import type { Reply, Route } from '../../../demo/platform/fake-platform.ts';
import { ACCOUNT, FakeEcs } from './ecs.ts';
import { FakeService } from './ecs-service.ts';
import { actionIn, readForm, writtenInXml } from './query-protocol.ts';

const BALANCER = 'arn:aws:elasticloadbalancing:eu-central-1:123456789012';
export const RULE = `${BALANCER}:listener-rule/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`;
export const STABLE = `${BALANCER}:targetgroup/shop/6d0ecf831eec9f09`;
export const CANARY = `${BALANCER}:targetgroup/shop-canary/73e2d6bc24d8a067`;
const VERSION = '2015-12-01';
const ROUTES = ['/DescribeRules', '/ModifyRule'];

const Forward = z.strictObject({
  Type: z.literal('forward'),
  ForwardConfig: z.strictObject({
    TargetGroups: z
      .array(z.strictObject({ TargetGroupArn: z.string(), Weight: z.int().min(0).max(999) }))
      .min(1)
      .max(5),
    TargetGroupStickinessConfig: z.strictObject({ Enabled: z.boolean() }).optional(),
  }),
});

/**
 * A second service of ECS behind the same rule of an Application Load Balancer (2015-12-01): the query protocol, weights of
 * its target groups that are replaced as a whole, and a default rule that ModifyRule does not change.
 */
export class FakeEcsCanary extends FakeEcs {
  readonly canary = new FakeService('shop-canary', ACCOUNT);
  weights: { TargetGroupArn: string; Weight: number }[] = [
    { TargetGroupArn: STABLE, Weight: 100 },
    { TargetGroupArn: CANARY, Weight: 0 },
  ];
  isSticky = false;
  isDefault = false;
  /** What the rule does before it forwards. */
  before: readonly object[] = [];
  isThere = true;
  #told = '';

  override get services(): readonly FakeService[] {
    return [this.shop, this.canary];
  }

  override async start(): Promise<this> {
    this.shop.groups = [STABLE];
    this.canary.groups = [CANARY];
    this.canary.wanted = 1;
    return super.start();
  }

  /** Percent of the requests that the canary gets. */
  get share(): number {
    const weight = (arn: string) => this.weights.find((one) => one.TargetGroupArn === arn)?.Weight ?? 0;
    return (100 * weight(CANARY)) / (weight(STABLE) + weight(CANARY));
  }

  /** As people set it in the console. */
  weighByHand(share: number): void {
    this.weights = [
      { TargetGroupArn: STABLE, Weight: 100 - share },
      { TargetGroupArn: CANARY, Weight: share },
    ];
  }

  protected override actOf(service: FakeService, definition: string): string {
    const image = this.imageOf(definition);
    return service === this.canary ? `canary ${image}` : image;
  }

  protected override async done(): Promise<void> {
    const service = this.share > 50 ? this.canary : this.shop;
    const primary = service.deployments.find(({ rolloutState }) => rolloutState === 'COMPLETED');
    const image = this.imageOf(primary?.taskDefinition ?? '');
    if (image === '' || image === this.#told) return;
    this.#told = image;
    await this.onLive(image);
  }

  protected override seenAs(
    method: string,
    pathname: string,
    headers: IncomingMessage['headers'],
    text: string,
  ) {
    const action = isForm(headers) ? actionIn(text) : '';
    if (action === '') return super.seenAs(method, pathname, headers, text);
    return { method: action.startsWith('Describe') ? 'GET' : 'POST', pathname: `/${action}` };
  }

  protected override read(text: string, headers: IncomingMessage['headers']): unknown {
    return isForm(headers) ? readForm(text, VERSION) : super.read(text, headers);
  }

  protected override written(reply: Reply, pathname: string): Reply {
    return ROUTES.includes(pathname) ? writtenInXml(reply, pathname.slice(1)) : reply;
  }

  override check(headers: IncomingMessage['headers']): string | null {
    if (!isForm(headers)) return super.check(headers);
    const isOurs = /\/elasticloadbalancing\/aws4_request/.test(String(headers.authorization));
    return isOurs ? null : `a signature for ${headers.authorization}`;
  }

  protected override more(): readonly Route[] {
    const shown = () => ({
      RuleArn: RULE,
      Priority: this.isDefault ? 'default' : '10',
      Conditions: this.isDefault ? [] : [{ Field: 'path-pattern', Values: ['/*'] }],
      Actions: [
        ...this.before,
        {
          Type: 'forward',
          Order: this.before.length + 1,
          ...(this.weights.length === 1 ? { TargetGroupArn: this.weights[0]?.TargetGroupArn } : {}),
          ForwardConfig: {
            TargetGroups: this.weights,
            TargetGroupStickinessConfig: {
              Enabled: this.isSticky,
              ...(this.isSticky ? { DurationSeconds: 3_600 } : {}),
            },
          },
        },
      ],
      IsDefault: this.isDefault,
    });
    const notFound = () => this.refused('RuleNotFound', 'One or more rules not found');
    return [
      this.call(
        'GET',
        'DescribeRules',
        z.strictObject({ RuleArns: z.array(z.string()).length(1) }),
        (asked) => (this.isThere && asked.RuleArns[0] === RULE ? { Rules: [shown()] } : notFound()),
      ),
      this.call(
        'POST',
        'ModifyRule',
        z.strictObject({ RuleArn: z.string(), Actions: z.tuple([Forward]) }),
        async ({ RuleArn, Actions: [{ ForwardConfig }] }) => {
          if (!this.isThere || RuleArn !== RULE) return notFound();
          if (this.isDefault)
            return this.refused('OperationNotPermitted', `Default rule '${RULE}' cannot be modified`);
          this.weights = ForwardConfig.TargetGroups;
          this.isSticky = ForwardConfig.TargetGroupStickinessConfig?.Enabled ?? false;
          this.before = [];
          this.acts.push(`${this.share} %`);
          await this.done();
          return { Rules: [shown()] };
        },
      ),
    ];
  }
}

function isForm(headers: IncomingMessage['headers']): boolean {
  return String(headers['content-type']).startsWith('application/x-www-form-urlencoded');
}
