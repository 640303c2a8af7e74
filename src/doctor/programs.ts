import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { coerce, gte } from 'semver';
import { fine, type Probe, problem } from './finding.ts';

/** As in package.json, and in bin/node-version.mjs, which an older one ends at. */
const OLDEST_NODE = '20.18.1';
/** Partial clones and atomic pushes as Slipway uses them work from here on. */
const OLDEST_GIT = '2.30.0';

export function nodeProbe(version: string): Probe {
  return {
    area: 'node',
    look: async () => [
      gte(version, OLDEST_NODE)
        ? fine(`Node ${version}`)
        : problem(`Node ${version} is too old`, `Install Node ${OLDEST_NODE} or newer.`),
    ],
  };
}

/** `run` answers with what `git --version` prints. */
export function gitProbe(run: (signal: AbortSignal) => Promise<string> = gitVersion): Probe {
  return {
    area: 'git',
    look: async (signal) => {
      let said: string;
      try {
        said = (await run(signal)).trim();
      } catch {
        return [problem('git was not found', 'Install git 2.30 or newer and put it on the PATH.')];
      }
      const enough = gte(coerce(said) ?? '0.0.0', OLDEST_GIT);
      return [enough ? fine(said) : problem(`${said} is too old`, 'Install git 2.30 or newer.')];
    },
  };
}

async function gitVersion(signal: AbortSignal): Promise<string> {
  const { stdout } = await promisify(execFile)('git', ['--version'], { signal, timeout: 10_000 });
  return stdout;
}
