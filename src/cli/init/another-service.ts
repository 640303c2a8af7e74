import { readFile } from 'node:fs/promises';
import { isMap, parseDocument } from 'yaml';
import { loadAdapters } from '../../adapters/tables.ts';
import { parseConfig } from '../../config/parse.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import type { Answers } from './questions.ts';

/** A configuration that is there already, with a service at least. */
export interface There {
  readonly text: string;
  readonly services: readonly string[];
  /** The channel of all services, where it names one. */
  readonly channel: unknown;
}

/** Null where there is no such file, or no configuration with a service in it. */
export async function readThere(path: string): Promise<There | null> {
  const text = await readFile(path, 'utf8').catch(() => '');
  const document = parseDocument(text, { logLevel: 'error' });
  const services = document.errors.length > 0 ? undefined : document.get('services');
  if (!isMap(services) || services.items.length === 0) return null;
  const channel = document.getIn(['slack', 'channel']);
  return { text, services: services.items.map(({ key }) => String(key)), channel };
}

/** What to paste for one service more, and what does not go together then. `whole`: a configuration of it alone. */
export async function pasteText(
  there: There,
  whole: string,
  answers: Answers,
  file: string,
): Promise<string> {
  const { service, channel, repository, deploy } = answers;
  const head = `  ${service}:\n`;
  const own = whole.slice(whole.indexOf(`\nservices:\n${head}`) + `\nservices:\n${head}`.length);
  const block = head + (channel === there.channel ? '' : `    channel: ${JSON.stringify(channel)}\n`) + own;
  const variables = [...new Set([...repository.variables, ...deploy.variables])];
  const needs = variables.length === 0 ? '' : `It takes ${variables.join(' and ')} in the environment. `;
  return `Nothing was written. Paste this into ${file}, under \`services:\`:

${block}
${needs}slipway doctor says whether all is well.
${await problemsTogether(there, block, file)}`;
}

/** Such as two services that would cut the same tags; empty when the file holds with the block in it. */
async function problemsTogether({ text }: There, block: string, file: string): Promise<string> {
  const document = parseDocument(text);
  const service = parseDocument(block);
  if (!isMap(service.contents)) return '';
  for (const { key, value } of service.contents.items) document.setIn(['services', String(key)], value);
  try {
    parseConfig(document.toString(), file, await loadAdapters());
    return '';
  } catch (error) {
    if (!(error instanceof Refusal) || error.code !== 'config-invalid') throw error;
    return `\nTogether with what is there this is wrong, so mend it as you paste:\n\n${[error.facts['problems']].flat().join('\n')}\n`;
  }
}
