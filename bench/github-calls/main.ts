import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controls, textOf } from '../../demo/workspace/server/control/reading.ts';
import { startWorld } from '../../demo/world.ts';
import { type Phase, reportOf } from './report.ts';

// How many requests one whole promotion makes to GitHub, from `/ship-prod shop` to "Shipped", by phase and by route.
// Those that GitHub answers with 304 do not count against its rate limit.
const PATIENCE_MS = 120_000;

const dir = mkdtempSync(join(tmpdir(), 'slipway-bench-'));
chmodSync(dir, 0o711);
const world = await startWorld({
  dir,
  window: '10s',
  github: { login: 'app', target: 'github-actions', stepMs: 3_000 },
});
const { workspace, github } = world;
if (github === null) throw new Error('the world is not on GitHub');

const phases: Phase[] = [];
let from = github.requests.length;
const until = async (name: string, done: Promise<unknown>) => {
  await done;
  phases.push({ name, requests: github.requests.slice(from) });
  from = github.requests.length;
};
const says = (test: RegExp) => workspace.waitForMessage((message) => test.test(textOf(message)), PATIENCE_MS);

try {
  const card = workspace.waitForMessage(
    (message) => controls(message).some(({ actionId }) => actionId.startsWith('approve')),
    PATIENCE_MS,
  );
  await workspace.as('ada').command('/ship-prod shop');
  await until('gates and plan', card);
  await workspace.as('grace').click(await card, 'approve');
  await until('approval to release', says(/Deploying|Deployed/));
  await until('deploy', says(/Deployed/));
  await until('health', says(/checks? passed/));
  await until('report, page, watch', says(/Shipped/));
  process.stdout.write(reportOf(phases));
  if (github.violations.length > 0) throw new Error(github.violations.join('\n'));
} finally {
  await world.close();
  rmSync(dir, { recursive: true, force: true });
}
