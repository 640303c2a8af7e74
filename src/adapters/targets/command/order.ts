import { Refusal } from '../../../domain/refusals/refusal.ts';
import { fillInArguments, mustBeWords, UnsafeArgument } from '../../shared/program/arguments.ts';
import type { DeployOrder } from '../port.ts';

/** What is to be deployed, for the command: a variable for each fact. */
export function orderVariables(order: DeployOrder, key: string): Record<string, string> {
  return {
    SLIPWAY_SERVICE: order.service,
    SLIPWAY_KIND: order.kind,
    SLIPWAY_VERSION: order.release.version,
    SLIPWAY_TAG: order.release.tag,
    SLIPWAY_COMMIT: order.release.commit,
    SLIPWAY_PERCENT: String(percentOf(order)),
    SLIPWAY_FROM_VERSION: order.from?.version ?? '',
    SLIPWAY_FROM_COMMIT: order.from?.commit ?? '',
    SLIPWAY_KEY: key,
  };
}

/**
 * Arguments with `{version}`, `{tag}`, `{commit}`, `{service}` and `{percent}` filled in; other braces stay as they are. Refusal
 * `release-not-deployable` for what is more than a plain word, also of what is live.
 */
export function fillIn(
  argv: readonly string[],
  order: Pick<DeployOrder, 'service' | 'release' | 'from' | 'percent'>,
): string[] {
  const { service, release, from } = order;
  const { version, tag, commit } = release;
  try {
    mustBeWords({ 'version that is live': from?.version, 'commit that is live': from?.commit });
    return fillInArguments(argv, { version, tag, commit, service, percent: String(percentOf(order)) });
  } catch (error) {
    if (!(error instanceof UnsafeArgument)) throw error;
    throw new Refusal('release-not-deployable', { tag: tag || version, reason: error.message });
  }
}

function percentOf({ percent = 100 }: Pick<DeployOrder, 'percent'>): number {
  return percent;
}

/** Whether a command can be told to send only a part of the requests to a release. */
export function saysPercent(argv: readonly string[]): boolean {
  return argv.some((argument) => argument.includes('{percent}'));
}
