import { createHash } from 'node:crypto';
import type { Live } from '../../../domain/release/release.ts';
import type { Tag, TaggedDefinition, TaskDefinition } from './shapes.ts';

/** Tags of a task definition that was registered for an order. */
const ORDER = 'slipway:order';
const COMMIT = 'slipway:commit';
const VERSION = 'slipway:version';
const IMAGE = 'slipway:image';
const BEFORE = 'slipway:before';
const NOTED = [ORDER, COMMIT, VERSION, IMAGE, BEFORE];
/** Percent of the requests that its tasks were given last. */
const SHARE = 'slipway:share';

/** What AWS says of a task definition, and takes in none. */
const SAID = [
  'taskDefinitionArn',
  'revision',
  'status',
  'requiresAttributes',
  'compatibilities',
  'registeredAt',
  'registeredBy',
  'deregisteredAt',
  'deleteRequestedAt',
];

export interface EcsNote {
  readonly key: string;
  readonly commit: string;
  readonly version: string;
  readonly image: string;
  /** The task definition that the service had before. */
  readonly before: string;
}

/** A key as a tag may have it. */
export function orderTag(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 32);
}

export function isOf({ tags }: Pick<TaggedDefinition, 'tags'>, key: string): boolean {
  return tagValue(tags, ORDER) === orderTag(key);
}

export function definitionBefore({ tags }: Pick<TaggedDefinition, 'tags'>): string | undefined {
  return tagValue(tags, BEFORE);
}

/** None where none was ever given. */
export function shareNoted({ tags }: Pick<TaggedDefinition, 'tags'>): number {
  return Number(/^\d{1,2}$/.exec(tagValue(tags, SHARE) ?? '')?.[0] ?? 0);
}

export function shareNote(percent: number): readonly Tag[] {
  return [{ key: SHARE, value: String(percent) }];
}

/** The release that it was registered for; null when its containers have another image by now. */
export function releaseIn(
  { definition, tags }: TaggedDefinition,
  containers: readonly string[],
): Live | null {
  const [commit, image, version] = [COMMIT, IMAGE, VERSION].map((name) => tagValue(tags, name));
  if (!commit || !version || !imagesIn(definition, containers).every((one) => one === image)) return null;
  return { commit, version };
}

export function imagesIn(definition: TaskDefinition, containers: readonly string[]): readonly string[] {
  const chosen = definition.containerDefinitions.filter(({ name }) => containers.includes(name));
  return [...new Set(chosen.map(({ image }) => image))];
}

/** What registers it again as it is. */
export function copyOf({ definition, tags }: TaggedDefinition) {
  return {
    ...Object.fromEntries(Object.entries(definition).filter(([name]) => !SAID.includes(name))),
    tags: tags.filter(({ key }) => !/^aws:/i.test(key)),
  };
}

/** What registers it again, with that image for these containers and nothing else changed. */
export function registrationOf(
  source: TaggedDefinition,
  containers: readonly string[],
  note: EcsNote,
): Readonly<Record<string, unknown>> {
  const own = [orderTag(note.key), note.commit, note.version, note.image, note.before];
  const copy = copyOf(source);
  const kept = copy.tags.filter(({ key }) => ![...NOTED, SHARE].includes(key));
  return {
    ...copy,
    containerDefinitions: source.definition.containerDefinitions.map((one) =>
      containers.includes(one.name) ? { ...one, image: note.image } : one,
    ),
    tags: [...kept, ...NOTED.map((key, at) => ({ key, value: own[at] }))],
  };
}

function tagValue(tags: readonly Tag[], name: string): string | undefined {
  return tags.find(({ key }) => key === name)?.value ?? undefined;
}
