import { z } from 'zod';
import { SecretRef } from '../../../shared/context.ts';

/** How commits and tags are signed. */
export const SigningSettings = z
  .strictObject({
    use: z.enum(['ssh', 'gpg']).meta({ description: 'The kind of the key.' }),
    key: SecretRef.optional().meta({
      description: 'The private key itself (line ends may be written as \\n), without a passphrase.',
    }),
    'key-file': z.string().min(1).optional().meta({
      description: 'File with the private key, without a passphrase; for gpg an exported, armored one.',
    }),
  })
  .refine((settings) => (settings.key === undefined) !== (settings['key-file'] === undefined), {
    error: 'exactly one of key: { env: SHOP_SIGNING_KEY } and key-file',
  })
  .meta({ description: 'Signs the commits and tags of Slipway; absent: they are not signed.' });
export type SigningSettings = z.infer<typeof SigningSettings>;
