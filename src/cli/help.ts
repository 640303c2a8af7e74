/** The commands and what `slipway help` says of them. */
export const COMMANDS = {
  start: 'Run the bot until it is told to stop (SIGINT, SIGTERM, SIGHUP).',
  doctor: 'Look at config, database, Slack, repositories, targets and metrics. [--json]',
  plan: 'Show the gates of a service and what would be shipped; changes nothing. SERVICE [--feature X] [--bump B] [--diff: the release commit as a patch, and the tag] [--json]',
  schema: 'Print the JSON Schema of slipway.yaml. [--markdown: its documentation]',
  audit:
    'verify: check that nobody has changed the audit log. [--head SEQ:HASH] [--key KEY] [--json] export: print it. [--format csv|json|ndjson] [--service NAME] [--since 2026-11-01|7d] key: print the public key. rotate: replace the key. [FILE] [--lost]',
  backtest:
    'Replay recorded samples through the judge, a line for each tick. FILE [--tick 30s] [--limit 1pp] [--latency 10%] [--settle 3m] [--json]',
  samples: 'Print the samples of a promotion in the format of backtest. PROMOTION',
  dora: 'Deployment frequency, lead time, failure rate and time to restore. [SERVICE] [--since 90d|2026-11-01] [--json|--csv]',
  help: 'Show this.',
} as const;

export type CommandName = keyof typeof COMMANDS;

export function helpText(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, text]) => `  ${name.padEnd(width)}  ${text}`);
  return `Usage: slipway COMMAND [OPTIONS]

${lines.join('\n')}

Environment: SLACK_BOT_TOKEN, SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET and PORT), SLACK_API_URL,
SLIPWAY_CONFIG (slipway.yaml), DATABASE_URL (an embedded PostgreSQL without it), DATABASE_MIGRATION_URL (the same
database as the owner of the tables), LOG_LEVEL (info).

Exit codes: 0 done · 1 refused, or something must be fixed · 2 command not understood · 3 fault of Slipway
`;
}
