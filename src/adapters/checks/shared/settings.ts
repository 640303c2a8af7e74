import { z } from 'zod';
import { Duration } from '../../shared/context.ts';
import type { Check } from '../port.ts';

const name = z.string().min(1).max(60).optional();

/** What every check can be given. `named` says how it is called without a name. */
export const checkSettings = (named: string) => ({
  name: name.meta({ description: `Shown on the card; ${named} by default.` }),
  critical: z.boolean().default(true).meta({ description: 'Whether production is broken when this fails.' }),
  watch: z
    .boolean()
    .default(true)
    .meta({ description: 'Whether it is asked again at every tick while production is watched.' }),
  timeout: Duration.prefault('5s').meta({
    description:
      'The longest that one attempt may take; of a check that is watched no longer than a tick, unless that is shorter than 10 s.',
  }),
});

interface CheckSettings {
  readonly name?: string | undefined;
  readonly critical: boolean;
  readonly watch: boolean;
  readonly timeout: number;
}

/** What the port tells of a check besides its attempts. */
export function identityOf(
  kind: string,
  { name, critical, watch, timeout: timeoutMs }: CheckSettings,
  otherwise: string,
): Omit<Check, 'attempt'> {
  return { kind, name: name ?? otherwise, critical, timeoutMs, ...(watch ? {} : { watch }) };
}
