import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FAULTS } from '../../../../demo/github/faults.ts';
import { type Github, startGithub } from '../../../../demo/github/server.ts';
import { ObjectStore } from '../../../../demo/github/store.ts';
import {
  GithubRepositorySettings,
  openGithubRepository,
} from '../../../../src/adapters/repositories/github/repository-port.ts';
import type { Repository } from '../../../../src/adapters/repositories/port.ts';
import { openGithubActions } from '../../../../src/adapters/targets/github-actions/github-actions.ts';
import { GithubActionsSettings } from '../../../../src/adapters/targets/github-actions/settings.ts';
import type { DeployOrder, Target } from '../../../../src/adapters/targets/port.ts';
import { explain } from '../../../../src/domain/refusals/explain.ts';
import { Refusal, Unavailable } from '../../../../src/domain/refusals/refusal.ts';
import type { Live, Release, Sha } from '../../../../src/domain/release/release.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';
import { GitRemote } from '../../../fakes/git-remote.ts';
import { sampled } from '../../../support/whole.ts';
import { PASSING } from './passing-faults.ts';

const WORKFLOW = `name: Deploy
run-name: Deploy \${{ inputs.version }} (\${{ inputs.slipway }})
on:
  workflow_dispatch:
    inputs:
      version: { required: true }
      environment: { default: production }
      slipway: { default: "" }
jobs:
  deploy:
    steps:
      - name: Push
        run: git push --force origin v\${{ inputs.version }}:refs/heads/production
`;

const logged: string[] = [];
const tokens: string[] = [];

/** A GitHub of one's own: the methods meet their faults at the same time, each in a world apart. */
class World {
  readonly remote: GitRemote;
  /** Time that passes only when somebody waits as GitHub asked. */
  skipped = 0;
  step = 0;
  /** Short where a request is to run into it: on a busy machine others must not. */
  timeout = '10s';
  /** Asks git itself. */
  readonly objects: ObjectStore;
  readonly github: Github;
  readonly token: string;

  static async make(): Promise<World> {
    const remote = new GitRemote();
    return new World(remote, await startGithub({ path: remote.path }));
  }

  constructor(remote: GitRemote, github: Github) {
    this.remote = remote;
    this.github = github;
    this.objects = new ObjectStore(remote.path);
    github.actions.stepMs = 1;
    this.token = github.access.token();
    tokens.push(this.token);
    const files: Record<string, string> = {
      '.github/workflows/deploy.yml': WORKFLOW,
      VERSION: '0.0.0 x-marker\n',
      'specs/1/state.yaml': 'a: 1\n',
    };
    for (let index = 0; index < 20; index++) files[`src/${index}.ts`] = `export const a = ${index};\n`;
    remote.push('main', 'chore: start', files);
    remote.push('guarded', 'chore: start', { VERSION: '0.0.0\n' });
    github.protect('guarded', { type: 'pull_request' });
  }

  /** A process that has just begun and knows nothing. */
  open(more: object = {}): { readonly repository: Repository; readonly target: Target } {
    const log = pino({ level: 'trace' }, { write: (line: string) => logged.push(line) });
    const context = adapterContext({
      env: { TOKEN: this.token },
      log,
      // A pull request without a check has none by then.
      now: () => Date.now() + this.skipped + 30_000,
    });
    const settings = GithubRepositorySettings.parse({
      use: 'github',
      repository: this.github.name,
      api: this.github.api,
      token: { env: 'TOKEN' },
      timeout: this.timeout,
      'staging-environment': 'staging',
      ...more,
    });
    const actions = GithubActionsSettings.parse({ use: 'github-actions', workflow: 'deploy.yml' });
    return {
      repository: openGithubRepository(settings, context),
      target: openGithubActions(actions, context, settings, { branch: 'main', tags: { tagPrefix: 'v' } }),
    };
  }

  /** A release that is there, and where its branch stands. */
  released(): Release {
    const version = `1.${++this.step}.0`;
    const files = { VERSION: `${version} x-marker\n` };
    const commit = this.remote.push('main', `chore(release): v${version}`, files);
    this.remote.tag(`v${version}`, commit);
    return { version, tag: `v${version}`, commit };
  }

  trailers(key: string): number {
    return this.remote
      .git('log', '--all', '--format=%B')
      .split('\n')
      .filter((line) => line.startsWith('Slipway-') && line.endsWith(`: ${key}`)).length;
  }

