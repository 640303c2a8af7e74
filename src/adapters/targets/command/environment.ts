import { Refusal } from '../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../../shared/context.ts';
import type { DeployOrder } from '../port.ts';
import type { CommandSettings } from './settings.ts';

/** What nearly every program needs to run at all. */
const ALWAYS = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];
/** Names of variables that are likely to hold a secret, even when the config calls them harmless. */
const SECRET_NAME = /TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY/i;

export interface CommandEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  readonly secretNames: readonly string[];
}

/** The variables that the command may see; Refusal `secret-missing` when one of `secrets` is not set. */
export function environmentOf(
  settings: Pick<CommandSettings, 'env' | 'secrets'>,
  context: AdapterContext,
): CommandEnvironment {
  const variables: Record<string, string> = {};
  for (const name of ALWAYS) {
    const value = process.env[name];
    if (value !== undefined) variables[name] = value;
  }
  for (const name of settings.env) {
    const value = unlessMissing(() => context.secret(name));
    if (value !== null) variables[name] = value;
  }
  for (const name of settings.secrets) variables[name] = context.secret(name);
  const guessed = settings.env.filter((name) => SECRET_NAME.test(name));
  return { variables, secretNames: [...new Set([...settings.secrets, ...guessed])] };
}

function unlessMissing(read: () => string): string | null {
  try {
    return read();
  } catch (error) {
    if (error instanceof Refusal) return null;
    throw error;
  }
}

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
