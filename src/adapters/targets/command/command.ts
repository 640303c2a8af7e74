import { defineKind } from '../../shared/kinds.ts';
import type { Target } from '../port.ts';
import { type CommandContext, CommandTarget } from './command-target.ts';
import { CommandSettings } from './settings.ts';

export const commandTarget = defineKind({ settings: CommandSettings, open: openCommand });

export function openCommand(settings: CommandSettings, context: CommandContext): Target {
  return new CommandTarget(settings, context);
}
