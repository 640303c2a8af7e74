import { BUMPS } from '../../domain/commands/words.ts';
import { allPassed } from '../../domain/gates/gate.ts';
import { inspect } from '../../flows/steps/inspect.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';
import { diffText, planText } from '../plan-text.ts';
import { withService } from '../with-service.ts';

/** Shows the gates of a service and what would be shipped. */
export async function plan(invocation: Invocation): Promise<number | null> {
  const { words, options, output } = invocation;
  const [service, ...rest] = words;
  const bump = BUMPS.find((known) => known === (options.bump ?? 'auto'));
  if (service === undefined || rest.length > 0 || bump === undefined) return null;
  const feature = options.feature === undefined ? {} : { feature: options.feature };
  const { preview, ...inspection } = await withService(invocation, service, async (ports) => {
    const found = await inspect(ports, { service, bump, ...feature, by: 'slipway' });
    return { ...found, preview: await found.preview() };
  });
  const text = options.json
    ? `${JSON.stringify({ ...inspection, ...preview }, null, 2)}\n`
    : options.diff
      ? diffText(inspection, preview)
      : planText(inspection);
  await output.result(text);
  return allPassed(inspection.gates) && !inspection.lowerBump ? EXIT.done : EXIT.refused;
}
