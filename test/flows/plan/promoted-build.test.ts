import { describe, expect, test } from 'vitest';
import type { DeployHandle, DeployOrder, DeployStatus } from '../../../src/adapters/targets/port.ts';
import { Refusal } from '../../../src/domain/refusals/refusal.ts';
import { trailerOf } from '../../../src/domain/release/message.ts';
import type { Build } from '../../../src/domain/release/release.ts';
import { Facts } from '../../../src/flows/plan/facts.ts';
import { releaseOf } from '../../../src/flows/plan/known-releases.ts';
import { promote } from '../../../src/flows/promote.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE, stateFile } from '../house.ts';

/** Production gets what was built on staging: it knows the commit of the build, and no version. */
function promoting(): House & { readonly asked: Build[] } {
  const house = new House();
  const asked: Build[] = [];
  const { target } = house;
  const follow = target.follow.bind(target);
  Object.assign(target, {
    promotes: true,
    promotable: async (build: Build) => {
      asked.push(build);
      return `${build.commit.slice(0, 7)} is built.`;
    },
    follow: async (order: DeployOrder, handle: DeployHandle): Promise<DeployStatus> => {
      const status = await follow(order, handle);
      const { build, commit } = order.release;
      if (status.kind === 'succeeded')
        target.current = { commit: build?.commit ?? commit, deploymentId: handle.id };
      return status;
    },
  });
  return Object.assign(house, { asked });
}

let count = 0;

async function ship(house: House, id = `shop-${++count}`) {
  await house.ledger.open({
    id,
    request: { service: 'shop', bump: 'auto', by: 'U_ADA' },
    channel: 'C_SHIP',
  });
  const script = async () => {
    const promotion = await house.ledger.get(id);
    if (promotion.state !== 'awaiting-approval' || !(await house.approveOnce(id))) return null;
    return { kind: 'vote' } as const;
  };
  await drive(new MemoryRun({ id, clock: house.clock, script }), (run) => promote(run, house.ports, id));
  return house.ledger.get(id);
}

const look = (house: House) => new Facts(house.ports, { service: 'shop', bump: 'auto', by: 'U_ADA' });

describe('a target that promotes what was built on staging', () => {
  test('is given the build that was validated, and the release commit names it', async () => {
    const house = promoting();
    const { state, data } = await ship(house);
    expect(state).toBe('shipped');
    const build = { commit: house.validated, deploymentId: 'stg-7' };
    expect(data.plan?.candidate.build).toEqual(build);
    expect(data.release).toMatchObject({ tag: 'v1.3.0', build });
    expect(data.release?.commit).not.toBe(house.validated);
    expect(house.target.started.map(({ order }) => order.release.build)).toEqual([build]);
    expect(house.asked).toContainEqual(build);
    const messages = [];
    for await (const { message } of house.repository.commits(house.validated, data.release?.commit ?? '')) {
      messages.push(trailerOf(message, 'Slipway-Build'));
    }
    expect(messages).toContain(house.validated);
  });

  test('what is live is known as that release, and is what a rollback returns to', async () => {
    const house = promoting();
    const { data } = await ship(house);
    expect(house.target.current).toEqual({ commit: house.validated, deploymentId: 'deployment-1' });
    const release = { version: '1.3.0', tag: 'v1.3.0', commit: data.release?.commit };
    expect(await look(house).rollbackTo()).toMatchObject({ ...release, build: { commit: house.validated } });
    expect(await releaseOf(house.ports, '1.3.0')).toMatchObject({
      ...release,
      build: { commit: house.validated },
    });

    const fixed = house.repository.push('main', 'fix: a cent too much', { 'src/server.js': 'newer\n' });
    house.repository.push('main', 'docs: state', { [STATE]: stateFile(fixed) });
    const second = await ship(house);
    expect(second.data.release).toMatchObject({ tag: 'v1.3.1', build: { commit: fixed } });
    expect(second.data.plan?.rollbackTo).toMatchObject({ tag: 'v1.3.0', build: { commit: house.validated } });
    expect(house.target.current?.commit).toBe(fixed);
  });

  test('a release that is live is not proposed again', async () => {
    const house = promoting();
    await ship(house);
    await expect(look(house).release()).rejects.toMatchObject({ code: 'nothing-to-release' });
  });

  test('a second try after a failed deployment is no change of what people approved', async () => {
    const house = promoting();
    house.target.breakNextDeployment();
    const id = 'shop-retry';
    await house.ledger.open({
      id,
      request: { service: 'shop', bump: 'auto', by: 'U_ADA' },
      channel: 'C_SHIP',
    });
    const script = async () => {
      const promotion = await house.ledger.get(id);
      if (promotion.data.decision === 'retry-deploy') return { kind: 'retry', by: 'U_ADA' } as const;
      if (promotion.state !== 'awaiting-approval' || !(await house.approveOnce(id))) return null;
      return { kind: 'vote' } as const;
    };
    await drive(new MemoryRun({ id, clock: house.clock, script }), (run) => promote(run, house.ports, id));
    expect(await house.state(id)).toBe('shipped');
    expect(house.slack.said.filter(({ notice }) => notice.kind === 'voided')).toEqual([]);
  });

  test('a build that is gone blocks before a release is cut', async () => {
    const house = promoting();
    Object.assign(house.target, {
      promotable: async ({ commit }: Build) => {
        throw new Refusal('build-missing', { platform: 'memory', commit, reason: 'it was deleted' });
      },
    });
    const tags = [...house.repository.tags.keys()];
    const { data } = await ship(house);
    expect(data.gates?.find((gate) => gate.id === 'target-configured')).toMatchObject({ verdict: 'failed' });
    expect([...house.repository.tags.keys()]).toEqual(tags);
  });

  test('a commit that no release names stays what it is', async () => {
    const house = promoting();
    const commit = house.repository.push('main', 'fix: by hand', { 'src/hand.js': '\n' });
    house.target.current = { commit };
    expect(await look(house).rollbackTo()).toEqual({ version: commit.slice(0, 7), tag: '', commit });
    house.target.current = { commit: 'e'.repeat(40) };
    expect(await look(house).rollbackTo()).toMatchObject({ tag: '', commit: 'e'.repeat(40) });
  });

  test('a build that somebody else names in a commit is neither deployed nor what is live', async () => {
    const house = promoting();
    const { data } = await ship(house);
    const live = data.release?.commit ?? '';
    const built = house.target.current?.commit ?? '';
    house.repository.push('hidden', 'feat: read all cards', { 'src/server.js': 'evil\n' });
    const evil = house.repository.branches.get('hidden') ?? '';
    // Above all others, with a tag: it says that it stands for what is live, or for what nobody has seen.
    const claim = (message: string, tag: string, build: string) =>
      house.repository.tag(tag, house.repository.push('main', `${message}\n\nSlipway-Build: ${build}`, {}));
    claim('docs: typo', 'v1.3.1', built);
    expect(await look(house).rollbackTo()).toMatchObject({ version: '1.3.0', commit: live });
    claim('docs: words', 'v1.3.2', evil);
    expect((await releaseOf(house.ports, '1.3.2')).build).toBeUndefined();
    await ship(house);
    expect(house.target.started.map(({ order }) => order.release.build?.commit)).not.toContain(evil);
  });
});
