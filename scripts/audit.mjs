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

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { status, stdout } = spawnSync('npm', ['audit', '--omit=dev', '--audit-level=high', '--json'], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
  });
  const audit = readAudit(status, stdout);
  if (audit.kind === 'found') {
    console.error(`Known vulnerabilities: ${audit.names.join(', ')}. \`npm audit --omit=dev\` says more.`);
    process.exit(1);
  }
  console.log(
    audit.kind === 'clean'
      ? 'No production package has a known vulnerability of weight.'
      : `SKIPPED: the registry did not answer for vulnerabilities (${audit.said}).`,
  );
}
