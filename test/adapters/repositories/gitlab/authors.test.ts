import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { PushEvent } from '../../../../demo/gitlab/events.ts';
import type { PeoplesRequest } from '../../../../demo/gitlab/merge-requests.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { authorInWords, authorsOf } from '../../../../src/domain/promotion/authors.ts';
import type { Commit } from '../../../../src/domain/release/release.ts';
import { type GitlabRepositoryWorld, gitlabWorld } from './gitlab-world.ts';

const DAY = 24 * 60 * 60_000;
const MINUTE = 60_000;
const PEOPLE = { ada: 'U0ADA', 'ada@shop.test': 'U0ADA' };
const ADA = { name: 'Ada', email: 'ada@shop.test' };
/** Nobody vouches for the name in the commit. */
const UNTOLD = 'unpushed: ada@shop.test (the host does not tell who pushed to that pull request)';

let world: GitlabRepositoryWorld;
let repository: Repository;
let base: string;
let clock: number;

beforeEach(async () => {
  world = await gitlabWorld();
  repository = world.repository;
  base = world.push('main', 'chore: begin', { a: '1' });
  clock = Date.now() - DAY;
});
afterEach(() => world.remove());

/** A branch, what is pushed to it, and the merge request from it. */
class Topic {
  readonly name: string;
  readonly #openedBy: string;
  #openedAt = 0;
  #tip: string | null = null;

  constructor(name = 'topic', openedBy = 'ada') {
    this.name = name;
    this.#openedBy = openedBy;
  }

  get tip(): string {
    return this.#tip ?? '';
  }

  /** A commit in the name of Ada, whoever pushes it; forced: it takes the place of all that is there. */
  push(by: string | null, { forced = false, ...more }: Partial<PushEvent> & { forced?: boolean } = {}): this {
    const begin = forced || this.#tip === null ? base : this.#tip;
    world.remote.git('update-ref', `refs/heads/${this.name}`, begin);
    const to = world.push(this.name, `feat: ${clock}`, { b: `${clock}` }, ADA);
    return this.moves(by, to, more);
  }

  moves(by: string | null, to: string | null, more: Partial<PushEvent> = {}): this {
    world.gitlab.events.push(this.step(by, to, more));
    return this;
  }

