import type { JudgeRules } from '../../domain/judge/begin.ts';
import type { Ports } from './ports.ts';

/** How production is judged: by the settings of the service, and by what its metrics source counts. */
export function judgeRulesOf({ service, metrics }: Pick<Ports, 'service' | 'metrics'>): JudgeRules {
  const { tickMs, settleMs, errorRateRise, latencyRise } = service.monitoring;
  const counted = Object.entries(metrics?.counts ?? {});
  const counts = Object.fromEntries(counted.map(([name, { rise }]) => [name, rise ?? errorRateRise]));
  return { tickMs, settleMs, errorRateRise, latencyRise, ...(counted.length > 0 ? { counts } : {}) };
}