  async remove(): Promise<void> {
    await this.github.close();
    this.objects.close();
    this.remote.remove();
  }
}

interface Outcome<T> {
  readonly value: T;
  readonly refusals: readonly Refusal[];
  readonly waits: number;
}

/** As the flows do it: wait and try again while GitHub is away; a refusal is mended by a person, who tries again. */
async function patiently<T>(world: World, work: () => Promise<T>): Promise<Outcome<T>> {
  const refusals: Refusal[] = [];
  let waits = 0;
  for (let attempt = 0; attempt < 6; attempt++) {
    try {
      return { value: await work(), refusals, waits };
    } catch (error) {
      if (error instanceof Refusal) refusals.push(error);
      else if (error instanceof Unavailable) {
        waits++;
        world.skipped += error.retryAfterMs ?? 0;
      } else throw error;
    }
  }
  throw new Error(`never went well: ${refusals.map(String).join('; ')}`);
}

interface Prepared {
  call(): Promise<unknown>;
  proof(value: unknown): Promise<void> | void;
}

interface Method {
  readonly name: string;
  /**
   * Makes what the method needs; answers with the call, and a proof that it was done once and rightly. What only
   * reads is prepared once for all faults.
   */
  readonly prepare: (world: World) => Promise<Prepared>;
  readonly reads?: true;
  /** Every request that the method makes. */
  readonly operations: readonly string[];
}

const R = '/repos/{owner}/{repo}';

async function collected(commits: AsyncIterable<{ sha: Sha }>): Promise<readonly Sha[]> {
  const found: Sha[] = [];
  for await (const { sha } of commits) found.push(sha);
  return found;
}

/** A report is committed, by another process at each attempt, as after a crash. */
function recording(
  world: World,
  { since, settings = {} }: { readonly since?: Sha; readonly settings?: object } = {},
): Prepared {
  const key = `record-${++world.step}`;
  const path = `specs/1/report-${world.step}.md`;
  return {
    call: () =>
      world.open(settings).repository.commitFiles(
        {
          branch: 'main',
          message: 'docs: report',
          ...(since === undefined ? {} : { since }),
          edits: [{ path, edit: (before) => `${before ?? ''}report\n` }],
        },
        key,
      ),
    proof: async (value) => {
      expect(world.remote.tip('main')).toBe((value as { commit: Sha }).commit);
      expect((await world.objects.blob(`main:${path}`)).toString()).toBe('report\n');
      expect(world.trailers(key)).toBe(1);
    },
  };
}

