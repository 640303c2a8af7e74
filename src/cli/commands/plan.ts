import { allPassed } from '../../domain/gates/gate.ts';
import { inspectService } from '../inspect-service.ts';
import { type Invocation, quietLog } from '../invocation.ts';
import { EXIT, sayWaiting } from '../output.ts';
import { diffText, planText } from '../plan-text.ts';

const BUMPS = ['auto', 'major', 'minor', 'patch'] as const;

/** Shows the gates of a service and what would be shipped. */
export async function plan({ words, env, options, output }: Invocation): Promise<number> {
  const [service, ...rest] = words;
  const bump = BUMPS.find((known) => known === (options.bump ?? 'auto'));
  if (service === undefined || rest.length > 0 || bump === undefined) {
    output.message(
      `Usage: slipway plan SERVICE [--feature 014-name] [--bump ${BUMPS.join('|')}] [--diff] [--json]`,
    );
    return EXIT.usage;
  }
  const request = { service, bump, ...(options.feature === undefined ? {} : { feature: options.feature }) };
  const { preview, ...inspection } = await inspectService(
    { env, log: quietLog(env), onWait: sayWaiting(output) },
    request,
  );
  const text = options.json
    ? `${JSON.stringify({ ...inspection, ...preview }, null, 2)}\n`
    : options.diff
      ? diffText(inspection, preview)
      : planText(inspection);
  await output.result(text);
  return allPassed(inspection.gates) && !inspection.lowerBump ? EXIT.done : EXIT.refused;
}
