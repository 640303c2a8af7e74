import type { DeployOrder } from '../../../src/adapters/targets/port.ts';
import type { Policy } from '../../../src/domain/policy/service.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../src/domain/release/release.ts';
import { promote } from '../../../src/flows/promote.ts';
import { adoptRelease, mayAdopt } from '../../../src/flows/requests/adopt.ts';
import { breakGlass } from '../../../src/flows/requests/break-glass.ts';
import { lockService, unlockService } from '../../../src/flows/requests/locks.ts';
import type { Caller, RequestContext } from '../../../src/flows/requests/request.ts';
import { requestRollback } from '../../../src/flows/requests/roll-back.ts';
import { startPromotion } from '../../../src/flows/requests/start.ts';
import { steer } from '../../../src/flows/requests/steer.ts';
import { vote, withdrawVote } from '../../../src/flows/requests/vote.ts';
import { rollback } from '../../../src/flows/rollback/rollback.ts';
import { MemoryRuns } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';
import { type COMMITS, type Happening, promoting } from './happenings.ts';

const MINUTE = 60_000;
/** What nobody may bring about: each is a sentence. */
export interface Outcome {
  readonly wrongs: readonly string[];
  readonly deployments: number;
  readonly rollbacks: number;
}

/**
 * Who approved which digest, by what the requests answered: kept here, and not read from the store, so that it is no
 * echo of what it checks.
 */
class Witness {
  readonly #votes = new Map<string, Set<string>>();
  /** Commits that production may return to. */
  readonly returnable = new Set<Sha>();

  approved(id: string, digest: string, by: string): void {
    const key = `${id} ${digest}`;
    this.#votes.set(key, (this.#votes.get(key) ?? new Set()).add(by));
  }

