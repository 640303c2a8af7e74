/**
 * A service over its defaults: maps are merged key by key, everything else is replaced. Two maps that `use`
 * different kinds are not merged: their keys mean different things.
 */
export function withDefaults(
  defaults: Readonly<Record<string, unknown>>,
  own: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...defaults };
  for (const [key, value] of Object.entries(own)) {
    const below = defaults[key];
    const both = isRecord(below) && isRecord(value);
    const sameKind =
      both && (value['use'] === undefined || below['use'] === undefined || value['use'] === below['use']);
    merged[key] = both && sameKind ? withDefaults(below, value) : value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
