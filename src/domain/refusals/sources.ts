import type { Given, RefusalCatalogue } from './sentence.ts';

/** Where figures, logs and alerts come from. */
export const sourceRefusals = {
  'metrics-blind': ({ source, reason }: Given<'source' | 'reason'>) => ({
    text: `The metrics source ${source} cannot see the service: ${reason}.`,
    hint: 'Production would be watched blindly. Fix `metrics` in the config, or wait until the service has traffic, then re-check.',
  }),
  'metrics-tick': ({ source, tick, shortest }: Given<'source' | 'tick' | 'shortest'>) => ({
    text: `${source} has new figures only every ${shortest}: looking at it every ${tick} is too often.`,
    hint: `Set \`monitor.tick\` to ${shortest} or more, or \`metrics.scrape\` to what ${source} really does, then re-check.`,
  }),
  'metrics-unauthorised': ({ source, status }: Given<'source' | 'status'>) => ({
    text: `The metrics source ${source} answered ${status}: it does not accept the credentials.`,
    hint: 'Give `metrics` a token or keys that may read, then re-check.',
  }),
  'metrics-query-refused': ({ source, query, reason }: Given<'source' | 'query' | 'reason'>) => ({
    text: `The metrics source ${source} does not understand the query for ${query}: ${reason}.`,
    hint: 'Try the query in its own web page, correct it under `metrics`, then re-check.',
  }),
  'aws-credentials': ({ reason }: Given<'reason'>) => ({
    text: `There are no credentials for AWS: ${reason}.`,
    hint: 'Give the machine, task or pod a role, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or name a profile with keys, then re-check.',
  }),
  'samples-unreadable': ({ path, reason }: Given<'path' | 'reason'>) => ({
    text: `The file ${path} cannot be read (${reason}).`,
  }),
  'samples-line': ({ path, line, reason }: Given<'path' | 'line' | 'reason'>) => ({
    text: `Line ${line} of ${path} is no sample: ${reason}.`,
    hint: 'Each line is one sample, such as {"at": "2026-11-20T09:00:30Z", "phase": "after", "total": 600, "errors": 2}. slipway samples PROMOTION prints such lines.',
  }),
  'option-unclear': ({ option, text, example }: Given<'option' | 'text' | 'example'>) => ({
    text: `"${text}" is not understood as --${option}.`,
    hint: `For example: --${option} ${example}`,
  }),
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
