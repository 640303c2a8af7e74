import { describe, expect, test } from 'vitest';
import { Unavailable } from '../../../src/domain/refusals/refusal.ts';
import type { Sha } from '../../../src/domain/release/release.ts';
import { promote } from '../../../src/flows/promote.ts';
import { drive, MemoryRun } from '../../fakes/memory-run.ts';
import { House, STATE } from '../house.ts';

const ID = 'shop-0001';

/** A shop that is one service of several in its repository; the others release while people look at its plan. */
class Shared extends House {
  constructor() {
    super({}, undefined, { paths: ['src'], versionFiles: [{ path: 'package.json' }] });
  }

  /** Another service releases: its commit moves the branch. */
  other(version: string, files: Readonly<Record<string, string>> = {}): Sha {
    const commit = this.repository.push('main', `chore(release): web-v${version}`, {
      'apps/web/package.json': `{"version":"${version}"}\n`,
      ...files,
    });
    this.repository.tag(`web-v${version}`, commit);
    return commit;
  }

  /** Grace approves whenever she is asked; `first` happens before that for the first time. */
  async goes(first: () => void = () => {}) {
    let isFirst = true;
    const run: MemoryRun = new MemoryRun({
      id: ID,
      clock: this.clock,
      script: async () => {
        if ((await this.state(ID)) !== 'awaiting-approval') return null;
        if (isFirst) first();
        isFirst = false;
        return (await this.approveOnce(ID)) ? { kind: 'vote' } : null;
      },
    });
    await this.open();
    await drive(run, (running) => promote(running, this.ports, ID));
    return this.ledger.get(ID);
  }

  /** The history of the branch, newest first, without the records that come after a release. */
  async releases(): Promise<readonly string[]> {
    const subjects: string[] = [];
    for await (const { message } of this.repository.commits(
      null,
      this.repository.branches.get('main') ?? '',
    )) {
      const [subject = ''] = message.split('\n');
      if (subject.startsWith('chore(release)')) subjects.push(subject);
    }
    return subjects;
  }

  async parentOf(tag: string): Promise<Sha | undefined> {
    const { commit = '' } = this.repository.tags.get(tag) ?? {};
    for await (const { parents } of this.repository.commits(null, commit)) return parents?.[0];
    return undefined;
  }
}

describe('two services of one repository ship side by side', () => {
  test('another one releases while people approve: nobody is asked again, and nothing of it is lost', async () => {
    const house = new Shared();
    let web = '';
    const { state, data } = await house.goes(() => {
      web = house.other('2.0.0');
    });
    expect(state).toBe('shipped');
    expect(house.slack.notices('voided')).toEqual([]);
    expect(await house.ledger.approvals(ID)).toHaveLength(1);
    expect(data.release?.version).toBe('1.3.0');
    expect(await house.parentOf('v1.3.0')).toBe(web);
    expect(house.repository.text('main', 'apps/web/package.json')).toBe('{"version":"2.0.0"}\n');
    expect(await house.releases()).toEqual(['chore(release): v1.3.0', 'chore(release): web-v2.0.0']);
  });

  test.each([
    ['of another one: nobody is asked again', '"web": major', []],
    ['of this one: people are asked again', '"shop": major', ['1.3.0', '2.0.0']],
  ])('a changeset at the root arrives while people approve, %s', async (_name, names, versions) => {
    const house = new Shared();
    const { state, data } = await house.goes(() => {
      house.repository.push('main', 'chore: changeset', {
        '.changeset/money.md': `---\n${names}\n---\n\nOne money type.\n`,
      });
    });
    expect(state).toBe('shipped');
    expect(house.slack.notices('voided')).toHaveLength(versions.length > 0 ? 1 : 0);
    expect(data.release?.version).toBe(versions.at(-1) ?? '1.3.0');
  });

  test('it releases between the last look and the push, again and again', async () => {
    const house = new Shared();
    const cut = house.repository.cutRelease.bind(house.repository);
    let times = 0;
    house.repository.cutRelease = async (...given) => {
      if (++times <= 3) house.other(`2.0.${times}`);
      return cut(...given);
    };
    const { state } = await house.goes();
    expect(state).toBe('shipped');
    expect(times).toBe(4);
    expect(house.slack.notices('voided')).toEqual([]);
    expect((await house.releases()).slice(0, 2)).toEqual([
      'chore(release): v1.3.0',
      'chore(release): web-v2.0.3',
    ]);
  });

  test('a branch that never rests is given up, and people are asked', async () => {
    const house = new Shared();
    const cut = house.repository.cutRelease.bind(house.repository);
    let times = 0;
    house.repository.cutRelease = async (...given) => {
      if (++times <= 5) house.other(`2.0.${times}`);
      return cut(...given);
    };
    const { state } = await house.goes();
    expect(state).toBe('shipped');
    expect(times).toBe(6);
    expect((await house.ledger.approvals(ID)).length).toBeGreaterThan(1);
  });

  test('the answer to the push is lost and it releases meanwhile: the release is found, not made twice', async () => {
    const house = new Shared();
    house.other('2.0.0');
    const cut = house.repository.cutRelease.bind(house.repository);
    let isLost = false;
    house.repository.cutRelease = async (...given) => {
      const release = await cut(...given);
      if (isLost) return release;
      isLost = true;
      house.other('2.0.2');
      throw new Unavailable('the git remote', 'cut off');
    };
    const { state } = await house.goes(() => house.other('2.0.1'));
    expect(state).toBe('shipped');
    expect(await house.releases()).toEqual([
      'chore(release): web-v2.0.2',
      'chore(release): v1.3.0',
      'chore(release): web-v2.0.1',
      'chore(release): web-v2.0.0',
    ]);
    expect(house.slack.notices('voided')).toEqual([]);
  });

  test('what was not validated is not shipped: a commit that touches it blocks', async () => {
    const house = new Shared();
    const { state, data } = await house.goes(() => house.other('2.0.0', { 'src/other.js': '1' }));
    expect(state).not.toBe('shipped');
    expect(data.gates?.find(({ verdict }) => verdict !== 'passed')?.id).toBe('candidate-validated');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
  });

  test.each([
    ['its changelog', { 'CHANGELOG.md': '# Changelog\n' }],
    ['its version file', { 'package.json': '{"name":"shop","version":"1.2.0"}\n' }],
    ['its state file', { [STATE.replace('state.yaml', 'notes.md')]: 'x' }],
  ])('a commit that also touches %s voids the approvals', async (_what, files) => {
    const house = new Shared();
    await house.goes(() => house.other('2.0.0', files));
    expect((await house.ledger.approvals(ID)).length).toBeGreaterThan(1);
  });

  test('what was pushed over the candidate is not what people approved', async () => {
    const house = new Shared();
    const before = house.repository.branches.get('main') ?? '';
    await house.goes(() => {
      house.repository.branches.set('main', house.validated);
      house.other('2.0.0', { [STATE]: house.repository.text(before, STATE) ?? '' });
    });
    expect((await house.ledger.approvals(ID)).length).toBeGreaterThan(1);
  });

  test('in a repository of its own every commit counts', async () => {
    const house = new Shared();
    Object.assign(house.ports.service, { paths: undefined });
    const { state } = await house.goes(() => house.other('2.0.0'));
    expect(state).not.toBe('shipped');
    expect(house.repository.tags.has('v1.3.0')).toBe(false);
  });
});
