import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const DOCKERFILE = fileURLToPath(new URL('../../deploy/docker/Dockerfile', import.meta.url));

export interface Instruction {
  readonly name: string;
  /** What stands behind it, continued lines joined. */
  readonly text: string;
}

export interface Stage {
  readonly image: string;
  /** As later stages call it. */
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

/** The stages of a Dockerfile; refuses instructions and forms that ours does not use. */
export function stagesOf(text: string): readonly Stage[] {
  const joined = text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/\\\n\s*/g, '');
  const stages: { image: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of joined.split('\n').filter((one) => one.trim() !== '')) {
    const [, name = '', rest = ''] = /^([A-Z]+) (.+)$/.exec(line) ?? [];
    if (name === 'FROM') {
      const [, image = '', as = 'last'] = /^(\S+)(?: AS (\S+))?$/.exec(rest) ?? [];
      stages.push({ image, name: as, instructions: [] });
    } else if (/^(RUN|COPY|ENV|WORKDIR|VOLUME|EXPOSE|USER|HEALTHCHECK|ENTRYPOINT|CMD)$/.test(name))
      stages.at(-1)?.instructions.push({ name, text: rest.trim() });
    else throw new Error(`not understood: ${line}`);
  }
  return stages;
}

export const stages = stagesOf(readFileSync(DOCKERFILE, 'utf8'));

/** The arguments of all instructions of that name in a stage. */
export function all(stage: Stage | undefined, name: string): readonly string[] {
  return (stage?.instructions ?? []).filter((one) => one.name === name).map(({ text }) => text);
}

/** `ENV` of a stage: one or several `NAME=value`. */
export function environmentOf(stage: Stage | undefined): Readonly<Record<string, string>> {
  const pairs = all(stage, 'ENV').flatMap((text) => text.split(/\s+/));
  return Object.fromEntries(pairs.map((pair) => pair.split(/=(.*)/s) as [string, string]));
}

/** The exec form of ENTRYPOINT and CMD, together. */
export function commandOf(stage: Stage | undefined): readonly string[] {
  return ['ENTRYPOINT', 'CMD'].flatMap((name) => JSON.parse(all(stage, name)[0] ?? '[]') as string[]);
}
