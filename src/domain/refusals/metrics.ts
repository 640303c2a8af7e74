import type { Given, RefusalCatalogue } from './sentence.ts';

export const metricsRefusals = {
  'metrics-blind': ({ source, reason }: Given<'source' | 'reason'>) => ({
    text: `The metrics source ${source} cannot see the service: ${reason}.`,
    hint: 'Production would be watched blindly. Fix `metrics` in the config, or wait until the service has traffic, then re-check.',
  }),
  'metrics-unauthorised': ({ source, status }: Given<'source' | 'status'>) => ({
    text: `The metrics source ${source} answered ${status}: it does not accept the credentials.`,
    hint: 'Set `metrics.headers` to a token that may read, then re-check.',
  }),
  'metrics-query-refused': ({ source, query, reason }: Given<'source' | 'query' | 'reason'>) => ({
    text: `The metrics source ${source} does not understand the query for ${query}: ${reason}.`,
    hint: 'Try the query in its own web page, correct it under `metrics.queries`, then re-check.',
  }),
} satisfies RefusalCatalogue;
