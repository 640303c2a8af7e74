import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** The settings of one profile, from `credentials` and `config` together; the former come first. */
export type AwsProfile = Readonly<Record<string, string>>;

/** Reads the files that the command line of AWS writes too; none where there are none. */
export async function readProfiles(
  variable: (name: string) => string | undefined,
): Promise<ReadonlyMap<string, AwsProfile>> {
  const home = join(homedir(), '.aws');
  const [credentials, config] = await Promise.all(
    [
      variable('AWS_SHARED_CREDENTIALS_FILE') ?? join(home, 'credentials'),
      variable('AWS_CONFIG_FILE') ?? join(home, 'config'),
    ].map((path) => readFile(path, 'utf8').catch(() => '')),
  );
  const profiles = new Map<string, AwsProfile>();
  for (const [section, settings] of parseSections(config ?? '')) {
    const name = section === 'default' ? section : /^profile\s+(.+)$/.exec(section)?.[1];
    if (name !== undefined) profiles.set(unquoted(name), settings);
  }
  for (const [name, settings] of parseSections(credentials ?? '')) {
    profiles.set(name, { ...profiles.get(name), ...settings });
  }
  return profiles;
}

/** `[name]` and `key = value` lines; what is indented below a key is a setting of a service, which is not needed. */
export function parseSections(text: string): ReadonlyMap<string, Readonly<Record<string, string>>> {
  const sections = new Map<string, Record<string, string>>();
  let current: Record<string, string> | null = null;
  for (const line of text.split(/\r?\n/)) {
    if (/^\s*(?:[#;]|$)/.test(line)) continue;
    const title = /^\[([^\]]*)/.exec(line)?.[1]?.trim();
    if (title !== undefined) {
      current = sections.get(title) ?? {};
      sections.set(title, current);
      continue;
    }
    const at = line.indexOf('=');
    if (current === null || at <= 0 || /^\s/.test(line)) continue;
    const key = line.slice(0, at).trim().toLowerCase();
    if (key !== '__proto__') current[key] = line.slice(at + 1).trim();
  }
  return sections;
}

function unquoted(name: string): string {
  return name.trim().replace(/^(["'])(.*)\1$/, '$2');
}
