import { z } from 'zod';
import { Duration } from '../../shared/context.ts';

/** The limits of a backlog, as the config has them. */
export const backlogSettings = {
  'max-waiting': z.int().min(0).optional().meta({ description: 'How many jobs may wait.' }),
  'max-age': Duration.optional().meta({ description: 'How long the oldest job may have waited.' }),
  heartbeat: Duration.optional().meta({ description: 'How long ago the last sign of a worker may be.' }),
};
