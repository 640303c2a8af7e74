import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** The newest versions that go together; release-it 20 is the newest that the Keep a Changelog plugin supports. */
const PACKAGES = [
  'release-it@20',
  '@release-it/conventional-changelog@11',
  '@release-it/keep-a-changelog@7',
  'semantic-release@25',
  '@semantic-release/changelog@7',
  '@semantic-release/git@11',
  'commit-and-tag-version@13',
  'changelogen@0.6',
  // Some of them need a newer Node than Slipway does; this package is one.
  `node-${process.platform}-${process.arch}@24`,
];

export interface Peers {
  readonly node: string;
  readonly bin: (name: string) => string;
  readonly version: (name: string) => string;
}

/** Installs the peers into a folder, once. Install scripts are not run. */
export function installPeers(folder: string): Peers {
  if (!existsSync(join(folder, 'node_modules', '.package-lock.json'))) {
    writeFileSync(join(folder, 'package.json'), '{ "name": "peers", "private": true }\n');
    const flags = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
    execFileSync('npm', ['install', ...flags, ...PACKAGES], { cwd: folder, stdio: ['ignore', 2, 2] });
  }
  const modules = join(folder, 'node_modules');
  return {
    node: join(modules, `node-${process.platform}-${process.arch}`, 'bin', 'node'),
    bin: (name) => join(modules, '.bin', name),
    version: (name) => {
      const script = `console.log(JSON.parse(require('fs').readFileSync(process.argv[1])).version)`;
      const file = join(modules, name, 'package.json');
      return execFileSync(process.execPath, ['-e', script, file], { encoding: 'utf8' }).trim();
    },
  };
}
