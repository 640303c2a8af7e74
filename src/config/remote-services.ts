import type { Adapters, AdapterTables } from '../adapters/tables.ts';
import type { Service } from '../domain/policy/service.ts';
import { Refusal } from '../domain/refusals/refusal.ts';
import { canonicalJson } from '../domain/text/json.ts';
import { clashes } from './clashes/clashes.ts';
import { type Layers, mergedSettings, problemAt, problemOf, readSource, type SourceText } from './layers.ts';
import { invalid, type Problem } from './problems.ts';
import { notAllowed, tooMuch, weakened } from './repository-file.ts';
import type { ServiceConfig } from './service-config.ts';
import type { ServiceReader } from './service-reader.ts';
import type { FromSettings } from './settings/from.ts';

/** What the files of repositories say, by service. */
export type RepositoryTexts = ReadonlyMap<string, SourceText>;

/** The file of a repository as it was taken; `home`: of which repository and branch it is, and which file. */
export interface RepositoryText extends SourceText {
  readonly home: string;
}

/** A service that takes more settings from its own repository. */
export interface RemoteService<A extends AdapterTables = Adapters> {
  readonly from: FromSettings;
  /** By the central files alone. */
  readonly central: ServiceConfig<A>;
}

/** Where the file of a service is; what was taken elsewhere does not hold for it. */
export function homeOf({ from, central }: RemoteService<AdapterTables>): string {
  return canonicalJson([central.repository, from.file]);
}

/** Adds the services whose repository has a file that is taken; those whose file is not, with the reason. */
export function takeFiles(
  reader: ServiceReader,
  services: Map<string, ServiceConfig<AdapterTables>>,
  remote: ReadonlyMap<string, RemoteService<AdapterTables>>,
  layers: Map<string, Layers>,
  files: RepositoryTexts,
): ReadonlyMap<string, Refusal> {
  const refused = new Map<string, Refusal>();
  for (const [name, one] of remote) {
    const given = files.get(name);
    const own = layers.get(name);
    if (given === undefined || own === undefined) continue;
    const answer = withFile(reader, name, one, own, given);
    if (answer instanceof Refusal) refused.set(name, answer);
    else {
      services.set(name, answer.config);
      layers.set(name, answer.layers);
    }
  }
  // Those with a file of their repository come last, so that they are the ones that clash.
  for (const fault of clashes(services)) {
    const [, name = ''] = fault.at.map(String);
    const own = layers.get(name);
    if (own === undefined || !services.delete(name)) continue;
    refused.set(
      name,
      invalid(own.repository?.file ?? name, problemOf(own, { ...fault, at: fault.at.slice(2) })),
    );
  }
  return refused;
}

/** The service with the file of its repository, or why that is not taken. */
function withFile(
  reader: ServiceReader,
  name: string,
  { from, central }: RemoteService<AdapterTables>,
  layers: Layers,
  given: SourceText,
): { readonly config: ServiceConfig<AdapterTables>; readonly layers: Layers } | Refusal {
  const refused = (problems: readonly Problem[]) => invalid(given.file, problems);
  const start = { file: given.file, line: 1, column: 1, path: '' };
  const much = tooMuch(given.text);
  if (much !== null) return refused([{ ...start, message: much }]);
  const read = readSource(given, { isOutside: true });
  if ('problems' in read) return refused(read.problems);
  const all = { ...layers, repository: read };
  const forbidden = notAllowed(read.document.value, from).flatMap((fault) =>
    problemAt({ source: read, at: fault.at }, fault),
  );
  if (read.leaks.length + forbidden.length > 0) return refused([...read.leaks, ...forbidden]);
  const { whole } = mergedSettings(all);
  const { config, faults } = reader.read(name, whole);
  if (faults.length > 0) return refused(faults.flatMap((fault) => problemOf(all, fault)));
  if (config === undefined) throw new Error('Settings without a fault make a service.');
  const weak = weakened(central, config, from);
  if (weak !== null) return refused([{ ...start, message: weak }]);
  const known = new Set(stateNames(central.service));
  const own = stateNames(config.service).filter((path) => !known.has(path));
  const service = own.length === 0 ? config.service : { ...config.service, namedByRepository: own };
  const centralChecks = central.checks.length;
  const asked = config.checks.length > centralChecks ? { centralChecks } : {};
  return { config: { ...config, ...asked, service }, layers: all };
}

function stateNames({ featureDirs, sharedStateFiles, changelog }: Service): readonly string[] {
  return [...featureDirs, ...sharedStateFiles, changelog];
}
