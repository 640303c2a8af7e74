import { Refusal } from '../../../domain/refusals/refusal.ts';
import { fillInArguments, mustBePlain, UnsafeArgument } from '../../shared/program/arguments.ts';
import type { DeployOrder } from '../port.ts';

/** What is to be deployed, for the command: a variable for each fact. */
export function orderVariables(order: DeployOrder, key: string): Record<string, string> {
  return {
    SLIPWAY_SERVICE: order.service,
    SLIPWAY_KIND: order.kind,
    SLIPWAY_VERSION: order.release.version,
    SLIPWAY_TAG: order.release.tag,
    SLIPWAY_COMMIT: order.release.commit,
    SLIPWAY_FROM_VERSION: order.from?.version ?? '',
    SLIPWAY_FROM_COMMIT: order.from?.commit ?? '',
    SLIPWAY_KEY: key,
  };
}

/**
 * Arguments with `{version}`, `{tag}`, `{commit}` and `{service}` filled in; other braces stay as they are. Refusal
 * `release-not-deployable` for what a program could take for something else.
 */
export function fillIn(
  argv: readonly string[],
  { service, release, from }: Pick<DeployOrder, 'service' | 'release' | 'from'>,
): string[] {
  const { version, tag, commit } = release;
  try {
    mustBePlain({ 'version that is live': from?.version, 'commit that is live': from?.commit });
    return fillInArguments(argv, { version, tag, commit, service });
  } catch (error) {
    if (!(error instanceof UnsafeArgument)) throw error;
    throw new Refusal('release-not-deployable', { tag: tag || version, reason: error.message });
  }
}
