import type { AdapterTables } from '../adapters/tables.ts';
import { contradictions } from './contradictions.ts';
import type { FreezeSettings } from './freeze.ts';
import { impossibleImages } from './images.ts';
import { type JsonSchema, serviceJsonSchema } from './json-schema.ts';
import { faultsOf } from './problems.ts';
import { serviceSettings } from './schema.ts';
import { serviceConfig } from './service-config.ts';

/** Reads the settings of one service after the other. */
export class ServiceReader {
  readonly #adapters: AdapterTables;
  readonly #schema: ReturnType<typeof serviceSettings>;
  /** Made when something is wrong for the first time: it takes longer than many services. */
  #json: JsonSchema | undefined;
  readonly #shared: { readonly channel?: string | undefined; readonly freeze: FreezeSettings };

  constructor(
    adapters: AdapterTables,
    shared: { readonly channel?: string | undefined; readonly freeze: FreezeSettings },
  ) {
    this.#adapters = adapters;
    this.#schema = serviceSettings(adapters);
    this.#shared = shared;
  }

  read(name: string, settings: Readonly<Record<string, unknown>>) {
    const { data, error } = this.#schema.safeParse(settings);
    if (error) {
      this.#json ??= serviceJsonSchema(this.#adapters);
      return { faults: faultsOf(error.issues, settings, this.#json) };
    }
    const { channel = '', freeze } = this.#shared;
    const config = serviceConfig(name, data, { channel, freeze });
    const faults = [...contradictions(data, this.#shared), ...impossibleImages(data.target, config.service)];
    return { config, from: data.from, faults };
  }
}
