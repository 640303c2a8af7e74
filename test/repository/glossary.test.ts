import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const GLOSSARY = readFileSync(join(ROOT, 'docs/glossary.md'), 'utf8');

/** Words in bold, in their order. */
const words = [...GLOSSARY.matchAll(/\*\*([^*]+)\*\*/g)].map(([, word = '']) => word);
/** Types in brackets. */
const types = [...GLOSSARY.matchAll(/\(`([A-Z]\w+)`\)/g)].map(([, type = '']) => type);
const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => ({ name, text: readFileSync(join(ROOT, 'src', name), 'utf8') }));

describe('the glossary', () => {
  test('defines each word once', () => {
    expect(words.length).toBeGreaterThan(50);
    expect(words.filter((word, index) => words.indexOf(word) !== index)).toEqual([]);
  });

  test.each(types)('%s is the name of one type', (type) => {
    const declared = new RegExp(`^export (?:interface|type|class) ${type}\\b`, 'm');
    const files = sources.flatMap(({ name, text }) => (declared.test(text) ? [name] : []));
    expect(files).toHaveLength(1);
  });

  test('no two exported types have one name', () => {
    const names = sources.flatMap(({ text }) =>
      [...text.matchAll(/^export (?:interface|type|class) (\w+)/gm)].map(([, name = '']) => name),
    );
    expect(names.length).toBeGreaterThan(300);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
