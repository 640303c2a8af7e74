import { Refusal } from '../../../domain/refusals/refusal.ts';
import { runs } from '../../../domain/release/release.ts';
import { shareInWords } from '../../../domain/release/stages.ts';
import type { DeployHandle, DeployOrder } from '../port.ts';
import { mustNotHaveMoved } from '../shared/order.ts';
import type { EcsApi } from './api.ts';
import { groupName, type ListenerRule, type RuleApi, shareOf } from './balancer.ts';
import type { Definitions } from './definitions.ts';
import { definitionBefore, isOf, shareNote, shareNoted } from './notes.ts';
import { RollingMover } from './rolling.ts';
import type { EcsService, TaggedDefinition } from './shapes.ts';

/** How the requests are divided between the two services. */
interface Split {
  /** That of the share. */
  readonly service: EcsService;
  readonly rule: ListenerRule;
  readonly groups: { readonly stable: string; readonly canary: string };
  /** Percent of the requests that the service of the share gets. */
  readonly share: number;
}

interface Options {
  readonly target: string;
  readonly service: string;
}

interface Parts {
  /** Of the service of the share. */
  readonly api: EcsApi;
  readonly rule: RuleApi;
  readonly definitions: Definitions;
}

/**
 * A share of the requests: a second service runs the release, and a rule of the load balancer gives its target group that
 * many percent. The task definition that it runs notes the share that it was given last, so that a change of the weights by
 * somebody else is seen.
 */
export class Canary {
  readonly mover: RollingMover;
  readonly api: EcsApi;
  readonly #options: Options;
  readonly #rule: RuleApi;
  readonly #definitions: Definitions;

  constructor(options: Options, { api, rule, definitions }: Parts) {
    this.#options = options;
    this.api = api;
    this.mover = new RollingMover(api);
    this.#rule = rule;
    this.#definitions = definitions;
  }

  /** It could have a share, and has the one that it was given last. Refusals `target-misconfigured`, `share-changed`. */
  async check(stable: EcsService, signal?: AbortSignal): Promise<string> {
    const split = await this.look(stable, signal);
    this.#mustTakeShares(split, stable);
    const noted = shareNoted(await this.#running(split, signal));
    if (!isShare(split, noted)) throw this.#changed(noted, split.share);
    return `${this.#options.service} can have a share of the requests.`;
  }

  /** Refusal `target-misconfigured` where the rule does not divide the requests between the two services. */
  async look(stable: EcsService, signal?: AbortSignal): Promise<Split> {
    const service = await this.api.service(signal);
    const rule = await this.#rule.read(signal);
    if (rule.isDefault) {
      throw this.#wrong(
        'the rule is the default one of its listener, which no weights can be set for: make a rule of its own, with the path /* as its condition',
      );
    }
    if (rule.actions.join() !== 'forward') {
      const does = rule.actions.join(', ') || 'nothing';
      throw this.#wrong(`the rule does ${does}; its weights can be set where all it does is to forward`);
    }
    const groups = { stable: this.#groupOf(stable, rule), canary: this.#groupOf(service, rule) };
    if (groups.stable === groups.canary)
      throw this.#wrong(
        `${stable.serviceName} and ${service.serviceName} are attached to the same target group`,
      );
    return { service, rule, groups, share: shareOf(groups.canary, rule) };
  }

