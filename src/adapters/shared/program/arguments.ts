import { visible } from '../../../domain/text/visible.ts';

type Facts = Readonly<Record<string, string | undefined>>;

/** What cannot be given to a program; whole as a part of a sentence: `the feature “--output=x” begins with a dash…`. */
export class UnsafeArgument extends Error {
  override readonly name = 'UnsafeArgument';
}

/**
 * Facts, by their names, that a program may be given at all, as arguments or as variables of its environment. Throws
 * UnsafeArgument for one with a line end or another control character in it.
 */
export function mustBePlain(facts: Facts): void {
  for (const [name, value] of Object.entries(facts)) {
    if (value !== undefined && /\p{Cc}/u.test(value)) {
      throw new UnsafeArgument(`${named(name, value)} has a line end or another control character in it`);
    }
  }
}

/**
 * Arguments with `{name}` filled in for each fact; other braces stay as they are. A fact cannot become an option, or
 * lead to another program, and within a script (`sh -c "check {feature}"`, `ssh host "deploy {tag}"`) it is one plain word:
 * throws UnsafeArgument. Facts that are missing are left empty.
 */
export function fillInArguments(argv: readonly string[], facts: Facts): string[] {
  mustBePlain(facts);
  return argv.map((template, index) => {
    const filled = fillInText(template, facts);
    if (filled === template) return template;
    const [name = ''] = namesIn(template, facts);
    if (filled.startsWith('-') && !template.startsWith('-')) {
      const program = argv[0] ?? '';
      const how = `begins with a dash, so that ${program} would take it for an option`;
      throw new UnsafeArgument(`${named(name, facts[name] ?? '')} ${how}`);
    }
    if (isScript(template, argv.slice(0, index))) mustBeWords(namesIn(template, facts), facts);
    if (index === 0) mustNotLeadAway(namesIn(template, facts), facts);
    return filled;
  });
}

/** Which facts a text names. */
function namesIn(text: string, facts: Facts): readonly string[] {
  return [...text.matchAll(PLACEHOLDER)].flatMap(([, name = '']) =>
    Object.hasOwn(facts, name) ? [name] : [],
  );
}

const PLACEHOLDER = /\{([a-z]+)\}/g;

function fillInText(text: string, facts: Facts): string {
  return text.replace(PLACEHOLDER, (whole, name: string) =>
    Object.hasOwn(facts, name) ? (facts[name] ?? '') : whole,
  );
}

/** What hands its next argument to a shell or to another interpreter: `-c`, `-ec`, `-e`, `--eval`, `/c`. */
const TAKES_SCRIPT = /^(?:-[a-z]*[cer]|--?(?:command|eval|exec|execute)|\/[ck])$/i;
/** What gives all of its arguments to a shell elsewhere, as one line. */
const FAR_SHELL = /(?:^|\/)(?:ssh|rsh|mosh|eval)$/;
/** Nothing in it means anything to a shell, and it is no option. */
const WORD = /^(?!-)[\p{L}\p{N}\p{M}._@:+/=,-]*$/u;

/** Whether an argument is more than a value: some program will read it as words, or run it. */
function isScript(template: string, before: readonly string[]): boolean {
  if (TAKES_SCRIPT.test(before.at(-1) ?? '') || before.some((one) => FAR_SHELL.test(one))) return true;
  return /[\s;&|<>()$`"'\\]/.test(template.replace(PLACEHOLDER, ''));
}

function mustBeWords(names: readonly string[], facts: Facts): void {
  for (const name of names) {
    const value = facts[name] ?? '';
    if (WORD.test(value)) continue;
    const how = 'would be more than a word in the script that it stands in';
    const instead = `read $SLIPWAY_${name.toUpperCase()} there, in quotes, or give it as an argument of its own`;
    throw new UnsafeArgument(`${named(name, value)} ${how}: ${instead}`);
  }
}

function mustNotLeadAway(names: readonly string[], facts: Facts): void {
  for (const name of names) {
    const value = facts[name] ?? '';
    if (value.includes('/') || value === '..') {
      throw new UnsafeArgument(`${named(name, value)} would lead to another program`);
    }
  }
}

function named(name: string, value: string): string {
  return `the ${name} “${visible(value.replaceAll(/[\n\t]/g, ' ')).slice(0, 80)}”`;
}
