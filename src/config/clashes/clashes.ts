import type { AdapterTables } from '../../adapters/tables.ts';
import { likelyTag, tagOf } from '../../domain/release/tag-form.ts';
import type { Fault } from '../problems.ts';
import type { ServiceConfig } from '../service-config.ts';
import { sameDeployments } from './same-deployments.ts';
import { repositoryName } from './same-repository.ts';

/** What cannot be meant between services. */
export function clashes(services: ReadonlyMap<string, ServiceConfig<AdapterTables>>): readonly Fault[] {
  return [...sameTags(services), ...sameChangelogs(services), ...sameDeployments(services)];
}

type Services = ReadonlyMap<string, ServiceConfig<AdapterTables>>;

function sameTags(services: Services): readonly Fault[] {
  return doubles(services, (config) => [repositoryName(config), tagOf(config.service, '')]).map(
    ([name, other, { service }]) => ({
      at: ['services', name, 'version', 'tag-prefix'],
      key: false,
      message: `${name} and ${other} would cut the same tags (${likelyTag(service)}) in one repository`,
      expected: 'a prefix of its own for each service of a repository',
      example: `tag-prefix: ${name}-v`,
    }),
  );
}

/** Services that share a repository by their paths have a changelog each, as the entries of one are not the other's. */
function sameChangelogs(services: Services): readonly Fault[] {
  return doubles(services, (config) => [
    repositoryName(config),
    config.service.branch,
    config.service.changelog,
  ]).flatMap(([name, other, { service }]): Fault[] => {
    const { changelog, paths } = service;
    if (paths === undefined && services.get(other)?.service.paths === undefined) return [];
    return [
      {
        at: ['services', name, 'version', 'changelog'],
        key: false,
        message: `${name} and ${other} would write the same changelog (${changelog}) in one repository`,
        expected: 'a file of its own for each service with paths',
        example: `changelog: ${name}/CHANGELOG.md`,
      },
    ];
  });
}

/** Services for which the same comes out, each with the last one before it. */
function doubles(
  services: Services,
  of: (config: ServiceConfig<AdapterTables>) => unknown,
): readonly (readonly [name: string, other: string, config: ServiceConfig<AdapterTables>])[] {
  const seen = new Map<string, string>();
  return [...services].flatMap(([name, config]) => {
    const key = JSON.stringify(of(config));
    const other = seen.get(key);
    seen.set(key, name);
    return other === undefined ? [] : [[name, other, config] as const];
  });
}
