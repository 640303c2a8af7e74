import type { Given, RefusalCatalogue } from './sentence.ts';

export const sourceRefusals = {
  'source-unauthorised': ({ source, setting, status }: Given<'source' | 'setting' | 'status'>) => ({
    text: `${source} answered ${status}: it does not accept the credentials, or they may not read this.`,
    hint: `Give \`${setting}\` in the config a token that may read, then re-check.`,
  }),
  'source-refused': ({ source, setting, reason }: Given<'source' | 'setting' | 'reason'>) => ({
    text: `${source} does not take what it is asked: ${reason}.`,
    hint: `Correct its address and its query under \`${setting}\` in the config, then re-check.`,
  }),
  'source-unclear': ({ source, setting, reason }: Given<'source' | 'setting' | 'reason'>) => ({
    text: `The answer of ${source} cannot be used: ${reason}.`,
    hint: `Look at what answers at its address under \`${setting}\` in the config, then re-check.`,
  }),
  'source-blind': ({ source, setting, reason }: Given<'source' | 'setting' | 'reason'>) => ({
    text: `${source} cannot see the service: ${reason}.`,
    hint: `Correct \`${setting}\` in the config, then re-check.`,
  }),
} satisfies RefusalCatalogue;
