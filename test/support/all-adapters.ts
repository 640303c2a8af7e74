import type { AdapterContext } from '../../src/adapters/shared/context.ts';
import { type AdapterTables, loadAdapters } from '../../src/adapters/tables.ts';
import type { TargetContext } from '../../src/adapters/targets/context.ts';
import { configurationMarkdown as markdownWith } from '../../src/config/documentation.ts';
import { configJsonSchema as schemaWith } from '../../src/config/json-schema.ts';
import { type ParsedFile, parseConfig as parsedWith } from '../../src/config/parse.ts';
import type { RepositoryTexts } from '../../src/config/remote-services.ts';

/** What the program does with the kinds that a config names, here with all that there are. */
export const ADAPTERS = await loadAdapters();

const { repositories } = ADAPTERS;
export const { targets, checks, gates, metrics, alerts, logs, onCall } = ADAPTERS;

export const parseConfig = (text: string, file: string, ofRepositories?: RepositoryTexts): ParsedFile =>
  parsedWith(text, file, ADAPTERS, ofRepositories);
export const configJsonSchema = (adapters: AdapterTables = ADAPTERS) => schemaWith(adapters);
export const configurationMarkdown = (adapters: AdapterTables = ADAPTERS) => markdownWith(adapters);

/** What a target of a service with this repository is opened with. */
export function targetContext(context: AdapterContext, repository: object): TargetContext {
  return {
    ...context,
    repository: repositories.settings.parse(repository),
    tags: { tagPrefix: 'v' },
    openRepository: (settings) => repositories.open(settings, context),
  };
}
