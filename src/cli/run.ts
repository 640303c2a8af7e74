import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { pino } from 'pino';
import { logLevel } from '../config/log-level.ts';
import { allPassed } from '../domain/gates/gate.ts';
import { nearest } from '../domain/text/nearest.ts';
import { COMMANDS, type CommandName, helpText } from './help.ts';
import { EXIT, type Output, report, sayWaiting } from './output.ts';

interface Invocation {
  readonly words: readonly string[];
  readonly options: {
    readonly json?: boolean | undefined;
    readonly markdown?: boolean | undefined;
    readonly feature?: string | undefined;
    readonly bump?: string | undefined;
    readonly format?: string | undefined;
    readonly service?: string | undefined;
    readonly since?: string | undefined;
    readonly end?: string | undefined;
  };
  readonly env: NodeJS.ProcessEnv;
  readonly output: Output;
}

const OPTIONS = {
  json: { type: 'boolean' },
  markdown: { type: 'boolean' },
  feature: { type: 'string' },
  bump: { type: 'string' },
  format: { type: 'string' },
  service: { type: 'string' },
  since: { type: 'string' },
  end: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** How long a bot that has stopped may take to end by itself. */
const LINGER_MS = 1_000;

const BUMPS = ['auto', 'major', 'minor', 'patch'] as const;

// Each command loads what it needs when it runs, so that `help` and `schema` answer at once.
const HANDLERS: Readonly<Record<CommandName, (invocation: Invocation) => Promise<number>>> = {
  start,
  doctor,
  plan,
  schema,
  audit,
  help: async ({ output }) => {
    output.result(helpText());
    return EXIT.done;
  },
};

/** Runs one command; answers with the exit code. Never throws. */
export async function runCli(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
): Promise<number> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    // Node's own first sentence says it; its advice on positional arguments helps nobody here.
    const [said = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
    output.message(`${said}.\n\n${helpText()}`);
    return EXIT.usage;
  }
  const { values, positionals } = parsed;
  const [name = 'help', ...words] = positionals;
  if (values.help || !Object.hasOwn(COMMANDS, name)) {
    if (values.help) return HANDLERS.help({ words, options: {}, env, output });
    const close = nearest(name, Object.keys(COMMANDS));
    output.message(
      `There is no command ${JSON.stringify(name)}.${close ? ` Did you mean: slipway ${close}?` : ''}\n\n${helpText()}`,
    );
    return EXIT.usage;
  }
  try {
    return await HANDLERS[name as CommandName]({ words, options: values, env, output });
  } catch (error) {
    return report(error, output);
  }
}

function parse(argv: readonly string[]) {
  return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
}

async function start({ env, output }: Invocation): Promise<number> {
  // From the very beginning: a start that is broken off must not leave a database server behind.
  const told = new AbortController();
  const asked = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        output.message(`${signal}: stopping. Promotions go on at the next start.`);
        told.abort();
        resolve();
      });
    }
  });
  const { startApp } = await import('../app.ts');
  // A bot waits most of the time: from here on the heap stays close to what is in use instead of growing for speed,
  // which makes the process a third smaller after a promotion. Loading the modules would only be slower with it.
  setFlagsFromString('--optimize-for-size');
  try {
    const app = await startApp(env, told.signal);
    await asked;
    await app.stop();
  } catch (error) {
    if (error !== told.signal.reason) throw error;
  }
  // Answers that are still awaited, from a Slack that is silent say, are of no use to anybody now.
  setTimeout(() => process.exit(), LINGER_MS).unref();
  return EXIT.done;
}

async function doctor({ env, options, output }: Invocation): Promise<number> {
  const { examineInstallation } = await import('../doctor/doctor.ts');
  const { findingsText } = await import('../doctor/text.ts');
  const findings = await examineInstallation(env);
  output.result(options.json ? `${JSON.stringify(findings, null, 2)}\n` : findingsText(findings));
  return findings.some(({ status }) => status === 'problem') ? EXIT.refused : EXIT.done;
}

async function plan({ words, env, options, output }: Invocation): Promise<number> {
  const [service, ...rest] = words;
  const bump = BUMPS.find((known) => known === (options.bump ?? 'auto'));
  if (service === undefined || rest.length > 0 || bump === undefined) {
    output.message(`Usage: slipway plan SERVICE [--feature 014-name] [--bump ${BUMPS.join('|')}] [--json]`);
    return EXIT.usage;
  }
  const { inspectService } = await import('./plan.ts');
  const { planText } = await import('./plan-text.ts');
  const request = { service, bump, ...(options.feature === undefined ? {} : { feature: options.feature }) };
  const inspection = await inspectService(env, request, quietLog(env), sayWaiting(output));
  output.result(options.json ? `${JSON.stringify(inspection, null, 2)}\n` : planText(inspection));
  return allPassed(inspection.gates) && !inspection.lowerBump ? EXIT.done : EXIT.refused;
}

async function schema({ options, output }: Invocation): Promise<number> {
  if (options.markdown) {
    const { configurationMarkdown } = await import('../config/documentation.ts');
    output.result(configurationMarkdown());
  } else {
    const { configJsonSchema } = await import('../config/json-schema.ts');
    output.result(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  }
  return EXIT.done;
}

async function audit({ words, env, options, output }: Invocation): Promise<number> {
  const [what, ...rest] = words;
  const { FORMATS } = await import('./audit-format.ts');
  const format = FORMATS.find((known) => known === (options.format ?? 'ndjson'));
  if ((what !== 'verify' && what !== 'export') || rest.length > 0 || format === undefined) {
    output.message(
      `Usage: slipway audit verify [--end SEQ:HASH] [--json]\n       slipway audit export [--format ${FORMATS.join('|')}] [--service NAME] [--since 2026-11-01|7d]`,
    );
    return EXIT.usage;
  }
  const { withLedger, exportRows, sinceMs, chainInWords, holdsEnd } = await import('./audit.ts');
  const { service, since, end } = options;
  const onWait = sayWaiting(output);
  if (what === 'export') {
    const filter = {
      ...(service === undefined ? {} : { service }),
      ...(since === undefined ? {} : { sinceMs: sinceMs(since, Date.now()) }),
    };
    await withLedger(env, quietLog(env), onWait, (ledger) =>
      exportRows(ledger.auditRows(filter), format, output),
    );
    return EXIT.done;
  }
  return withLedger(env, quietLog(env), onWait, async (ledger) => {
    const check = await ledger.verifyAudit();
    const holds = end === undefined || (await holdsEnd(ledger, end));
    const isWhole = check.brokenAt === null && holds;
    if (options.json) {
      await output.result(`${JSON.stringify(end === undefined ? check : { ...check, holdsEnd: holds })}\n`);
    } else {
      await output.result(chainInWords(check));
      if (!holds)
        await output.result(`It does not hold the end that you noted (${end}): it was written anew.\n`);
    }
    return isWhole ? EXIT.done : EXIT.refused;
  });
}

/** Commands print their result, not a log; LOG_LEVEL brings it back, on stderr. */
function quietLog(env: NodeJS.ProcessEnv) {
  return pino({ level: logLevel(env, 'silent') }, pino.destination(2));
}
