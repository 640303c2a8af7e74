import { parseArgs } from 'node:util';
import { nearest } from '../domain/text/nearest.ts';
import { visible } from '../domain/text/visible.ts';
import { withCredentials } from './credentials.ts';
import { COMMANDS, type CommandName, commandHelp, helpText, isCommand } from './help.ts';
import { type Invocation, OPTIONS, type RunCommand } from './invocation.ts';
import { EXIT, type Output, report } from './output.ts';

// Each command loads what it needs when it runs, so that `help` and `schema` answer at once.
const LOAD: Readonly<Record<CommandName, () => Promise<RunCommand>>> = {
  init: async () => (await import('./commands/init.ts')).init,
  start: async () => (await import('./commands/start.ts')).start,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  plan: async () => (await import('./commands/plan.ts')).plan,
  ship: async () => (await import('./commands/ship.ts')).ship,
  config: async () => (await import('./commands/config.ts')).config,
  schema: async () => (await import('./commands/schema.ts')).schema,
  audit: async () => (await import('./commands/audit.ts')).audit,
  backtest: async () => (await import('./commands/backtest.ts')).backtest,
  samples: async () => (await import('./commands/samples.ts')).samples,
  'validate-staging': async () => (await import('./commands/validate-staging.ts')).validateStaging,
  dora: async () => (await import('./commands/dora.ts')).dora,
  completion: async () => (await import('./commands/completion.ts')).completion,
  help: async () => help,
};

/** Runs one command, with secrets from files in `env`; answers with the exit code. Never throws. */
export async function runCli(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  plain: Output,
): Promise<number> {
  const output = shown(plain);
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    // The first sentence says what is wrong; the rest of Node's message is about positional arguments.
    const [said = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    output.message(`${said}.\n\n${helpText()}`);
    return EXIT.usage;
  }
  const { values: options, positionals } = parsed;
  const [name = 'help', ...words] = positionals;
  const invocation = { words, options, env, output };
  if (options.help && positionals.length === 0) return help(invocation);
  if (!isCommand(name)) return unknown(name, output);
  if (options.help) return help({ ...invocation, words: [name] });
  try {
    const command = await LOAD[name]();
    const code = await command({ ...invocation, env: withCredentials(env) });
    if (code !== null) return code;
    output.message(commandHelp(name));
    return EXIT.usage;
  } catch (error) {
    return report(error, output);
  }
}

/** Whatever a command writes, nothing in it is hidden from whoever reads it in a terminal. */
function shown(output: Output): Output {
  return {
    ...output,
    result: (text) => output.result(visible(text)),
    message: (text) => output.message(visible(text)),
    ask: output.ask && ((question) => output.ask?.(visible(question)) ?? Promise.resolve('')),
  };
}

/** A public key is base64url and may begin with a hyphen: behind `--key` it is its value all the same. */
const PUBLIC_KEY = /^[\w-]{43}$/;

function withKey(argv: readonly string[]): string[] {
  const at = argv.indexOf('--key');
  const key = argv[at + 1] ?? '';
  return at < 0 || !PUBLIC_KEY.test(key) ? [...argv] : argv.toSpliced(at, 2, `--key=${key}`);
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: withKey(argv), options: OPTIONS, allowPositionals: true, strict: true });
}

const help = async ({ words: [name], output }: Pick<Invocation, 'words' | 'output'>): Promise<number> => {
  if (name !== undefined && !isCommand(name)) return unknown(name, output);
  await output.result(name === undefined ? helpText() : commandHelp(name));
  return EXIT.done;
};

function unknown(name: string, output: Output): number {
  const close = nearest(name, Object.keys(COMMANDS));
  output.message(
    `There is no command ${JSON.stringify(name)}.${close ? ` Did you mean: slipway ${close}?` : ''}\n\n${helpText()}`,
  );
  return EXIT.usage;
}
