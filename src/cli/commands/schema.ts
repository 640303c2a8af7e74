import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** Prints the JSON Schema of the config, or its documentation. */
export async function schema({ options, output }: Invocation): Promise<number> {
  const { loadAdapters } = await import('../../adapters/tables.ts');
  const adapters = await loadAdapters();
  if (options.markdown) {
    const { configurationMarkdown } = await import('../../config/documentation.ts');
    await output.result(configurationMarkdown(adapters));
  } else {
    const { configJsonSchema } = await import('../../config/json-schema.ts');
    // Two thirds of it would be the spaces in front of its lines.
    await output.result(`${JSON.stringify(configJsonSchema(adapters))}\n`);
  }
  return EXIT.done;
}
