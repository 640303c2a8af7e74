import type { Logger } from 'pino';
import { z } from 'zod';
import { parseDuration } from '../../domain/text/duration.ts';
import type { SharedInstances } from './shared-instances.ts';

/** What an adapter is opened with besides its own settings. */
export interface AdapterContext {
  /** Name of the service, for messages and file names. */
  readonly service: string;
  /** Folder for caches and logs; the adapter makes its own subfolder. */
  readonly dataDir: string;
  /** What it has in common with the other adapters of this process. */
  readonly shared: SharedInstances;
  /** The value of an environment variable; Refusal `secret-missing` when it is not set. */
  secret(name: string): string;
  /** Relative paths of the config are relative to this folder. */
  readonly configDir: string;
  readonly log: Logger;
  /** ms since the epoch */
  now(): number;
}

/** A secret in the config is the name of an environment variable, never the value. */
export const SecretRef = z
  .strictObject({
    env: z.string().regex(/^[A-Z][A-Z0-9_]*$/, 'the name of an environment variable, such as SHOP_TOKEN'),
  })
  .meta({ description: 'A secret, given by the name of the environment variable that holds it.' });
export type SecretRef = z.infer<typeof SecretRef>;

/** `30s`, `15m`, `2h`, `1d`; parsed to ms. */
export const Duration = duration(parseDuration);

/** As `Duration`, and `0s`. */
export const DurationOrNone = duration((text) => (text.trim() === '0s' ? 0 : parseDuration(text)));

function duration(parse: (text: string) => number | null) {
  return z
    .string()
    .meta({ description: 'A duration such as 500ms, 30s, 15m, 2h or 1d.', examples: ['15m'] })
    .transform((text, context) => {
      const ms = parse(text);
      if (ms !== null) return ms;
      context.addIssue({ code: 'custom', message: 'a duration such as 500ms, 30s, 15m, 2h or 1d' });
      return z.NEVER;
    });
}