  /** What a push does, before GitLab tells of it. */
  step(by: string | null, to: string | null, more: Partial<PushEvent> = {}): PushEvent {
    clock += MINUTE;
    const step = { by, ref: this.name, from: this.#tip, to, at: clock, ...more };
    this.#tip = to;
    return step;
  }

  opens(): this {
    clock += MINUTE;
    this.#openedAt = clock;
    return this;
  }

  /** As one commit on the branch, which has the name and the address of whoever wrote the first. */
  merges(more: Partial<PeoplesRequest> = {}): this {
    clock += MINUTE;
    const sha = world.push('main', `feat: ${this.name}`, { [this.name]: this.tip }, ADA);
    const iid = world.gitlab.merging.opened.size + 1;
    const request: PeoplesRequest = {
      iid,
      state: 'merged',
      target_branch: 'main',
      source_branch: this.name,
      source_project_id: 1,
      target_project_id: 1,
      sha: this.tip,
      created_at: new Date(this.#openedAt).toISOString(),
      merged_at: new Date(clock).toISOString(),
      author: { username: this.#openedBy },
      ...more,
    };
    world.gitlab.merging.opened.set(sha, [request]);
    return this;
  }
}

async function authors(by = repository): Promise<readonly string[]> {
  await by.refs();
  const commits: Commit[] = [];
  for await (const one of by.commits(base, world.remote.tip('main') ?? '')) commits.push(one);
  const shas = commits.map(({ sha }) => sha);
  const openers = (await by.openers?.(shas, 'main')) ?? null;
  const pushers = (await by.pushers?.(shas, 'main')) ?? new Map();
  return authorsOf(commits, { openers, pushers }, PEOPLE)
    .map((author) => `${author.trust}: ${authorInWords(author)}`)
    .filter((author) => author !== 'claimed: ada@shop.test' && author !== 'claimed: dev@shop.test');
}

const asked = () => world.gitlab.requests.filter((one) => one.endsWith('/events')).length;

describe('who opened a merge request', () => {
  test('is asked once, and only those that were merged to the branch count', async () => {
    const commit = new Topic('a', 'kim.lee').push('kim.lee').opens().merges() && world.remote.tip('main');
    const other = world.push('main', 'feat: b', { b: '1' });
    const [merged] = world.gitlab.merging.opened.get(commit ?? '') ?? [];
    if (!merged) throw new Error('nothing was merged');
    const by = (iid: number, username: string, more: Partial<PeoplesRequest>) => ({
      ...merged,
      iid,
      author: { username },
      ...more,
    });
    world.gitlab.merging.opened.set(commit ?? '', [
      merged,
      by(8, 'max', { state: 'closed' }),
      by(9, 'ann', { target_branch: 'next' }),
    ]);
    const openers = () => repository.openers?.([commit ?? '', other], 'main');
    const expected = new Map([
      [commit, ['kim.lee']],
      [other, []],
    ]);
    expect(await openers()).toEqual(expected);
    expect(await openers()).toEqual(expected);
    expect(world.gitlab.requests.filter((one) => one.includes(`${commit}/merge_requests`))).toHaveLength(1);
  });

  test('is nobody when the account is gone: GitLab puts one for all of them in its place', async () => {
    new Topic('a', 'ghost').push('ada').opens().merges();
    new Topic('b', 'ghost1').push('ada').opens().merges();
    expect(await authors()).toEqual([
      'proven: @ada',
      'unproven: ada@shop.test (no pull request, no verified signature)',
    ]);
  });
});

describe('the account in a private address', () => {
  const commit = (email: string) => {
    new Topic('a').push('ada').opens();
    world.push('main', 'feat: x', { x: email }, { name: 'Ada', email });
    new Topic('b').push('ada').opens().merges();
    const [merged] = [...world.gitlab.merging.opened.values()].flat();
    if (merged) world.gitlab.merging.opened.set(world.remote.tip('main~1') ?? '', [merged]);
  };
  test.each([
    ['12-Ada@users.noreply.127.0.0.1', ['proven: @ada']],
    // Of another GitLab, or not as GitLab writes it.
    ['12-ada@users.noreply.gitlab.com', ['proven: @ada', 'unsigned']],
    ['ada@users.noreply.127.0.0.1', ['proven: @ada', 'unsigned']],
    ['12-ada@users.noreply.127x0.0.1', ['proven: @ada', 'unsigned']],
    ['12-mallory@users.noreply.127.0.0.1', ['proven: @ada', 'unsigned']],
  ])('%s is that of whoever opened the request', async (email, wanted) => {
    commit(email);
    const found = (await authors()).map((author) => author.replace(/^unsigned.*/, 'unsigned'));
    expect(found).toEqual(wanted);
  });
});

describe('who pushed to a merge request on GitLab', () => {
  test('is an author besides whom the commit names, on their own request too', async () => {
    new Topic().push('ada').push('mallory').opens().merges();
    expect(await authors()).toEqual(['proven: @ada', 'proven: @mallory']);
  });

  test('just before the merge, by force, and of what was pushed away again, too', async () => {
    new Topic().push('ada').opens().push('kay', { forced: true }).push('mallory', { forced: true }).merges();
    expect(await authors()).toEqual(['proven: @ada', 'proven: @kay', 'proven: @mallory']);
  });

  test('after the merge is not one, though the branch then is where it was', async () => {
    const topic = new Topic().push('ada').push('mallory').opens().merges();
    const merged = topic.tip;
    topic.moves('kay', null).moves('linus', merged).push('grace');
    expect(await authors()).toEqual(['proven: @ada', 'proven: @mallory']);
  });

  test('is told apart from who pushed to a tag or to another branch of that name', async () => {
    const topic = new Topic();
    world.gitlab.events.push({ ...new Topic().step('kay', 'a'.repeat(40)), ref_type: 'tag' });
    topic.push('ada').opens();
    world.gitlab.events.push(new Topic('topic/2').step('linus', topic.tip));
    world.gitlab.events.push({ ...new Topic().step('grace', topic.tip), ref_type: 'tag' });
    topic.merges();
    expect(await authors()).toEqual(['proven: @ada']);
  });

  test('stays one when the branch is removed and made again with the same commits while it is reviewed', async () => {
    const topic = new Topic().push('ada').opens().push('mallory');
    const { tip } = topic;
    topic.moves('kay', null).moves('kay', tip).merges();
    expect(await authors()).toEqual(['proven: @ada', 'proven: @kay', 'proven: @mallory']);
  });

  test('is none when the branch was made again with others', async () => {
    const topic = new Topic().push('ada').opens().push('mallory').moves('kay', null);
    topic.push('kay').merges();
    expect(await authors()).toEqual(['proven: @ada', 'proven: @kay']);
  });

  test('is read once for all requests, by as many pages as it takes', async () => {
    new Topic('early').push('mallory').opens().merges();
    for (let other = 0; other < 250; other++) new Topic(`other-${other}`).moves('kay', 'a'.repeat(40));
    new Topic('late').push('ada').opens().merges();
    // A page may have less than it was asked for, and still not be the last.
    for (let id = 100; id < 180; id++) world.gitlab.events.hidden.add(id);
    world.gitlab.events.onPage = () => new Topic('meanwhile').moves('linus', 'b'.repeat(40));
    expect(await authors()).toEqual(['proven: @ada', 'proven: @mallory']);
    expect(asked()).toBe(3);
    await authors();
    expect(asked()).toBe(3);
  });

  test.each<[string, () => unknown]>([
    ['for a branch of a fork', () => new Topic().push('ada').opens().merges({ source_project_id: 2 })],
    [
      'for a branch of a fork that is gone',
      () => new Topic().push('ada').opens().merges({ source_project_id: null }),
    ],
    [
      'by an account that is gone, which has no name any more',
      () => new Topic().push('ada').push(null).opens().merges(),
    ],
    [
      'by an account that is gone, and its pushes with it',
      () => {
        new Topic().push('ada').push('mallory').push('ada').opens().merges();
        world.gitlab.events.forget('mallory');
      },
    ],
    [
      'by the last push, when GitLab forgot it',
      () => {
        new Topic().push('ada').push('mallory').opens().merges();
        world.gitlab.events.forget('mallory');
      },
    ],
    [
      'by one push of many branches, of which GitLab keeps only the number',
      () => {
        const topic = new Topic().push('ada').opens();
        const others = ['b', 'c', 'd'].map((name) => new Topic(name).step('mallory', 'a'.repeat(40)));
        const evil = world.push('topic', 'feat: evil', { b: 'evil' }, ADA);
        world.gitlab.events.push(
          topic.step('mallory', evil),
          ...others.map((one) => ({ ...one, from: base })),
        );
        topic.push('ada').merges();
      },
    ],
    [
      'by what is older than three years',
      () => {
        const topic = new Topic().push('ada').opens();
        const long = clock + 1;
        topic.push('ada').merges();
        world.gitlab.events.prune(long);
      },
    ],
    [
      'by a branch that was made again after the request was opened, when GitLab forgot how it went away',
      () => {
        const topic = new Topic().push('ada').opens().push('ada');
        const { tip } = topic;
        topic.moves('mallory', null).moves('ada', tip).merges();
        world.gitlab.events.forget('mallory');
      },
    ],
    [
      'where the token may not read it',
      () => {
        new Topic().push('ada').opens().merges();
        world.gitlab.events.areShown = false;
      },
    ],
    [
      'beyond two thousand pushes',
      () => {
        const topic = new Topic().push('ada').opens();
        for (let other = 0; other < 2_000; other++)
          new Topic('b').moves('kay', 'a'.repeat(40), { at: clock });
        topic.merges();
      },
    ],
  ])('is not known %s: then the name in the commit clears nobody', async (_where, prepare) => {
    prepare();
    expect(await authors()).toContain(UNTOLD);
    expect(world.gitlab.requests.filter((one) => one.endsWith('/events')).length).toBeLessThanOrEqual(20);
  });

  test('what is not told yet is asked for again, what will not be told is not', async () => {
    clock = Date.now() - 10 * MINUTE;
    const topic = new Topic().push('ada').opens();
    const pending = topic.step('ada', world.push('topic', 'feat: more', { b: '2' }, ADA));
    topic.merges();
    expect(await authors()).toContain(UNTOLD);
    world.gitlab.events.push(pending);
    expect(await authors()).toEqual(['proven: @ada']);

    clock = Date.now() - DAY;
    new Topic('old')
      .push('ada')
      .opens()
      .merges({ sha: 'c'.repeat(40) });
    await authors();
    const before = asked();
    expect(await authors()).toContain(UNTOLD);
    expect(asked()).toBe(before);
  });

  test('a refusal is not kept, and an outage is waited for', async () => {
    new Topic().push('ada').opens().merges();
    world.gitlab.events.areShown = false;
    expect(await authors()).toContain(UNTOLD);
    world.gitlab.events.areShown = true;
    world.gitlab.inject({ status: 503 }, { method: 'GET', path: /events$/ });
    await expect(authors()).rejects.toMatchObject({ name: 'Unavailable' });
    expect(await authors()).toEqual(['proven: @ada']);
  });
});
