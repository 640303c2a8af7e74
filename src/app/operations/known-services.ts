/**
 * The services that figures and the API know: those that are live now, and those of the configuration that were left out
 * so far. What a reload takes out is known no more. `live` is null while the bot starts or stops.
 */
export function knownServices(
  configured: readonly string[],
): (live: Iterable<string> | null) => readonly string[] {
  const wereLive = new Set<string>();
  let known = configured;
  return (live) => {
    if (live === null) return known;
    const now = new Set(live);
    for (const name of now) wereLive.add(name);
    const leftOut = configured.filter((name) => now.has(name) || !wereLive.has(name));
    known = [...new Set([...leftOut, ...now])];
    return known;
  };
}
