/** Other options are those of esbuild. */
export function compile(
  root: string,
  entryPoints: readonly string[],
  options: { readonly folder?: string; readonly parts: string },
): Promise<void>;
export function compileAll(root: string): Promise<void>;