const METHODS: readonly Method[] = [
  {
    name: 'refs',
    operations: [
      `GET ${R}/branches/{branch}`,
      `GET ${R}/git/matching-refs/{ref}`,
      `GET ${R}/git/tags/{tag_sha}`,
    ],
    reads: true,
    prepare: async (world) => {
      const { tag, commit } = world.released();
      // Few tags, so that each is looked up alone.
      for (const old of world.remote
        .git('tag', '--list')
        .split('\n')
        .filter((name) => name !== tag)) {
        world.remote.git('tag', '-d', old);
      }
      return {
        call: () => world.open().repository.refs(),
        proof: (value) => expect(value).toMatchObject({ tags: [{ name: tag, commit, annotated: true }] }),
      };
    },
  },
  {
    name: 'refs with many tags',
    operations: [`GET ${R}/tags`],
    reads: true,
    prepare: async (world) => {
      const names = Array.from({ length: 7 }, () => world.released());
      return {
        call: () => world.open().repository.refs(),
        proof: (value) => {
          const { tags } = value as Awaited<ReturnType<Repository['refs']>>;
          for (const { tag, commit } of names)
            expect(tags).toContainEqual({ name: tag, commit, annotated: true });
        },
      };
    },
  },
  {
    name: 'read',
    operations: [`GET ${R}/git/trees/{tree_sha}`, `GET ${R}/git/blobs/{file_sha}`],
    reads: true,
    prepare: async (world) => {
      const { version } = world.released();
      // So large that its files do not come as a whole.
      const files = { VERSION: `${version} x-marker\n`, large: 'x'.repeat(1_100_000) };
      const commit = world.remote.push('large', 'feat: large', files);
      return {
        call: () => world.open().repository.read(commit, ['VERSION', 'none']),
        proof: (value) => {
          const [blob, none] = value as Awaited<ReturnType<Repository['read']>>;
          expect(Buffer.from(blob?.bytes ?? []).toString()).toBe(`${version} x-marker\n`);
          expect(none).toBeNull();
        },
      };
    },
  },
  {
    name: 'containing',
    operations: [`GET ${R}/tarball/{ref}`],
    reads: true,
    prepare: async (world) => {
      const { commit } = world.released();
      return {
        call: () => world.open().repository.containing(commit, 'x-marker'),
        proof: (value) => expect(value).toEqual(['VERSION']),
      };
    },
  },
  {
    name: 'commits',
    operations: [`GET ${R}/compare/{basehead}`],
    reads: true,
    prepare: async (world) => {
      const [from, to] = [world.released(), world.released()];
      return {
        call: () => collected(world.open().repository.commits(from.commit, to.commit)),
        proof: (value) => expect(value).toEqual([to.commit]),
      };
    },
  },
  {
    name: 'all commits',
    operations: [`GET ${R}/commits`],
    reads: true,
    prepare: async (world) => {
      const { commit } = world.released();
      return {
        call: () => collected(world.open().repository.commits(null, commit)),
        proof: (value) => expect((value as Sha[])[0]).toBe(commit),
      };
    },
  },
  {
    name: 'writable',
    operations: [`GET ${R}/branches/{branch}`, `POST ${R}/git/blobs`],
    reads: true,
    prepare: async (world) => {
      return { call: () => world.open().repository.writable('main'), proof: () => {} };
    },
  },
  {
    name: 'checks',
    operations: [
      `GET ${R}/commits/{ref}/check-runs`,
      `GET ${R}/commits/{ref}/check-suites`,
      `GET ${R}/commits/{ref}/status`,
    ],
    reads: true,
    prepare: async (world) => {
      const { commit } = world.released();
      world.github.setCheck(commit, 'build', 'success');
      return {
        call: async () => world.open().repository.checks?.(commit),
        proof: (value) => expect(value).toMatchObject([{ name: 'build', state: 'passed' }]),
      };
    },
  },
  {
    name: 'cutRelease',
    operations: [
      `GET ${R}/git/matching-refs/{ref}`,
      `GET ${R}/branches/{branch}`,
      `GET ${R}/git/commits/{commit_sha}`,
      `GET ${R}/git/trees/{tree_sha}`,
      `POST ${R}/git/trees`,
      `POST ${R}/git/commits`,
      `POST ${R}/git/tags`,
      `POST ${R}/git/refs`,
      `PATCH ${R}/git/refs/{ref}`,
    ],
    prepare: async (world) => {
      const base = world.remote.tip('main') ?? '';
      const version = `2.${++world.step}.0`;
      const key = `cut-${world.step}`;
      const cut = {
        base,
        branch: 'main',
        version,
        tag: `v${version}`,
        message: `chore(release): v${version}`,
        tagMessage: `Release v${version}\n`,
        files: [{ path: 'VERSION', text: `${version} x-marker\n` }],
      };
      let { repository } = world.open();
      return {
        // Every other attempt is another process, as after a crash.
        call: () => {
          const now = repository;
          repository = world.open().repository;
          return now.cutRelease(cut, key);
        },
        proof: async (value) => {
          const { commit } = value as Release;
          expect(world.remote.tip('main')).toBe(commit);
          expect(await world.objects.resolve(`v${version}`)).toBe(commit);
          expect(await world.objects.typeOf(`v${version}`)).toBe('tag');
          expect(await world.objects.resolve(`${commit}^`)).toBe(base);
          expect(world.trailers(key)).toBe(1);
        },
      };
    },
  },
  {
    name: 'commitFiles',
    operations: [
      `GET ${R}/branches/{branch}`,
      `GET ${R}/commits`,
      `GET ${R}/git/trees/{tree_sha}`,
      'POST /graphql',
    ],
    prepare: async (world) => recording(world),
  },
  {
    name: 'commitFiles since a commit',
    operations: [`GET ${R}/compare/{basehead}`],
    prepare: async (world) => {
      const since = world.remote.tip('main') ?? '';
      world.remote.push('main', 'fix: theirs', { [`theirs-${++world.step}`]: 'x' });
      return recording(world, { since });
    },
  },
  {
    name: 'commitFiles by a committer of the settings',
    operations: [
      `GET ${R}/git/commits/{commit_sha}`,
      `POST ${R}/git/trees`,
      `POST ${R}/git/commits`,
      `PATCH ${R}/git/refs/{ref}`,
    ],
    prepare: async (world) =>
      recording(world, { settings: { committer: { name: 'Ship', email: 'ship@shop.test' } } }),
  },
  {
    name: 'cutRelease by pull request',
    operations: [
      `GET ${R}/branches/{branch}`,
      `GET ${R}/rules/branches/{branch}`,
      `GET ${R}/rulesets/{ruleset_id}`,
      `GET ${R}/pulls`,
      `POST ${R}/git/refs`,
      `POST ${R}/pulls`,
      `GET ${R}/commits/{ref}/check-runs`,
      `PATCH ${R}/git/refs/{ref}`,
      `PUT ${R}/pulls/{pull_number}/merge`,
      `GET ${R}/pulls/{pull_number}`,
      `DELETE ${R}/git/refs/{ref}`,
      `POST ${R}/git/tags`,
    ],
    prepare: async (world) => {
      const base = world.remote.tip('guarded') ?? '';
      const version = `3.${++world.step}.0`;
      const key = `guarded-${world.step}`;
      const cut = {
        base,
        branch: 'guarded',
        version,
        tag: `v${version}`,
        message: `chore(release): v${version}`,
        tagMessage: `Release v${version}\n`,
        files: [{ path: 'VERSION', text: `${version}\n` }],
      };
      return {
        call: () => world.open().repository.cutRelease(cut, key),
        proof: async (value) => {
          const { commit } = value as Release;
          expect(world.remote.tip('guarded')).toBe(commit);
          expect(await world.objects.resolve(`v${version}`)).toBe(commit);
          expect(await world.objects.resolve(`${commit}^1`)).toBe(base);
          expect((await world.objects.blob(`${commit}:VERSION`)).toString()).toBe(`${version}\n`);
          const mine = world.github.state.pulls.filter(({ head }) => head.endsWith(`/v${version}`));
          expect(mine).toMatchObject([{ merged: true }]);
        },
      };
    },
  },
  {
    name: 'publishRelease',
    operations: [`POST ${R}/releases`],
    prepare: async (world) => {
      const release = world.released();
      const { repository } = world.open();
      const page = { title: release.tag, body: 'Notes', withheld: false };
      return {
        call: async () => repository.publishRelease?.(release, page),
        proof: () => {
          const pages = world.github.state.releases.filter(({ tag }) => tag === release.tag);
          expect(pages.map(({ body }) => body)).toEqual([expect.stringContaining('Notes')]);
        },
      };
    },
  },
  {
    name: 'publishRelease again',
    operations: [`GET ${R}/releases/tags/{tag}`, `PATCH ${R}/releases/{release_id}`],
    prepare: async (world) => {
      const release = world.released();
      const { repository } = world.open();
      await repository.publishRelease?.(release, { title: release.tag, body: 'Notes', withheld: false });
      const page = { title: release.tag, body: 'Rolled back', withheld: true };
      return {
        call: async () => repository.publishRelease?.(release, page),
        proof: () => {
          const pages = world.github.state.releases.filter(({ tag }) => tag === release.tag);
          expect(pages).toMatchObject([{ body: expect.stringContaining('Rolled back'), prerelease: true }]);
        },
      };
    },
  },
  {
    name: 'recordDeployment',
    operations: [
      `GET ${R}/deployments`,
      `POST ${R}/deployments`,
      `GET ${R}/deployments/{deployment_id}/statuses`,
      `POST ${R}/deployments/{deployment_id}/statuses`,
    ],
    prepare: async (world) => {
      const { commit, tag } = world.released();
      const key = `deploy-${++world.step}`;
      const record = { kind: 'deploy', commit, tag, description: 'Deploying' } as const;
      return {
        // The second by another process, as after a crash.
        call: async () => {
          await world.open().repository.recordDeployment?.({ ...record, state: 'running' }, key);
          await world.open().repository.recordDeployment?.({ ...record, state: 'succeeded' }, key);
        },
        proof: () => {
          const mine = world.github.state.deployments.filter(({ sha }) => sha === commit);
          expect(mine).toHaveLength(1);
          expect(mine[0]?.statuses.at(-1)?.state).toBe('success');
        },
      };
    },
  },
  {
    name: 'a deployment by Actions',
    operations: [
      `GET ${R}/actions/workflows/{workflow_id}/runs`,
      `POST ${R}/actions/workflows/{workflow_id}/dispatches`,
      `GET ${R}/actions/runs/{run_id}`,
      `GET ${R}/actions/runs/{run_id}/jobs`,
    ],
    prepare: async (world) => {
      const release = world.released();
      const key = `run-${++world.step}`;
      const from: Live | null = await world.open().target.live();
      const order: DeployOrder = { kind: 'deploy', service: 'shop', release, from };
      let { target } = world.open();
      return {
        call: async () => {
          const now = target;
          target = world.open().target;
          const handle = await now.start(order, key);
          for (;;) {
            const status = await now.follow(order, handle);
            if (status.kind !== 'running') return status;
            await new Promise((resolve) => setTimeout(resolve, 2));
          }
        },
        proof: (value) => {
          expect(value).toMatchObject({ kind: 'succeeded' });
          const mine = world.github.actions.runs.filter(
            ({ inputs }) => inputs['version'] === release.version,
          );
          expect(mine).toHaveLength(1);
          expect(world.remote.tip('production')).toBe(release.commit);
        },
      };
    },
  },
];

