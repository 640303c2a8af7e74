/** The commands: how each is typed, and what it does. */
export const COMMANDS = {
  init: {
    usage:
      '[FOLDER] [--yes] [--force] [--service NAME] [--repository ADDRESS] [--channel "#ship"] [--deploy HOW] [--health ADDRESS]',
    says: 'Write slipway.yaml, the Slack manifest and an example of a state file for the repository in FOLDER (.): asks five questions, or takes what flags say and, with --yes, what the repository says.',
  },
  start: {
    usage: '',
    says: 'Run the bot until it is told to stop (SIGINT, SIGTERM). It reads changed configuration by itself, or at once on SIGHUP.',
  },
  doctor: {
    usage: '[--json]',
    says: 'Look at config, database, Slack, repositories, targets and metrics.',
  },
  plan: {
    usage: 'SERVICE [--feature NAME] [--bump auto|major|minor|patch] [--diff] [--json]',
    says: 'Show the gates of a service and what would be shipped; changes nothing. With --diff the release commit as a patch, and the tag.',
  },
  ship: {
    usage:
      'SERVICE [--bump auto|major|minor|patch] [--feature NAME] [--note TEXT] [--wait] [--until approved|deployed|shipped] [--key KEY] [--url ADDRESS] [--json]',
    says: 'Ask the running bot for a promotion, from a terminal or a pipeline; people approve it in Slack. With --wait a line for each change, and exit code 0 only when it is shipped (or what --until says). The same --key is the same promotion. Needs SLIPWAY_URL (or --url) and SLIPWAY_TOKEN.',
  },
  config: {
    usage: '[SERVICE] [--json]',
    says: 'Show what is configured for each service, and in which file and line each value stands.',
  },
  schema: {
    usage: '[--markdown]',
    says: 'Print the JSON Schema of slipway.yaml. With --markdown its documentation.',
  },
  audit: {
    usage:
      'verify [--head SEQ:HASH] [--key KEY] [--json] | export [--format csv|json|ndjson] [--service NAME] [--since 2026-11-01|7d] | key | rotate [FILE] [--lost]',
    says: 'verify: check that nobody has changed the audit log. export: print it. key: print the public key. rotate: replace the key.',
  },
  backtest: {
    usage: 'FILE [--tick 30s] [--limit 1pp] [--latency 10%] [--settle 3m] [--json]',
    says: 'Replay recorded samples through the judge, a line for each tick.',
  },
  samples: { usage: 'PROMOTION', says: 'Print the samples of a promotion in the format of backtest.' },
  'validate-staging': {
    usage: 'SERVICE --by NAME [--feature NAME]',
    says: 'Record in the state file that a person validated what is on staging: who, when and which commit.',
  },
  dora: {
    usage: '[SERVICE] [--since 90d|2026-11-01] [--json|--csv]',
    says: 'Deployment frequency, lead time, failure rate and time to restore.',
  },
  completion: {
    usage: 'bash|zsh|fish',
    says: 'Print the completion for a shell: source <(slipway completion bash), or slipway completion fish | source.',
  },
  help: { usage: '[COMMAND]', says: 'Show this, or how one command is typed.' },
} as const;

export type CommandName = keyof typeof COMMANDS;

export function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

export function helpText(): string {
  const width = Math.max(...Object.keys(COMMANDS).map((name) => name.length));
  const lines = Object.entries(COMMANDS).map(([name, { says }]) => `  ${name.padEnd(width)}  ${says}`);
  return `Usage: slipway COMMAND [OPTIONS]

${lines.join('\n')}

slipway COMMAND --help says how a command is typed; slipway --version which one this is.
slipway demo starts a small world on this machine to try it in.

Environment: SLACK_BOT_TOKEN, SLACK_APP_TOKEN (or SLACK_SIGNING_SECRET and PORT), SLACK_API_URL,
SLIPWAY_CONFIG (slipway.yaml), DATABASE_URL (an embedded PostgreSQL without it), DATABASE_MIGRATION_URL (the same
database as the owner of the tables), LOG_LEVEL (info). For ship: SLIPWAY_URL, SLIPWAY_TOKEN.

Exit codes: 0 done · 1 refused, or something must be fixed · 2 command not understood · 3 fault of Slipway
`;
}

/** How one command is typed, a line for each of its forms. */
export function commandHelp(name: CommandName): string {
  const { usage, says } = COMMANDS[name];
  const forms = usage.split(/ \| (?=[a-z])/).map((form) => `slipway ${name} ${form}`.trimEnd());
  return `Usage: ${forms.join('\n       ')}\n\n${says}\n`;
}

/** The options that a command takes, as they are typed. */
export function optionsOf(name: CommandName): readonly string[] {
  return [...new Set(COMMANDS[name].usage.match(/--[a-z]+/g) ?? []), '--help'];
}

/** Words that stand behind a command instead of an option. */
export function wordsOf(name: CommandName): readonly string[] {
  if (name === 'help') return Object.keys(COMMANDS);
  if (name === 'completion') return ['bash', 'zsh', 'fish'];
  return name === 'audit' ? ['verify', 'export', 'key', 'rotate'] : [];
}
