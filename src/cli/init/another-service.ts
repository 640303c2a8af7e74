import { readFile } from 'node:fs/promises';
import { loadAdapters } from '../../adapters/tables.ts';
import { parseConfigDocument, recordOf } from '../../config/document.ts';
import { parseConfig } from '../../config/parse.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Answers } from './questions.ts';

type Value = Readonly<Record<string, unknown>>;

/** A configuration that is there already, with a service at least. */
export interface There {
  readonly value: Value;
  readonly services: readonly string[];
}

/** Null where there is no such file, or no configuration with a service in it. */
export async function readThere(path: string): Promise<There | null> {
  const value = settingsIn(await readFile(path, 'utf8').catch(() => ''));
  const services = Object.keys(servicesOf(value));
  return services.length === 0 ? null : { value, services };
}

function settingsIn(text: string): Value {
  const parsed = parseConfigDocument(text);
  return (parsed.kind === 'broken' ? null : recordOf(parsed.document.value)) ?? {};
}

function servicesOf({ services }: Value): Value {
  return recordOf(services) ?? {};
}

/** What to paste for one service more, and what does not go together then. `whole`: a configuration of it alone. */
export async function pasteText(
  there: There,
  whole: string,
  answers: Answers,
  file: string,
): Promise<string> {
  const { service, channel, repository, deploy } = answers;
  const head = `\nservices:\n  ${service}:\n`;
  const isOfAll = recordOf(there.value['slack'])?.['channel'] === channel;
  const own = whole.slice(whole.indexOf(head) + head.length);
  const block = `  ${service}:\n${isOfAll ? '' : `    channel: ${JSON.stringify(channel)}\n`}${own}`;
  const variables = [...new Set([...repository.variables, ...deploy.variables])];
  const needs = variables.length === 0 ? '' : `It takes ${variables.join(' and ')} in the environment. `;
  return `Nothing was written. Paste this into ${file}, under \`services:\`:

${block}
${needs}slipway doctor says whether all is well.
${await problemsTogether(there, `services:\n${block}`, file)}`;
}

/** Such as two services that would cut the same tags; empty when the file holds with the block in it. */
async function problemsTogether({ value }: There, block: string, file: string): Promise<string> {
  const services = { ...servicesOf(value), ...servicesOf(settingsIn(block)) };
  try {
    parseConfig(JSON.stringify({ ...value, services }), file, await loadAdapters());
    return '';
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'config-invalid') throw error;
    // Places are of a text that nobody sees.
    const problems = [error.facts['problems']].flat().map((one) => String(one).replace(/^\S*?:\d+:\d+ /, ''));
    return `\nTogether with what is there this is wrong, so mend it as you paste:\n\n${problems.join('\n')}\n`;
  }
}
