import type { AdapterContext } from '../../shared/context.ts';
import { defineKind } from '../../shared/kinds.ts';
import type { Target } from '../port.ts';
import { CommandTarget } from './command-target.ts';
import { CommandSettings } from './settings.ts';

export const commandTarget = defineKind({ settings: CommandSettings, open: openCommand });

export function openCommand(settings: CommandSettings, context: AdapterContext): Target {
  return new CommandTarget(settings, context);
}
