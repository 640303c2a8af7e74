import { SharedInstances } from '../../adapters/shared/shared-instances.ts';
import { leaves } from '../../app/config/in-force.ts';
import { loadAtStart } from '../../app/config/repository-files.ts';
import { type Layers, layerWith, mergedSettings, placeIn } from '../../config/layers.ts';
import { Refusal } from '../../domain/refusals/refusal.ts';
import { type Invocation, quietLog } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** A setting as a line: `  monitor.window  "15m"  teams/web.yaml:4`. */
interface Setting {
  readonly path: string;
  /** JSON */
  readonly value: string;
  readonly from: string;
}

/** Shows what is configured for each service, and where it stands. */
export async function config({ words, env, options, output }: Invocation): Promise<number> {
  const [wanted] = words;
  const around = { env, log: quietLog(env), shared: new SharedInstances() };
  const file = env['SLIPWAY_CONFIG'] ?? 'slipway.yaml';
  const { config: read, troubles } = await loadAtStart(
    file,
    around,
    (name) => wanted === undefined || name === wanted,
  );
  const known = [...read.layers.keys()];
  if (wanted !== undefined && !known.includes(wanted))
    throw new Refusal('service-unknown', { service: wanted, known });
  const all = [...read.layers].filter(([name]) => wanted === undefined || name === wanted);
  const shown = all.map(([service, layers]) => ({ service, settings: settingsOf(layers) }));
  await output.result(
    options.json
      ? `${JSON.stringify(shown, null, 2)}\n`
      : `${shown.map(({ service, settings }) => [service, ...table(settings), ''].join('\n')).join('\n')}Everything else is as docs/configuration.md says.\n`,
  );
  const [trouble] = troubles.values();
  if (trouble) throw trouble;
  return EXIT.done;
}

function settingsOf(layers: Layers): readonly Setting[] {
  return leaves(mergedSettings(layers).whole).map(([at, value]) => {
    const layer = layerWith(layers, at);
    const place = layer && placeIn(layer);
    return { path: at.join('.'), value, from: place ? `${place.file}:${place.line}` : '' };
  });
}

function table(settings: readonly Setting[]): readonly string[] {
  const width = (of: (one: Setting) => string) => Math.max(0, ...settings.map((one) => of(one).length));
  const [paths, values] = [
    width(({ path }) => path),
    Math.min(
      40,
      width(({ value }) => value),
    ),
  ];
  return settings.map(({ path, value, from }) => `  ${path.padEnd(paths)}  ${value.padEnd(values)}  ${from}`);
}