  /**
   * Has the service of the share run the release, unless it does. Its task definition is made of the one that the stable
   * service runs: what is watched is what is to have all requests.
   */
  async begin(
    order: DeployOrder & { readonly percent: number },
    key: string,
    stable: EcsService,
    source: TaggedDefinition,
  ): Promise<DeployHandle['state']> {
    const split = await this.look(stable);
    this.#mustTakeShares(split, stable);
    const { service, share } = split;
    const { percent } = order;
    const running = await this.#running(split);
    const from = running.definition.taskDefinitionArn;
    const state = { move: null, event: service.events?.[0]?.id ?? null, percent };
    if (isOf(running, key)) {
      return { ...state, definition: from, before: definitionBefore(running) ?? from, from, had: 0 };
    }
    const had = shareNoted(running);
    await this.#mustBeAsLeft(order, split, running);
    const there = { ...state, definition: from, before: from, from, had };
    const isRelease = runs(await this.#definitions.liveOf(running, { order }), order.release);
    if (isRelease && (share > 0 || (await this.mover.isThere(service)))) return there;
    if (share > 0) throw this.#changed(0, share);
    const wanted = { key, source, before: from };
    const move = { kind: order.kind, key, ...(await this.#definitions.forOrder(order, wanted)) };
    if ((await this.mover.begun(service, move)) === null) await this.mover.begin(service, move);
    // One of the release that did not come up is nothing to go back to.
    const before = isRelease ? (definitionBefore(running) ?? from) : from;
    return { ...state, definition: move.definition, before, from, had };
  }

  /** Before the stable service gets a release: unless it has it already, and what is left is to say so. */
  async mustBeAsLeft(order: DeployOrder, stable: EcsService, isThere: boolean): Promise<void> {
    const split = await this.look(stable);
    if (!isThere || split.share > 0) await this.#mustBeAsLeft(order, split, await this.#running(split));
  }

  /** Nobody else has changed the weights, and who has requests is where the order expects it. */
  async #mustBeAsLeft(order: DeployOrder, split: Split, running: TaggedDefinition): Promise<void> {
    const noted = shareNoted(running);
    if (!isShare(split, noted) && !isShare(split, order.percent ?? noted))
      throw this.#changed(noted, split.share);
    if (split.share > 0) await this.#mustNotHaveMoved(order, running);
  }

  /**
   * Begins a rollback: gives all requests to the stable service, whoever has set the weights. Where the rule cannot be used
   * it is said when the stable service has gone back, by `settle`.
   */
  async takeBack(order: DeployOrder, stable: EcsService): Promise<void> {
    const split = await this.look(stable).catch((error: unknown) => {
      if (error instanceof Refusal) return null;
      throw error;
    });
    if (split === null) return;
    const running = await this.#running(split);
    if (split.share > 50 && !this.#definitions.isOurs(running)) await this.#mustNotHaveMoved(order, running);
    await this.#give(split, 0, running);
  }

  /**
   * Gives the share of an order once what was to run does: of an order for all requests none, as the stable service has
   * the release then. Refusal `share-changed` when somebody else has set the weights meanwhile; a rollback takes no notice.
   */
  async settle(order: DeployOrder, { state }: DeployHandle, stable: EcsService): Promise<void> {
    const split = await this.look(stable);
    const percent = typeof state['percent'] === 'number' ? state['percent'] : 0;
    const running =
      percent > 0 ? await this.#definitions.read(String(state['definition'])) : await this.#running(split);
    if (!isShare(split, percent) && order.kind !== 'rollback') {
      if (percent > 0) this.#mustTakeShares(split, stable);
      const noted = shareNoted(running);
      if (!isShare(split, noted)) throw this.#changed(noted, split.share);
    }
    await this.#give(split, percent, running);
    // What was taken back is not to run on, at its queues for instance. Its group is never without tasks: that a weight is
    // none takes a while to arrive everywhere.
    const isBad = order.kind === 'rollback' && this.#definitions.isOurs(running);
    if (isBad && !runs(await this.#definitions.liveOf(running, { order }), order.release))
      await this.api.updateBack(String(state['definition']));
  }

  /** Gives the requests back to who had them before the order, where they are still as it left them. */
  async cancel({ state }: DeployHandle, stable: EcsService): Promise<void> {
    const { definition, before, percent, had } = state;
    const split = await this.look(stable);
    // ECS shows a change a little later: what was before may be what the order has changed already.
    const wanted = this.mover.wanted(split.service);
    if (wanted !== definition && wanted !== before) return;
    const given = await this.#definitions.read(String(definition));
    if (isShare(split, Number(percent))) await this.#give(split, Number(had), given);
    else if (!isShare(split, Number(had))) return;
    if (had === 0 && before !== definition) await this.api.updateBack(String(before));
  }

  async #give({ rule, groups, ...split }: Split, percent: number, running: TaggedDefinition): Promise<void> {
    const own = rule.groups.filter(({ arn }) => arn === groups.stable || arn === groups.canary);
    // Beside a group of somebody else, which keeps its part, all that can be given is none.
    const isAlone = rule.groups.every((one) => one.weight === 0 || own.includes(one));
    const whole = isAlone
      ? 100
      : Math.min(
          999,
          own.reduce((sum, { weight }) => sum + weight, 0),
        );
    const weights = new Map([
      [groups.stable, whole - percent],
      [groups.canary, percent],
    ]);
    const given = rule.groups.map((one) => ({ ...one, weight: weights.get(one.arn) ?? one.weight }));
    if (!isShare(split, percent)) await this.#rule.weigh(given);
    if (shareNoted(running) !== percent)
      await this.api.tag(running.definition.taskDefinitionArn, shareNote(percent));
  }

  /** What the service of the share was told to run last. */
  #running({ service }: Split, signal?: AbortSignal): Promise<TaggedDefinition> {
    const arn = this.mover.wanted(service) ?? service.taskDefinition;
    if (!arn) throw this.#wrong(`${service.serviceName} runs no task definition`);
    return this.#definitions.read(arn, signal);
  }

  async #mustNotHaveMoved(order: DeployOrder, running: TaggedDefinition): Promise<void> {
    mustNotHaveMoved(this.#options.target, order, await this.#definitions.liveOf(running, { order }));
  }

  #mustTakeShares({ service, rule, groups }: Split, stable: EcsService): void {
    for (const { serviceName, deploymentController: by, deploymentConfiguration: how } of [stable, service]) {
      const strategy = how?.strategy ?? 'ROLLING';
      if ((by?.type ?? 'ECS') !== 'ECS' || strategy !== 'ROLLING') {
        const what = strategy === 'ROLLING' ? by?.type : strategy;
        throw this.#wrong(
          `${serviceName} is deployed by ${what}, which sets the weights by itself and waits for nobody: let ECS deploy it, ROLLING`,
        );
      }
    }
    if (rule.isSticky)
      throw this.#wrong(
        'the rule keeps clients at the target group that they came to, so neither a share would hold nor going back: turn its group stickiness off',
      );
    const other = rule.groups.find(({ arn, weight }) => weight > 0 && !Object.values(groups).includes(arn));
    if (other) throw this.#wrong(`the rule gives requests to the target group ${groupName(other.arn)} too`);
    if (!service.desiredCount)
      throw this.#wrong(
        `${service.serviceName} is to have no tasks: give it as many as the largest share takes`,
      );
  }

  /** Of the target groups of a service that which the rule forwards to. */
  #groupOf({ serviceName, loadBalancers }: EcsService, rule: ListenerRule): string {
    const own = (loadBalancers ?? []).flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
    const [found] = own.filter((arn) => rule.groups.some((group) => group.arn === arn));
    if (found !== undefined) return found;
    const [first] = own;
    throw this.#wrong(
      first === undefined
        ? `${serviceName} is attached to no target group`
        : `the rule does not forward to the target group ${groupName(first)} of ${serviceName}: add it there, that of the share with the weight 0`,
    );
  }

  #wrong(reason: string): Refusal {
    return new Refusal('target-misconfigured', { target: this.#options.target, reason });
  }

  #changed(expected: number, found: number): Refusal {
    const { service } = this.#options;
    const [was, is] = [expected, found].map((share) => shareInWords(Math.round(10 * share) / 10));
    return new Refusal('share-changed', { service, expected: was ?? '', found: is ?? '' });
  }
}

function isShare({ share }: Pick<Split, 'share'>, percent: number): boolean {
  return Math.abs(share - percent) < 0.01;
}
