import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCommand } from '../../../../src/adapters/targets/command/command.ts';
import { CommandSettings } from '../../../../src/adapters/targets/command/settings.ts';
import { targetContract } from '../../../contracts/target.ts';
import { adapterContext } from '../../../fakes/adapter-context.ts';

const release = (version: string, digit: string) => ({
  version,
  tag: `v${version}`,
  commit: digit.repeat(40),
});

/** A production that is a file: deploying writes it, asking what is live reads it. */
const PROGRAM = `
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
const { SLIPWAY_COMMIT, SLIPWAY_KIND, SLIPWAY_VERSION } = process.env;
if (SLIPWAY_KIND === 'live') {
  console.log(existsSync('live.json') ? readFileSync('live.json', 'utf8') : '');
} else if (SLIPWAY_KIND === 'check') {
  if (SLIPWAY_COMMIT?.startsWith('f')) {
    console.error('no such image');
    process.exit(1);
  }
} else {
  writeFileSync('live.json', JSON.stringify({ commit: SLIPWAY_COMMIT, version: SLIPWAY_VERSION }));
  appendFileSync('deployments.txt', 'one\\n');
}
`;

targetContract({
  name: 'command',
  make: async () => {
    const dir = await mkdtemp(join(tmpdir(), 'command-contract-'));
    await writeFile(join(dir, 'production.mjs'), PROGRAM);
    const argv = [process.execPath, 'production.mjs'];
    const settings = CommandSettings.parse({ use: 'command', deploy: argv, live: argv, check: argv });
    const open = () => openCommand(settings, adapterContext({ dataDir: join(dir, 'data'), configDir: dir }));
    return {
      target: open(),
      another: open,
      first: release('1.2.0', 'a'),
      second: release('1.3.0', 'b'),
      unknown: release('9.9.9', 'f'),
      deployments: () => readFileSync(join(dir, 'deployments.txt'), 'utf8').trim().split('\n').length,
      intrude: () => writeFile(join(dir, 'live.json'), JSON.stringify({ commit: 'c'.repeat(40) })),
      remove: () => rm(dir, { recursive: true, force: true, maxRetries: 5 }),
    };
  },
});
