/** What a refusal may quote. Numbers are printed as they are, lists with commas. */
type Fact = string | number | readonly string[];
export type RefusalFacts = Readonly<Record<string, Fact>>;

/** What a person reads: what happened and why, and what to do about it. Facts are raw outside text. */
export type RefusalText = { text: string; hint?: string };

/** The facts that a sentence cannot do without, and those that it leaves out where they are not known. */
export type Given<Needed extends string, Optional extends string = never> = {
  readonly [Name in Needed]: Fact;
} & { readonly [Name in Optional]?: Fact };

/** For sentences that can do without every fact. */
export type Maybe<Optional extends string> = Given<never, Optional>;

/** A fact in a sentence. */
export function listed(value: Fact | undefined): string {
  return typeof value === 'object' ? value.join(', ') : String(value ?? '');
}

/** What a person reads, without a line of its own for what to do. */
export function inOneLine({ text, hint }: RefusalText): string {
  return hint === undefined ? text : `${text} ${hint}`;
}

/** Sentences by code. Which facts a sentence quotes is the type of its argument. */
export type RefusalCatalogue = Readonly<Record<string, (facts: never) => RefusalText>>;
