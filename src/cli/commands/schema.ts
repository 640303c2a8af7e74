import type { Invocation } from '../invocation.ts';
import { EXIT } from '../output.ts';

/** Prints the JSON Schema of the config, or its documentation. */
export async function schema({ options, output }: Invocation): Promise<number> {
  const { ADAPTERS } = await import('../../adapters/all.ts');
  if (options.markdown) {
    const { configurationMarkdown } = await import('../../config/documentation.ts');
    await output.result(configurationMarkdown(ADAPTERS));
  } else {
    const { configJsonSchema } = await import('../../config/json-schema.ts');
    // Two thirds of it would be the spaces in front of its lines.
    await output.result(`${JSON.stringify(configJsonSchema(ADAPTERS))}\n`);
  }
  return EXIT.done;
}
