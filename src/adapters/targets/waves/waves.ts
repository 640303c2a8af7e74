import { z } from 'zod';
import type { Check } from '../../checks/port.ts';
import { type AdapterContext, Duration } from '../../shared/context.ts';
import { type Chosen, defineKind, type Table } from '../../shared/kinds.ts';
import type { TargetContext } from '../context.ts';
import type { Target } from '../port.ts';
import { BegunWaves } from './begun.ts';
import { ownKeys, type Wave, WavesTarget } from './waves-target.ts';

const WaveName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,30}$/, 'a short name of small letters, digits and hyphens, such as eu-west');

/** A kind of target that is made of those in the table, and of these checks. */
export function wavesOf<Settings extends Chosen, CheckSettings extends Chosen>(
  single: Table<Settings, TargetContext, Target>,
  checks: Table<CheckSettings, AdapterContext, Check>,
) {
  const WaveSettings = z.strictObject({
    name: WaveName.meta({ description: 'How the card calls it, such as eu.' }),
    target: single.settings.meta({ description: 'What runs the service there.' }),
    checks: z
      .array(checks.settings)
      .default([])
      .meta({ description: 'Have to pass there, twice in a row, before the next wave begins.' }),
  });
  const WavesSettings = z
    .strictObject({
      use: z.literal('waves'),
      waves: z
        .array(WaveSettings)
        .min(2)
        .max(20)
        .refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'each name once')
        .meta({ description: 'Where the service runs, in the order in which a release reaches it.' }),
      timeout: Duration.prefault('2m').meta({
        description: 'The longest that the checks of a wave may take to pass.',
      }),
    })
    .meta({
      description:
        'Several targets of one service, such as regions: one after the other, each verified before the next. A rollback goes to all of them at once.',
    });
  return defineKind({
    settings: WavesSettings,
    open: (settings: z.output<typeof WavesSettings>, context: TargetContext): Target => {
      const waves = settings.waves.map(
        ({ name, target, checks: asked }): Wave => ({
          name,
          target: single.open(target as Settings, {
            ...context,
            wave: name,
            isOwn: ownKeys(name, settings.waves),
          }),
          checks: asked.map((one) => checks.open(one as CheckSettings, context)),
        }),
      );
      const { now } = context;
      return new WavesTarget(waves, { timeoutMs: settings.timeout, now, begun: new BegunWaves(context) });
    },
  });
}
