import type { Maybe, RefusalCatalogue } from './sentence.ts';

/** What people meet who read the audit. */
export const auditRefusals = {
  'since-unclear': ({ text }: Maybe<'text'>) => ({
    text: `"${text ?? ''}" is neither a date nor a length of time.`,
    hint: 'For example: --since 2026-11-01, --since 2026-11-01T10:00:00Z, or --since 7d',
  }),
  'end-unclear': ({ text }: Maybe<'text'>) => ({
    text: `"${text ?? ''}" is not the end of an audit log.`,
    hint: 'It is printed by slipway audit verify, and looks like 1234:9f86d081… with 64 digits after the colon.',
  }),
} satisfies RefusalCatalogue;
