import {
  Composer,
  type Document,
  type DocumentOptions,
  type ParseOptions,
  Parser,
  type SchemaOptions,
  YAMLParseError,
} from 'yaml';

/** What a parser of YAML takes its time for: ends of lines, keys, items, quotes, brackets, anchors and tags. */
const MARKS = /[\n:"'[\]{},&*!?|%]|- /g;

/**
 * Levels of maps and lists. What makes values of them calls itself for each; and where the stack ends in a regular
 * expression, the process ends: nothing can catch that.
 */
export const MOST_LEVELS = 100;

/** Why a text is not read as YAML, and the offset of that. */
export interface TooMuchYaml {
  readonly tooMuch: 'marks' | 'levels';
  readonly at: number;
}

/** Of a short text: half a second for a text of nothing else would be too long. */
const MOST_SMALL_MARKS = 6_000;

type YamlOptions = Omit<ParseOptions, 'prettyErrors'> & DocumentOptions & SchemaOptions;

/** Whether a text has more of them than that. Asked before it is parsed: a parser takes seconds for a hostile one. */
function hasMoreMarks(text: string, most: number): boolean {
  let marks = 0;
  for (const _mark of text.matchAll(MARKS)) {
    marks += 1;
    if (marks > most) return true;
  }
  return false;
}

/** The documents of a text, at least one, with their errors; or why it is not read. The only place where YAML is parsed. */
export function yamlDocuments(
  text: string,
  mostMarks: number,
  options: YamlOptions = {},
): readonly [Document.Parsed, ...Document.Parsed[]] | TooMuchYaml {
  if (hasMoreMarks(text, mostMarks)) return { tooMuch: 'marks', at: 0 };
  const parser = new ShallowParser(options.lineCounter?.addNewLine);
  const documents = new Composer(options).compose(parser.parse(text), true, text.length);
  try {
    return [...documents] as [Document.Parsed, ...Document.Parsed[]];
  } catch (error) {
    if (error instanceof TooDeep) return { tooMuch: 'levels', at: parser.offset };
    throw error;
  }
}

/** The same of a text that is one document; a second one is an error of the first. */
export function yamlDocument(
  text: string,
  mostMarks: number,
  options: YamlOptions = {},
): Document.Parsed | TooMuchYaml {
  const documents = yamlDocuments(text, mostMarks, options);
  if ('tooMuch' in documents) return documents;
  const [document, second] = documents;
  if (second) {
    const [start, end] = second.range;
    document.errors.push(new YAMLParseError([start, end], 'MULTIPLE_DOCS', 'a second document begins here'));
  }
  return document;
}

/** What a short text says as YAML; undefined for what is broken, has more than so many characters, or too much in it. */
export function smallYaml(text: string, most: number, version: '1.1' | '1.2' = '1.2'): unknown {
  if (text.length > most) return undefined;
  try {
    // Keys that are maps would be written out as text, each twice for each level.
    const document = yamlDocument(text, MOST_SMALL_MARKS, { stringKeys: true, logLevel: 'error', version });
    if ('tooMuch' in document || document.errors.length > 0) return undefined;
    return document.toJS({ maxAliasCount: 0 });
  } catch {
    return undefined;
  }
}

class TooDeep extends Error {}

/** Throws before anything is made of what is too deep. */
class ShallowParser extends Parser {
  override *next(source: string): ReturnType<Parser['next']> {
    yield* super.next(source);
    // Below them lies the document, and on top of them may be a scalar.
    if (this.stack.length > MOST_LEVELS + 2) throw new TooDeep();
  }
}
