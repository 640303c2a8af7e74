import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { Path } from '../../config/document.ts';
import { textHash, writtenBeside } from '../../config/files/whole-file.ts';
import { mergedSettings } from '../../config/layers.ts';
import type { Config } from '../../config/load.ts';
import type { RepositoryText } from '../../config/remote-services.ts';
import { looksRandom } from '../../config/secrets.ts';

/** Of a thousand services these are many: each is looked at, and nothing is copied. */
const Texts = z.custom<Readonly<Record<string, string>>>(
  (value) =>
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((one) => typeof one === 'string'),
);
/** Without a home it is from before this was kept, and of no use. */
const RepositoryTextShape = z.object({ file: z.string(), text: z.string(), home: z.string().default('') });
const Shape = z.object({
  /** sha256 of each file, hex. */
  hashes: Texts,
  /** Each setting by its path, as JSON. */
  settings: Texts,
  /** The files of repositories that were taken, by service. */
  files: z.record(z.string(), RepositoryTextShape),
  /** Settings of services that no file has any more, while a promotion of them is open. */
  left: Texts.default({}),
});

/** The configuration that a process of this data folder took last. */
export type InForce = z.infer<typeof Shape>;

interface Taken {
  readonly config: Config;
  readonly files: ReadonlyMap<string, RepositoryText>;
}

/** What is different from the configuration before. */
export interface ConfigChange {
  /** By file, the sha256 before and after; null: it was or is not there. */
  readonly files: Readonly<Record<string, readonly [before: string | null, after: string | null]>>;
  /** `services.shop.approvals.required: 1 → 2` */
  readonly settings: readonly string[];
}

const MOST_SAID = 50;
const LONGEST = 60;
const ADDRESS = /[a-z][a-z0-9+.-]*:\/\/\S+/gi;

/** Of each file, its sha256, hex. */
export function hashesOf({ texts }: Pick<Config, 'texts'>): InForce['hashes'] {
  return Object.fromEntries(texts.map(({ file, text }) => [nameOf(file), textHash(text)]));
}

export function inForce({ config, files }: Taken): InForce {
  const { slack, data, audit, operations, webhooks, freeze, keepMs, layers } = config;
  const services = Object.fromEntries(
    [...layers].map(([name, own]) => [name, mergedSettings(own).whole] as const),
  );
  return {
    hashes: hashesOf(config),
    settings: Object.fromEntries(
      leaves({ slack, data, audit, operations, webhooks, freeze, keepMs, services }).map(([at, json]) => [
        at.join('.'),
        json,
      ]),
    ),
    files: Object.fromEntries(files),
    left: {},
  };
}

/** What changed, or null when nothing did. */
export function changeBetween(before: InForce, after: InForce): ConfigChange | null {
  const files = Object.fromEntries(
    differing(before.hashes, after.hashes).map(
      (file) => [file, [before.hashes[file] ?? null, after.hashes[file] ?? null]] as const,
    ),
  );
  const paths = differing(before.settings, after.settings);
  if (paths.length === 0 && Object.keys(files).length === 0) return null;
  const said = paths
    .slice(0, MOST_SAID)
    .map((path) => `${path}: ${shown(path, before.settings[path])} → ${shown(path, after.settings[path])}`);
  const more = paths.length - said.length;
  return { files, settings: more > 0 ? [...said, `and ${more} more`] : said };
}

/** What only the next start takes. */
const AT_START = /^(?:data|audit|operations|webhooks|keepMs)\b/;

/** What of the change waits for the next start, a sentence each. `moved`: the data folder is another one. */
export function atStart(before: InForce, after: InForce, moved: boolean): readonly string[] {
  const isWaiting = differing(before.settings, after.settings).some((path) => AT_START.test(path));
  return [
    ...(isWaiting ? ['data, audit, operations, webhooks and keep hold from the next start on.'] : []),
    ...(moved
      ? ['data names another folder: move the present one there before the next start, while no bot runs.']
      : []),
  ];
}

/** Null where none was taken yet, or what is kept of it cannot be read. */
export function readInForce(config: Pick<Config, 'dataDir'>): InForce | null {
  const file = fileIn(config);
  if (!existsSync(file)) return null;
  try {
    return Shape.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** Writes it down, where the disk takes it; it holds once what is returned is called. */
export function writeInForce(config: Pick<Config, 'dataDir'>, state: InForce): () => void {
  const file = fileIn(config);
  mkdirSync(dirname(file), { recursive: true });
  return writtenBeside(file, state);
}

function fileIn({ dataDir }: Pick<Config, 'dataDir'>): string {
  return join(dataDir, 'config.json');
}

/** A file of a repository is the same one at each commit. */
function nameOf(file: string): string {
  return file.replace(/@[0-9a-f]{7}\//, ':');
}

function differing(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): readonly string[] {
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((key) => a[key] !== b[key]).sort();
}

/** What may be a secret is not said, as may be a part of an address behind its host. */
function shown(path: string, value: string | undefined): string {
  if (value === undefined) return 'nothing';
  if (value.length > LONGEST || /headers|env|secret/i.test(path) || looksRandom(value))
    return 'another value';
  const leaf: unknown = JSON.parse(value);
  return typeof leaf === 'string' ? JSON.stringify(leaf.replaceAll(ADDRESS, originOf)) : value;
}

function originOf(address: string): string {
  if (!URL.canParse(address)) return '…';
  const { protocol, host } = new URL(address);
  const origin = `${protocol}//${host}`;
  return address === origin ? origin : `${origin}/…`;
}

/** Each value with its path, as JSON. */
export function leaves(value: unknown, path: Path = []): (readonly [path: Path, json: string])[] {
  if (value === undefined) return [];
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  if (entries.length === 0) return [[path, JSON.stringify(value)]];
  return entries.flatMap(([key, inner]) =>
    leaves(inner, [...path, Array.isArray(value) ? Number(key) : key]),
  );
}
