import type { Logger } from 'pino';
import type { Repository } from '../../adapters/repositories/port.ts';
import type { SharedInstances } from '../../adapters/shared/shared-instances.ts';
import { type Config, configOf, readKnownSources, readSources } from '../../config/load.ts';
import type { ConfigSources } from '../../config/parse.ts';
import { invalid } from '../../config/problems.ts';
import { homeOf, type RemoteService, type RepositoryText } from '../../config/remote-services.ts';
import { wholeText } from '../../config/repository-file.ts';
import type { ConfigWithVariables } from '../../config/variables.ts';
import { Refusal, Unavailable } from '../../domain/refusals/refusal.ts';
import { adapterContext } from '../services.ts';
import { readInForce } from './in-force.ts';

export interface ConfigLoading {
  readonly env: NodeJS.ProcessEnv;
  readonly log: Logger;
  readonly shared: SharedInstances;
}

/** A config with the files of repositories, and why some of these are not as they are now. */
export interface WholeConfig {
  readonly config: Config;
  /** Of this machine. */
  readonly sources: ConfigSources;
  /** The files that are taken, by service. */
  readonly files: ReadonlyMap<string, RepositoryText>;
  readonly troubles: ReadonlyMap<string, Refusal | Unavailable>;
}

/** So many repositories are asked at a time. */
const AT_ONCE = 8;

/** Whether the file of a service is read; `isKnown`: it was taken before, from the same place. */
type Wanted = (service: string, isKnown: boolean) => boolean;

/**
 * Reads the config with the files of repositories: each as it is now, or the one that was taken `before` from the same
 * repository, branch and path where that is bad or cannot be read. A service without a good one is left out. Only the files of
 * `wanted` services are read. Refusals of `loadConfig`.
 */
export async function loadWhole(
  path: string,
  around: ConfigLoading,
  before: Pick<WholeConfig, 'sources' | 'files'>,
  wanted: Wanted,
): Promise<WholeConfig> {
  const sources = await readSources(path, before.sources);
  const central = await configOf(path, sources);
  return withFiles(central, sources, around, before.files, wanted);
}

async function withFiles(
  central: Config,
  sources: ConfigSources,
  around: ConfigLoading,
  before: ReadonlyMap<string, RepositoryText>,
  wanted: Wanted,
): Promise<WholeConfig> {
  if (central.remote.size === 0) return { config: central, sources, files: new Map(), troubles: new Map() };
  const troubles = new Map<string, Refusal | Unavailable>();
  const homes = new Map([...central.remote].map(([name, remote]) => [name, homeOf(remote)] as const));
  const known = new Map([...before].filter(([name, { home }]) => homes.get(name) === home));
  const files = new Map(known);
  const asked = [...central.remote].filter(([name]) => wanted(name, known.has(name)));
  const queue = asked.values();
  const worker = async () => {
    for (const [name, remote] of queue) {
      try {
        files.set(name, await fileOf(central, name, remote, around));
      } catch (error) {
        if (!(error instanceof Refusal) && !(error instanceof Unavailable)) throw error;
        troubles.set(name, error);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const config = await configOf(central.file, sources, files);
  if (config.refused.size === 0) return { config, sources, files, troubles };
  for (const [name, refusal] of config.refused) {
    troubles.set(name, refusal);
    const last = known.get(name);
    if (last === undefined || last.text === files.get(name)?.text) files.delete(name);
    else files.set(name, last);
  }
  const kept = await configOf(central.file, sources, files);
  return { config: kept, sources, files: without(files, kept.refused), troubles };
}

/** The same for a process that begins: what is kept of the last one stands in for what cannot be read. */
export async function loadAtStart(
  path: string,
  around: ConfigLoading,
  wanted: Wanted = () => true,
  read?: ConfigSources,
): Promise<WholeConfig> {
  const sources = read ?? (await readSources(path));
  const central = await configOf(path, sources);
  const before = new Map(central.remote.size === 0 ? [] : Object.entries(readInForce(central)?.files ?? {}));
  const whole = await withFiles(central, sources, around, before, wanted);
  for (const [service, err] of whole.troubles) {
    around.log.error({ err, service }, `what the repository of ${service} says is not taken`);
  }
  return whole;
}

/** The same for the bot, which keeps in its data folder what its next start needs to be quick. */
export async function loadForBot(path: string, around: ConfigLoading): Promise<WholeConfig> {
  const { sources, keep } = await readKnownSources(path);
  const whole = await loadAtStart(path, around, undefined, sources);
  try {
    keep(whole.config.dataDir);
  } catch (err) {
    around.log.warn({ err }, 'the next start reads all of the configuration anew');
  }
  return whole;
}

/** The config without what repositories say. */
export function centralOf(config: Config): ConfigWithVariables {
  const { audit, operations, webhooks, services, remote } = config;
  const central = [...remote].map(([name, one]) => [name, one.central] as const);
  return { audit, operations, webhooks, services: new Map([...services, ...central]) };
}

/** Refusals of the repository, `repository-config-missing`, and `config-invalid` for what is no text of its size. */
async function fileOf(
  config: Config,
  name: string,
  remote: RemoteService,
  around: ConfigLoading,
): Promise<RepositoryText> {
  const { from, central } = remote;
  const context = adapterContext(config, name, around.env, around.log, around.shared);
  const repository: Repository = config.adapters.repositories.open(central.repository, context);
  const { branch } = central.service;
  const tip = (await repository.refs()).branches[branch];
  if (tip === undefined) throw new Refusal('branch-missing', { branch });
  const [blob] = await repository.read(tip, [from.file]);
  if (!blob) throw new Refusal('repository-config-missing', { service: name, file: from.file, branch });
  const file = `${name}@${tip.slice(0, 7)}/${from.file}`;
  const read = wholeText(blob.bytes);
  if ('fault' in read) throw invalid(file, [{ file, line: 1, column: 1, path: '', message: read.fault }]);
  return { file, text: read.text, home: homeOf(remote) };
}

function without<T>(
  map: ReadonlyMap<string, T>,
  others: ReadonlyMap<string, unknown>,
): ReadonlyMap<string, T> {
  return new Map([...map].filter(([name]) => !others.has(name)));
}
