import { z } from 'zod';
import type { AdapterContext } from '../context.ts';
import { openCommand } from './command.ts';
import { CommandSettings } from './command-settings.ts';
import type { Target } from './port.ts';

/** A service's `target`. */
export const TargetSettings = z.discriminatedUnion('use', [CommandSettings]);
export type TargetSettings = z.infer<typeof TargetSettings>;

export function openTarget(settings: TargetSettings, context: AdapterContext): Target {
  switch (settings.use) {
    case 'command':
      return openCommand(settings, context);
  }
}
