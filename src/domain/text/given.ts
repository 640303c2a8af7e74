type Given<T> = { [Key in keyof T]?: Exclude<T[Key], undefined> };

/** The fields that have a value: one that is undefined is left out, as an optional field is that is absent. */
export function given<const T extends object>(fields: T): Given<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Given<T>;
}
