import { z } from 'zod';
import { refuseSecretsInTheClear } from './in-the-clear.ts';

/** The settings of an adapter, of whatever kind: `use` names the kind, and only that kind knows the rest. */
export interface Chosen {
  readonly use: string;
}

type KindSettings = z.ZodObject<{ use: z.ZodLiteral<string> }, z.core.$ZodObjectConfig>;

/** One kind of adapter. */
export interface Kind<S extends KindSettings, Context, Port> {
  /** What the config may say; `use` is the name of the kind. */
  readonly settings: S;
  /** Connects to nothing yet. Throws a Refusal for what a person has to set up first. */
  readonly open: (settings: z.output<S>, context: Context) => Port;
}

/** All kinds of one port. */
export interface Table<Settings extends Chosen, Context, Port> {
  /** A union of what the kinds take, told apart by `use`; the config, its JSON Schema and its documentation use it. */
  readonly settings: z.ZodType<Settings>;
  /** Opens the kind that the settings name. They come from `settings` of this same table. */
  open(settings: Settings, context: Context): Port;
}

interface AnyKind {
  readonly settings: KindSettings;
  readonly open: (settings: never, context: never) => unknown;
}

type SettingsOf<K extends readonly AnyKind[]> = z.output<K[number]['settings']>;
/** What satisfies every kind of the table. */
type ContextOf<K extends readonly AnyKind[]> = K[number]['open'] extends (
  settings: never,
  context: infer C,
) => unknown
  ? C
  : never;
type PortOf<K extends readonly AnyKind[]> = ReturnType<K[number]['open']>;

export function defineKind<S extends KindSettings, Context, Port>(
  kind: Kind<S, Context, Port>,
): Kind<S, Context, Port> {
  return kind;
}

/** Makes a port's table of its kinds; their order is that of the documentation. Without a kind nothing fits it. */
export function tableOf<const K extends readonly AnyKind[]>(
  kinds: K,
): Table<SettingsOf<K>, ContextOf<K>, PortOf<K>> {
  const [first, ...others] = kinds.map(({ settings }) => settings);
  const settings = first
    ? z.discriminatedUnion('use', [first, ...others]).superRefine(refuseSecretsInTheClear)
    : z.never();
  const byName = new Map(kinds.map((kind) => [kind.settings.shape.use.value, kind]));
  return {
    settings: settings as unknown as z.ZodType<SettingsOf<K>>,
    open: (chosen, context) => {
      const kind = byName.get(chosen.use);
      if (kind === undefined) throw new Error(`No kind of this table is called ${chosen.use}.`);
      return kind.open(chosen as never, context as never) as PortOf<K>;
    },
  };
}

/** Whether a kind of this name is to be loaded. */
export type Wanted = (name: string) => boolean;

/** The kinds of one port by name, each in a module that is loaded only when it is wanted. */
export type Catalogue<K extends AnyKind> = (isWanted: Wanted) => Promise<K[]>;

/** The settings of the kinds of a catalogue. */
export type SettingsIn<C> = C extends Catalogue<infer K> ? z.output<K['settings']> : never;

type Load = (isWanted: Wanted) => Promise<AnyKind>;
type KindsIn<L extends Readonly<Record<string, Load>>> = Awaited<ReturnType<L[keyof L]>>;

/** Their order is that of the documentation. */
export function catalogueOf<const L extends Readonly<Record<string, Load>>>(
  modules: L,
): Catalogue<KindsIn<L>> {
  const all = Object.entries(modules) as [string, (isWanted: Wanted) => Promise<KindsIn<L>>][];
  return (isWanted) => Promise.all(all.flatMap(([name, load]) => (isWanted(name) ? [load(isWanted)] : [])));
}
