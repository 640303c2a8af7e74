// Refuses production packages with known vulnerabilities of weight. A registry that has no such list is said and skipped.
import { spawnSync } from 'node:child_process';
import { realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What npm's answer means: `clean`, `found`, or `unanswered` with what it said. */
export function readAudit(status, output) {
  let answer;
  try {
    answer = JSON.parse(output);
  } catch {
    return { kind: 'unanswered', said: 'npm printed no JSON' };
  }
  // A list that has anything in it counts, whatever else is in the answer.
  const found = Object.values(answer?.vulnerabilities ?? {}).filter(({ severity }) =>
    ['high', 'critical'].includes(severity),
  );
  if (found.length > 0)
    return { kind: 'found', names: found.map(({ name, severity }) => `${name} (${severity})`) };
  if (answer?.auditReportVersion !== undefined && status === 0) return { kind: 'clean' };
  const said = String(answer?.message ?? answer?.error?.summary ?? `npm ended with ${status}`);
  return { kind: 'unanswered', said: said.replace(/ - \w+ https?:\S+/, '') };
}

/** How long npm may take, in ms: a registry that accepts the question and never answers would hold the build up. */
const WITHIN_MS = Number(process.env.SLIPWAY_AUDIT_WITHIN_MS ?? 120_000);

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { status, stdout, error } = spawnSync(
    'npm',
    ['audit', '--omit=dev', '--audit-level=high', '--json'],
    {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
      shell: process.platform === 'win32',
      timeout: WITHIN_MS,
      killSignal: 'SIGKILL',
    },
  );
  const audit =
    error === undefined
      ? readAudit(status, stdout)
      : {
          kind: 'unanswered',
          said: error.code === 'ETIMEDOUT' ? `no answer in ${WITHIN_MS / 1_000} s` : error.message,
        };
  if (audit.kind === 'found') {
    console.error(`Known vulnerabilities: ${audit.names.join(', ')}. \`npm audit --omit=dev\` says more.`);
    process.exit(1);
  }
  if (audit.kind === 'clean') console.log('No production package has a known vulnerability of weight.');
  else {
    const line = `SKIPPED: the registry did not answer for vulnerabilities (${audit.said}).`;
    if (process.env.SLIPWAY_REQUIRE_ALL === '1') {
      // Whether a registry has such a list is not for this build to decide: it is not failed, and nobody overlooks it.
      const loud = `${line} NOTHING WAS CHECKED for known vulnerabilities, although everything is required: run \`npm audit --omit=dev\` where the registry answers.`;
      console.error(`${'!'.repeat(80)}\n${loud}\n${'!'.repeat(80)}`);
    } else console.log(line);
  }
}
