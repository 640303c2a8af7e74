import { FORMATS, type Format } from '../audit-format.ts';
import { chainInWords, exportRows, holdsEnd, sinceMs, withLedger } from '../audit-log.ts';
import { type Invocation, quietLog } from '../invocation.ts';
import { EXIT, sayWaiting } from '../output.ts';

/** `audit verify` and `audit export`. */
export async function audit(invocation: Invocation): Promise<number> {
  const { words, options, output } = invocation;
  const [what, ...rest] = words;
  const format = FORMATS.find((known) => known === (options.format ?? 'ndjson'));
  if (rest.length === 0 && format !== undefined) {
    if (what === 'verify') return verify(invocation);
    if (what === 'export') return exportAll(invocation, format);
  }
  output.message(
    `Usage: slipway audit verify [--end SEQ:HASH] [--json]\n       slipway audit export [--format ${FORMATS.join('|')}] [--service NAME] [--since 2026-11-01|7d]`,
  );
  return EXIT.usage;
}

async function exportAll({ env, options, output }: Invocation, format: Format): Promise<number> {
  const { service, since } = options;
  const filter = {
    ...(service === undefined ? {} : { service }),
    ...(since === undefined ? {} : { sinceMs: sinceMs(since, Date.now()) }),
  };
  await withLedger(env, quietLog(env), sayWaiting(output), (ledger) =>
    exportRows(ledger.auditRows(filter), format, output),
  );
  return EXIT.done;
}

async function verify({ env, options, output }: Invocation): Promise<number> {
  const { end, json } = options;
  return withLedger(env, quietLog(env), sayWaiting(output), async (ledger) => {
    const check = await ledger.verifyAudit();
    const holds = end === undefined || (await holdsEnd(ledger, end));
    if (json) {
      await output.result(`${JSON.stringify(end === undefined ? check : { ...check, holdsEnd: holds })}\n`);
    } else {
      await output.result(chainInWords(check));
      if (!holds)
        await output.result(`It does not hold the end that you noted (${end}): it was written anew.\n`);
    }
    return check.brokenAt === null && holds ? EXIT.done : EXIT.refused;
  });
}
