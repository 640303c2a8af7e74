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

/** Arguments with `{version}`, `{tag}`, `{commit}` and `{service}` filled in; other braces stay as they are. */
export function fillIn(argv: readonly string[], order: Pick<DeployOrder, 'service' | 'release'>): string[] {
  const facts: Readonly<Record<string, string>> = {
    version: order.release.version,
    tag: order.release.tag,
    commit: order.release.commit,
    service: order.service,
  };
  return argv.map((argument) =>
    argument.replace(/\{(version|tag|commit|service)\}/g, (whole, name: string) => facts[name] ?? whole),
  );
}
