import { z } from 'zod';
import { heads } from '../../adapters/heads/index.ts';
import { SecretRef } from '../../adapters/shared/context.ts';

const KeyFile = z
  .strictObject({
    file: z.string().min(1).meta({ description: 'Path, relative to this file.' }),
  })
  .meta({ description: 'A file with the secret.' });

export const AuditSettings = z
  .strictObject({
    key: z.union([SecretRef, KeyFile]).optional().meta({
      description:
        'Private Ed25519 key (PEM) that signs the entries; the same on every replica. Without it one is made in the data folder.',
    }),
    publish: z
      .array(heads.settings)
      .max(10)
      .default([])
      .meta({
        description:
          'Where the head of the log (number, hash, signature) is published, besides the data folder of each replica.',
        examples: [[{ use: 'slack', channel: '#audit' }]],
      }),
  })
  .meta({ description: 'How the audit log is proved.' });
export type AuditSettings = z.output<typeof AuditSettings>;
