import { whenRefused } from '../../../domain/refusals/refusal.ts';
import type { AdapterContext } from '../context.ts';

/** What nearly every program needs to run at all. */
const ALWAYS = ['PATH', 'HOME', 'USER', 'LOGNAME', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'];
/** Names of variables that are likely to hold a secret, even when the config calls them harmless. */
const SECRET_NAME = /TOKEN|SECRET|PASSW|CREDENTIAL|PRIVATE|API_?KEY|ACCESS_?KEY/i;

interface Names {
  readonly env: readonly string[];
  readonly secrets: readonly string[];
}

export interface ProgramEnvironment {
  readonly variables: Readonly<Record<string, string>>;
  readonly secretNames: readonly string[];
}

/** The variables that a program may see; Refusal `secret-missing` when one of `secrets` is not set. */
export function environmentOf(settings: Names, context: Pick<AdapterContext, 'secret'>): ProgramEnvironment {
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
    return whenRefused(null)(error);
  }
}
