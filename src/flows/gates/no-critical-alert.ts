import type { AlertSource } from '../../adapters/alerts/port.ts';
import type { FiringAlert } from '../../domain/alerts/alert.ts';
import type { GateAnswer } from '../../domain/gates/gate.ts';
import { alertsInWords, nameIn } from '../../domain/judge/alerts.ts';
import { Unavailable } from '../../domain/refusals/refusal.ts';
import { given } from '../../domain/text/given.ts';
import type { Ports } from '../run/ports.ts';
import { inAnEmergency } from './overrides.ts';
import type { Gate } from './port.ts';

interface CriticalAlert extends Pick<FiringAlert, 'name' | 'url'> {
  /** An alert that comes later is another one. */
  readonly barrier: string;
}

/**
 * Fails while a critical alert fires in production, wherever it is known of. It may be overridden, for the release that
 * puts an end to it. A source that does not answer has not said that nothing fires.
 */
export const noCriticalAlert: Gate = {
  id: 'no-critical-alert',
  title: 'Alerts',
  askedAgain: true,
  applies: ({ metrics, alerts }) => metrics?.alerts !== undefined || alerts.length > 0,
  async check({ ports }) {
    const { service } = ports;
    const answers = await Promise.allSettled(sourcesOf(ports).map((ask) => ask()));
    const firing = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    const failed = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as unknown] : [],
    );
    if (firing.length === 0) return quiet(failed, service.policy.blindMonitor === 'allow');
    const link = firing.find(({ url }) => url !== undefined)?.url ?? service.links.dashboard;
    return {
      verdict: 'failed',
      reason: `${alertsInWords(firing, true)}.`,
      ...given({ link }),
      barriers: [...new Set(firing.map(({ barrier }) => barrier))],
      remedy: `Wait until production is well again, then re-check.${inAnEmergency(service.policy)}`,
    };
  },
};

function sourcesOf({ metrics, alerts }: Ports): readonly (() => Promise<readonly CriticalAlert[]>)[] {
  const own = async () =>
    ((await metrics?.alerts?.()) ?? []).map((alert) => ({
      name: nameIn(alert),
      barrier: `alert:${nameIn(alert)}`,
    }));
  return [own, ...alerts.map((source) => () => criticalIn(source))];
}

async function criticalIn(source: AlertSource): Promise<readonly CriticalAlert[]> {
  const firing = await source.firing();
  return firing
    .filter(({ critical }) => critical)
    .map(({ id, name, url }) => ({ name, barrier: `alert:${source.name}:${id}`, ...given({ url }) }));
}

/** Nothing critical was heard of; of those that did not answer it is only known where the policy lets people ship blindly. */
function quiet(failed: readonly unknown[], mayBeBlind: boolean): GateAnswer {
  const [wrong] = failed.filter((error) => !(error instanceof Unavailable));
  if (wrong !== undefined) throw wrong;
  const [away] = failed.filter((error): error is Unavailable => error instanceof Unavailable);
  if (away === undefined) return { verdict: 'passed', reason: 'No critical alert fires in production.' };
  if (!mayBeBlind) throw away;
  return {
    verdict: 'passed',
    reason: `${away.message}. The policy allows to ship all the same: nobody may hear of an alert.`,
    notable: true,
  };
}