  withdrew(id: string, by: string): void {
    for (const [key, votes] of this.#votes) if (key.startsWith(`${id} `)) votes.delete(by);
  }

  /** Everybody's approval of a promotion as it was shown with this digest. */
  of(id: string, digest: string): readonly string[] {
    return [...(this.#votes.get(`${id} ${digest}`) ?? [])];
  }
}

/** One service from its first release on. Only what it is told happens; the clock is its own. */
export class ServiceLife {
  readonly house = new House({ override: { users: ['U_LINUS'], groups: [] } }, MINUTE);
  readonly #witness = new Witness();
  readonly #wrongs: string[] = [];
  readonly #runs: MemoryRuns;
  readonly #requests: RequestContext;
  readonly #validated: Sha[] = [];
  #policy: Policy;
  #started: string[] = [];
  #deployments = 0;
  #rollbacks = 0;
  #ids = 0;

  constructor() {
    const { house } = this;
    this.#policy = house.ports.service.policy;
    this.#validated.push(house.validated);
    this.#witness.returnable.add(house.repository.tags.get('v1.2.0')?.commit ?? '');
    house.people.groups.set('managers', ['U_GRACE', 'U_MARY']);
    const policyNow = () => this.#policy;
    const ports = {
      ...house.ports,
      get service() {
        return { ...house.ports.service, policy: policyNow() };
      },
    };
    this.#runs = new MemoryRuns({
      clock: house.clock,
      flows: {
        promote: (run, { promotionId }) => promote(run, ports, promotionId),
        rollback: (run, input) => {
          const { promotionId, ...order } = input as { promotionId: string } & Parameters<typeof rollback>[3];
          return rollback(run, ports, promotionId, order);
        },
      },
    });
    this.#requests = house.requests({
      services: new Map([['shop', ports]]),
      runs: {
        start: async (flow, id, input) => {
          this.#started.push(id);
          return this.#runs.start(flow, id, input);
        },
        send: (id, message, key) => this.#runs.send(id, message, key),
        standing: (ids) => this.#runs.standing(ids),
      },
      newId: (name) => `${name}-${++this.#ids}`,
    });
    const start = house.target.start.bind(house.target);
    house.target.start = async (order, key) => {
      // Thrown here it would only be a failed run.
      await this.#examine(order).catch((error: unknown) => this.#wrongs.push(String(error)));
      return start(order, key);
    };
  }

  async live(happenings: readonly Happening[]): Promise<Outcome> {
    for (const what of happenings) {
      for (const one of what.kind === 'promote' ? promoting(what.who) : [what]) {
        await this.#act(one).catch((error: unknown) => {
          if (!(error instanceof Refusal)) throw error;
        });
        for (const id of this.#started) await this.#runs.idle(id);
      }
    }
    return { wrongs: this.#wrongs, deployments: this.#deployments, rollbacks: this.#rollbacks };
  }

  /** Whether what production is about to get was approved as it is, or was there before. */
  async #examine({ kind, release }: DeployOrder): Promise<void> {
    const { house } = this;
    const said = `${kind} of ${release.tag} at ${release.commit.slice(0, 7)}`;
    if (kind === 'rollback') {
      this.#rollbacks += 1;
      if (!this.#witness.returnable.has(release.commit))
        this.#wrongs.push(`${said}: never shipped, never adopted`);
      return;
    }
    this.#deployments += 1;
    const [promotion] = await house.ledger.recent({ service: 'shop', limit: 1 });
    if (!promotion) throw new Error('deployed without a promotion');
    const approved = this.#witness.of(promotion.id, promotion.digest ?? '');
    const active = await this.#activeOf(approved);
    const others = active.filter((user) => user !== promotion.request.by);
    if (others.length < this.#policy.approvals)
      this.#wrongs.push(`${said}: approved by ${others.length} of ${this.#policy.approvals}`);
    for (const { name, who: wanted } of this.#policy.requirements) {
      const members = wanted.groups.flatMap((group) => house.people.groups.get(group) ?? []);
      if (!others.some((user) => members.includes(user))) this.#wrongs.push(`${said}: nobody of ${name}`);
    }
    const isValidated = this.#validated.some((sha) => this.#code(sha) === this.#code(release.commit));
    if (!isValidated) this.#wrongs.push(`${said}: its code was not validated on staging`);
    this.#witness.returnable.add(release.commit);
  }

  async #activeOf(users: readonly string[]): Promise<readonly string[]> {
    const profiles = await Promise.all(users.map((user) => this.house.people.profile(user)));
    return profiles.filter((profile) => !profile.deleted).map(({ id }) => id);
  }

  /** All of the service at a commit, without what a release changes. */
  #code(commit: Sha): string {
    const { repository } = this.house;
    const manifest = repository.text(commit, 'package.json') ?? '';
    return [repository.text(commit, 'src/server.js'), manifest.replace(/"version": "[\d.]+"/, '')].join('\n');
  }

  async #act(what: Exclude<Happening, { kind: 'promote' }>): Promise<unknown> {
    const { house } = this;
    const requests = this.#requests;
    const caller = (user: string): Caller => ({ user, via: 'button', key: `${++this.#ids}` });
    const [promotion] = await house.ledger.recent({ service: 'shop', limit: 1 });
    switch (what.kind) {
      case 'start':
        return startPromotion(requests, caller(what.who), { service: 'shop', bump: 'auto' });
      case 'validate':
        return this.#validate(what.trailer ? (promotion?.id ?? 'shop-1') : null);
      case 'push':
        return this.#push(what.trailer ? (promotion?.id ?? 'shop-1') : null, what);
      case 'tag':
        return house.repository.tag(what.tag, this.#commit(what.commit));
      case 'adopt':
        return this.#adopt(caller(what.who), what.tag, what.moved);
      case 'policy': {
        const managers = [{ name: 'managers', who: { users: [], groups: ['managers'] }, count: 1 }];
        this.#policy = {
          ...this.#policy,
          approvals: what.approvals,
          requirements: what.grouped ? managers : [],
        };
        return null;
      }
      case 'group':
        return house.people.groups.set('managers', what.members);
      case 'person': {
        const profile = await house.people.profile(what.who);
        return house.people.profiles.set(what.who, { ...profile, deleted: !what.active });
      }
      case 'lock':
        return lockService(requests, caller(what.who), { service: 'shop', reason: 'incident' });
      case 'unlock':
        return unlockService(requests, caller(what.who), 'shop', { because: 'mended' });
      case 'break-deploy':
        return house.target.breakNextDeployment();
      case 'wait':
        return house.clock.advance(what.minutes * MINUTE);
    }
    if (!promotion) return null;
    const { id, digest } = promotion;
    switch (what.kind) {
      case 'approve':
        await vote(requests, caller(what.who), id, { decision: 'approve', digest: digest ?? '' });
        return this.#witness.approved(id, digest ?? '', what.who);
      case 'withdraw':
        await withdrawVote(requests, caller(what.who), id);
        return this.#witness.withdrew(id, what.who);
      case 'rollback': {
        const to = what.to === null ? {} : { to: what.to.slice(1) };
        return requestRollback(requests, caller(what.who), id, { reason: 'asked', ...to });
      }
      case 'break-glass':
        return breakGlass(requests, caller(what.who), id, 'the till is down');
      case 'bump':
        return steer(requests, caller(what.who), id, { kind: 'bump', bump: what.bump, lowerConfirmed: true });
      case 'retry':
      case 'recheck':
        return steer(requests, caller(what.who), id, { kind: what.kind });
    }
  }

  /** A change that staging has, and that was approved there; with a trailer that claims to be of a promotion. */
  #validate(trailer: string | null): void {
    const { repository } = this.house;
    const message = `feat: number ${++this.#ids}${trailer ? `\n\nSlipway-Promotion: ${trailer}` : ''}`;
    const commit = repository.push('main', message, { 'src/server.js': `good ${this.#ids}\n` });
    repository.push('main', 'docs: state', { [STATE]: stateFile(commit) });
    this.#validated.push(commit);
  }

  /** A change that staging never had, in the code or beside the version; it may call itself a release of ours. */
  #push(trailer: string | null, { asRelease, code }: { asRelease: boolean; code: boolean }): void {
    const title = asRelease ? 'chore(release): v1.3.0' : `fix: number ${++this.#ids}`;
    const message = `${title}${trailer ? `\n\nSlipway-Promotion: ${trailer}` : ''}`;
    const before = this.house.repository.text('main', 'package.json') ?? '';
    const unseen = `unseen ${++this.#ids}`;
    const files = code
      ? { 'src/server.js': `${unseen}\n` }
      : { 'package.json': before.replace(/\n}/, `,\n  "main": "${unseen}"\n}`) };
    this.house.repository.push('main', message, files);
  }

  async #adopt(caller: Caller, name: string, moved: boolean): Promise<void> {
    const { commit } = await mayAdopt(this.#requests, caller, 'shop', name.slice(1));
    if (moved) this.house.repository.tag(name, this.#commit('hidden'));
    await adoptRelease(this.#requests, caller, { service: 'shop', version: name.slice(1), commit });
    // A person vouched for exactly this commit, which production was built upon.
    this.#witness.returnable.add(commit);
  }

  #commit(which: (typeof COMMITS)[number]): Sha {
    const { repository, target } = this.house;
    switch (which) {
      case 'hidden': {
        repository.branches.set('hidden', repository.branches.get('main') ?? '');
        const commit = repository.push('hidden', 'feat: read all cards', { 'src/server.js': 'evil\n' });
        repository.branches.delete('hidden');
        return commit;
      }
      case 'tip':
        return repository.branches.get('main') ?? '';
      case 'validated':
        return this.#validated.at(-1) ?? '';
      case 'live':
        return target.current?.commit ?? '';
      case 'first':
        return repository.branches.get('production') ?? '';
    }
  }
}
