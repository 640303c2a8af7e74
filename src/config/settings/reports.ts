import { z } from 'zod';
import { PROBLEM_WORDS } from '../../domain/reports/words.ts';

/** A channel of Slack, as "#name" or id. */
export const Channel = z
  .string()
  .regex(/^(#[^\s#,]{1,80}|[CG][A-Z0-9]{2,})$/, 'a channel such as "#ship" (in quotes) or its id')
  .meta({ description: 'Slack channel, as "#name" or id; in an organisation its id.', examples: ['#ship'] });

const Word = z
  .string()
  .max(80)
  .regex(/[\p{L}\p{N}]/u, 'a word, or a few');

export const ReportSettings = z
  .strictObject({
    channels: z
      .array(Channel)
      .max(20)
      .default([])
      .meta({
        description:
          'Channels for support: a new message there that says one of the words counts in the watch of a release. Invite the bot. Replies, edits and bots do not count; a person, and the same words, count once. Guests and people of other workspaces count where the channel has them. Of a private channel only the link is shown.',
        examples: [['#support']],
      }),
    words: z
      .array(Word)
      .min(1)
      .max(100)
      .default([...PROBLEM_WORDS])
      .meta({ description: 'What a message has to say: one of these, as whole words, in whatever case.' }),
    bots: z
      .array(z.string().regex(/^[AB][A-Z0-9]{2,}$/, 'the id of a bot (B…) or of an app (A…)'))
      .max(20)
      .default([])
      .meta({
        description:
          'Bots whose messages count like those of people: ids of bots (B…) or apps (A…), such as that of your help desk.',
      }),
    issues: z
      .strictObject({
        labels: z
          .array(
            z
              .string()
              .min(1)
              .max(50)
              .regex(/^[^,]+$/, 'a label without a comma'),
          )
          .min(1)
          .max(3)
          .meta({
            description: 'An issue with one of these labels counts.',
            examples: [['bug']],
          }),
      })
      .optional()
      .meta({
        description:
          'Issues that are opened in the repository since the deployment count in the watch; with `use: github`. The login needs issues: read.',
      }),
  })
  .meta({
    description:
      'Where users report problems, besides the form on a message of the thread. A report asks people to look; nothing is rolled back by it.',
  });
