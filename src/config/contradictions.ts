import { durationInWords } from '../domain/text/duration.ts';
import type { FreezeSettings } from './freeze.ts';
import type { Fault } from './problems.ts';
import type { ServiceSettings } from './schema.ts';

/** What fits the schema and still cannot be meant, within one service. */
export function contradictions(
  settings: ServiceSettings,
  shared: { readonly channel?: string | undefined; readonly freeze: FreezeSettings },
): readonly Fault[] {
  const { channel, approvals, freeze, version } = settings;
  const { faults, fault } = collected();
  if (channel === undefined && shared.channel === undefined) {
    fault(
      ['channel'],
      '"channel" is missing',
      'a channel here, or one for all as slack.channel',
      'channel: "#ship"',
    );
  }
  if (
    approvals.groups === undefined &&
    approvals.who === undefined &&
    approvals.users !== undefined &&
    new Set(approvals.users).size < approvals.required
  ) {
    fault(
      ['approvals', 'required'],
      `${approvals.required} approvals are required but only ${new Set(approvals.users).size} people may approve`,
      'at most as many as may approve, or a user group',
      'groups: [S0614TZR7]',
    );
  }
  if (version.tag !== undefined && version['tag-prefix'] !== undefined) {
    fault(
      ['version', 'tag-prefix'],
      '"tag" and "tag-prefix" both say how tags are named',
      'only one of them',
      `tag: "${version['tag-prefix']}{version}"`,
    );
  }
  const twice = freeze.findIndex(({ name }) => shared.freeze.some((one) => one.name === name));
  if (twice >= 0) {
    fault(
      ['freeze', twice, 'name'],
      `${JSON.stringify(freeze[twice]?.name)} is also the name of a freeze of all services, which applies here anyway`,
      'a name of its own, or no entry here',
      `name: ${freeze[twice]?.name} of this service`,
    );
  }
  return [...faults, ...impossibleTimes(settings)];
}

function collected() {
  const faults: Fault[] = [];
  const fault = (at: Fault['at'], message: string, expected: string, example: string): void => {
    faults.push({ at, key: false, message, expected, example });
  };
  return { faults, fault };
}

/** What every kind of check can be given. */
type WatchedCheck = { readonly watch?: boolean; readonly timeout?: number };

/** Within a tick a check has so long, in ms, also where the tick is shorter. */
const LEAST_FOR_CHECKS_MS = 10_000;

/** Durations that cannot be meant together. */
function impossibleTimes({ monitor, health, stages, checks }: ServiceSettings): readonly Fault[] {
  const { faults, fault } = collected();
  if (monitor.tick > monitor.window) {
    fault(
      ['monitor', 'tick'],
      `one tick (${durationInWords(monitor.tick)}) is longer than the window (${durationInWords(monitor.window)})`,
      'a tick much shorter than the window',
      'tick: 30s',
    );
  }
  if (stages !== undefined && monitor.tick > monitor.stage) {
    fault(
      ['monitor', 'stage'],
      `one tick (${durationInWords(monitor.tick)}) is longer than a stage (${durationInWords(monitor.stage)})`,
      'a stage of many ticks',
      'stage: 5m',
    );
  }
  if (monitor.tick > monitor.baseline) {
    fault(
      ['monitor', 'baseline'],
      `the baseline (${durationInWords(monitor.baseline)}) is shorter than one tick (${durationInWords(monitor.tick)})`,
      'a baseline of many ticks',
      'baseline: 60m',
    );
  }
  const leastChecking = health.interval * (health['in-a-row'] - 1);
  if (leastChecking >= health.timeout) {
    fault(
      ['health', 'timeout'],
      `${health['in-a-row']} successes in a row take at least ${durationInWords(leastChecking)}`,
      'a longer timeout',
      'timeout: 2m',
    );
  }
  for (const [index, check] of checks.entries()) {
    const { watch, timeout = 0 } = check as WatchedCheck;
    if (watch === false || timeout <= Math.max(monitor.tick, LEAST_FOR_CHECKS_MS)) continue;
    fault(
      ['checks', index, 'timeout'],
      `an attempt may take ${durationInWords(timeout)}, which is longer than one tick (${durationInWords(monitor.tick)}), and the check is asked in each`,
      'at most the length of a tick, or `watch: false`',
      'timeout: 10s',
    );
  }
  return faults;
}
