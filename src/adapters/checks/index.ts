import { z } from 'zod';
import type { AdapterContext } from '../shared/context.ts';
import { HttpCheckSettings, openHttpCheck } from './http.ts';
import type { Check } from './port.ts';
import { openVersionCheck, VersionCheckSettings } from './version.ts';

/** One entry of a service's `checks`. */
export const CheckSettings = z.discriminatedUnion('use', [HttpCheckSettings, VersionCheckSettings]);
export type CheckSettings = z.infer<typeof CheckSettings>;

export function openCheck(settings: CheckSettings, context: AdapterContext): Check {
  switch (settings.use) {
    case 'http':
      return openHttpCheck(settings, context);
    case 'version':
      return openVersionCheck(settings, context);
  }
}
