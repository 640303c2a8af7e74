import { Refusal } from '../../domain/refusals/refusal.ts';
import type { DoraFigures } from '../../domain/statistics/dora.ts';
import { doraInWords } from '../../domain/statistics/words.ts';
import { figuresOf } from '../../flows/requests/statistics.ts';
import { type OpenedAudit, sinceMs, withAudit } from '../audit-log.ts';
import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

const DAY_MS = 86_400_000;
/** What is not known is empty. */
const COLUMNS: Readonly<Record<string, (figures: DoraFigures) => string | number | null | undefined>> = {
  service: ({ service }) => service,
  from: ({ fromMs }) => new Date(fromMs).toISOString(),
  to: ({ toMs }) => new Date(toMs).toISOString(),
  deployments: ({ deployments }) => deployments,
  deployments_per_week: ({ perWeek }) => perWeek,
  lead_time_median_ms: ({ leadTime }) => leadTime?.medianMs,
  lead_time_commits: ({ leadTime }) => leadTime?.commits,
  failed: ({ failed }) => failed,
  change_failure_rate: ({ failureRate }) => failureRate,
  restore_median_ms: ({ restore }) => restore?.medianMs,
  restored: ({ restore }) => restore?.of,
  rework_rate: ({ reworkRate }) => reworkRate,
};

/** Prints the figures of one service, or of all of the config: over 30 and 90 days, or since a time. */
export async function dora({ words, options, env, output }: Invocation): Promise<number | null> {
  const [service, ...rest] = words;
  if (rest.length > 0 || (options.json && options.csv)) return null;
  const now = Date.now();
  const days =
    options.since === undefined
      ? undefined
      : [Math.max(1, Math.ceil((now - sinceMs(options.since, now)) / DAY_MS))];
  const all = await withAudit({ env, output }, async (opened) => {
    const found: DoraFigures[] = [];
    for (const name of namesIn(opened, service))
      found.push(...(await figuresOf({ ledger: opened.ledger, now: () => now }, name, days)));
    return found;
  });
  if (options.json) await output.result(`${JSON.stringify(all, null, 2)}\n`);
  else if (options.csv)
    await output.result([Object.keys(COLUMNS).join(','), ...all.map(csvRow), ''].join('\n'));
  else await output.result(all.map((one) => `${one.service}: ${doraInWords(one)}\n`).join(''));
  return EXIT.done;
}

/** Refusals `service-unknown`, `service-missing`. */
function namesIn({ config }: OpenedAudit, wanted: string | undefined): readonly string[] {
  const known = config === null ? null : [...config.layers.keys()];
  if (wanted === undefined) {
    if (known === null) throw new Refusal('service-missing', { known: [] });
    return known;
  }
  if (known !== null && !known.includes(wanted))
    throw new Refusal('service-unknown', { service: wanted, known });
  return [wanted];
}

/** Names of services have no comma or quote. */
function csvRow(one: DoraFigures): string {
  return Object.values(COLUMNS)
    .map((value) => value(one) ?? '')
    .join(',');
}
