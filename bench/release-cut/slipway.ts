import { mkdirSync } from 'node:fs';
import { pino } from 'pino';
import {
  GitRepositorySettings,
  openGitRepository,
} from '../../src/adapters/repositories/git/repository-port.ts';
import { SharedInstances } from '../../src/adapters/shared/shared-instances.ts';
import { planRelease } from '../../src/flows/plan/release-plan.ts';

// What Slipway does between "people approved" and "the release is on the remote". Prints how long that took.
// `fetch`: nothing else, unmeasured; `planned`: measured, and this process planned the release before.
const [remote = '', data = '', before] = process.argv.slice(2);
const service = {
  tagPrefix: 'v',
  changelog: 'CHANGELOG.md',
  versionFiles: [],
  policy: { breakingBelowOne: 'minor' },
} as const;

mkdirSync(data, { recursive: true });
const repository = openGitRepository(GitRepositorySettings.parse({ use: 'git', url: remote }), {
  service: 'shop',
  dataDir: data,
  shared: new SharedInstances(),
  configDir: data,
  secret: () => '',
  log: pino({ level: 'silent' }),
  now: () => Date.now(),
});

const decide = async () => {
  const refs = await repository.refs();
  const base = refs.branches['main'] ?? '';
  const question = {
    base,
    refs,
    bump: 'auto',
    lowerConfirmed: false,
    at: Date.now(),
    ours: async () => null,
  } as const;
  return { base, plan: await planRelease(repository, service, question) };
};

// Not measured: what has happened when people approve a release. It was fetched, and planned for the card.
if (before !== undefined) await decide();
if (before !== 'fetch') {
  const started = performance.now();
  const { base, plan } = await decide();
  const decided = performance.now();
  const { version, message, tagMessage, files } = plan;
  const cut = { base, branch: 'main', version: version.next, tag: version.tag, message, tagMessage, files };
  await repository.cutRelease(cut, 'bench');
  const done = performance.now();
  console.log(JSON.stringify({ workMs: done - started, decideMs: decided - started, cutMs: done - decided }));
}
await repository.close();