/** In one world, in turn. */
const MOST_ROWS = 3 * FAULTS.length;

/** Rules that GitHub does not let us read are taken for none; before a merge GitHub looks at the checks itself. */
const READ_IF_ALLOWED = (method: string) => [
  `GET ${R}/rulesets/{ruleset_id}`,
  ...(method === 'cutRelease by pull request' ? [`GET ${R}/commits/{ref}/check-runs`] : []),
];

/** Every request of every method meets every fault; in a sample each meets one that passes, and one that does not. */
const TABLE = sampled(
  METHODS.flatMap(({ name, operations }) =>
    operations.flatMap((operation) => FAULTS.map((fault) => ({ name, operation, fault }))),
  ),
  ({ name, operation, fault }) => [`${name}, ${operation}, ${PASSING.includes(fault)}`, fault],
);

/** A method with many rows is spread over several worlds, so that nobody waits for the longest of them. */
const GROUPS = METHODS.flatMap((method) => {
  const rows = TABLE.filter(({ name }) => name === method.name);
  return Array.from({ length: Math.ceil(rows.length / MOST_ROWS) }, (_, index) => ({
    ...method,
    rows: rows.slice(index * MOST_ROWS, (index + 1) * MOST_ROWS),
  }));
});

describe.concurrent.each(GROUPS)('$name', ({ name, prepare, rows, reads }) => {
  let world: World;
  let ready: Prepared | null = null;
  beforeAll(async () => {
    world = await World.make();
  });
  afterAll(() => world.remove());

  test.sequential.each(rows)(
    '$operation: $fault',
    async ({ operation, fault }) => {
      world.timeout = fault === 'timeout' ? '700ms' : '10s';
      ready = reads && ready ? ready : await prepare(world);
      const { call, proof } = ready;
      const before = world.github.requests.length;
      world.github.faults.next(operation, fault);
      const { value, refusals } = await patiently(world, call);
      const met = world.github.requests.slice(before).some((request) => request.fault === fault);
      world.github.faults.clear();
      // Some requests are only made now and then, such as those for the jobs of a run that has not ended yet.
      if (!operation.endsWith('/jobs')) expect(met, 'the request was made').toBe(true);
      await proof(value);

      if (PASSING.includes(fault)) expect(refusals.map(({ code }) => code)).toEqual([]);
      for (const refusal of refusals) {
        const { text, hint } = explain(refusal);
        expect(text).not.toMatch(/^This was refused/);
        expect(text).toMatch(/[.?!)]$/);
        expect(`${text} ${hint} ${refusal.message}`).not.toContain(world.token);
      }
      if (fault === '403-permission' && met && !READ_IF_ALLOWED(name).includes(operation)) {
        expect(refusals[0]).toMatchObject({
          code: 'github-permission',
          facts: { permission: expect.stringMatching(/^\w+: (read|write)\b/) },
        });
      }
      if (fault === '401' && met) expect(refusals[0]?.code).toBe('github-credentials');
    },
    60_000,
  );

  test.sequential('nothing was asked or answered that GitHub does not describe, and the objects are whole', () => {
    expect(world.github.violations).toEqual([]);
    expect(world.remote.fsck()).toBe('');
  });
});

test('the token is in no log', () => {
  expect(logged.length).toBeGreaterThan(0);
  const all = logged.join('\n');
  for (const token of tokens) expect(all).not.toContain(token);
});
