import { tmpdir } from 'node:os';
import { pino } from 'pino';
import type { AdapterContext } from '../../src/adapters/shared/context.ts';
import { SharedInstances } from '../../src/adapters/shared/shared-instances.ts';
import { Refusal } from '../../src/domain/refusals/refusal.ts';

/** A context for opening an adapter in a test; secrets come from `env`, and nothing is logged. */
export function adapterContext(
  given: Partial<AdapterContext> & { readonly env?: Readonly<Record<string, string>> } = {},
): AdapterContext {
  const { env = {}, ...context } = given;
  return {
    service: 'shop',
    dataDir: tmpdir(),
    shared: new SharedInstances(),
    configDir: tmpdir(),
    log: pino({ level: 'silent' }),
    now: () => Date.now(),
    secret: (name) => {
      const value = env[name];
      if (value === undefined) throw new Refusal('secret-missing', { name });
      return value;
    },
    ...context,
  };
}
