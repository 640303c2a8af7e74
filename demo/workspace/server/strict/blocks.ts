import type { SchemaName } from './block-types.ts';
import { typeProblems } from './block-types.ts';
import type { JsonObject } from './json.ts';
import { isJsonObject } from './json.ts';
import type { Limit } from './limits.ts';
import { LIMITS, MARKDOWN_TOTAL, MESSAGE_BLOCKS } from './limits.ts';
import type { Problem } from './problem.ts';
import { pointerSegment } from './problem.ts';

/** Where blocks are shown; some exist only there. */
type Surface = 'message' | 'modal' | 'home';

/** Everything Slack would refuse in the blocks of a message. `pointer` names the argument: `/blocks`. */
export function messageBlockProblems(blocks: unknown, pointer: string): Problem[] {
  const problems = typeProblems('blocks', blocks, pointer);
  if (!Array.isArray(blocks)) return problems;
  if (blocks.length > MESSAGE_BLOCKS) {
    problems.push({ message: `no more than ${MESSAGE_BLOCKS} items allowed`, pointer });
  }
  return [
    ...problems,
    ...lengthProblems(blocks, pointer),
    ...ruleProblems(blocks, pointer, 'message'),
    ...duplicates(blocks, pointer, 'message'),
  ];
}

/** Everything Slack would refuse in a view. `pointer` is `/view`. */
export function viewProblems(view: unknown, pointer: string, surface: 'modal' | 'home'): Problem[] {
  const schema: SchemaName = surface;
  const problems = typeProblems(schema, view, pointer);
  if (!isJsonObject(view) || !Array.isArray(view['blocks'])) return problems;
  const blocks = view['blocks'];
  const hasInput = blocks.some((block) => isJsonObject(block) && block['type'] === 'input');
  if (surface === 'modal' && hasInput && view['submit'] === undefined) {
    problems.push({ message: 'missing required field: submit', pointer });
  }
  return [
    ...problems,
    ...lengthProblems(view, pointer),
    ...ruleProblems(blocks, `${pointer}/blocks`, surface),
    ...duplicates(blocks, `${pointer}/blocks`, surface),
  ];
}

/** Applies the table of limits to every object inside. */
function lengthProblems(value: unknown, pointer: string): Problem[] {
  const problems: Problem[] = [];
  walk(value, pointer, (object, at) => {
    for (const [type, path, limit] of LIMITS) {
      if (type !== '*' && type !== object['type']) continue;
      for (const found of select(object, path.split('.'), at)) {
        const message = violation(found.value, limit);
        if (message !== undefined) problems.push({ message, pointer: found.pointer });
      }
    }
  });
  return unique(problems);
}

function violation(value: unknown, limit: Limit): string | undefined {
  if (limit.kind === 'url') {
    if (typeof value !== 'string' || /^(https?|slack|mailto|tel):/i.test(value)) return undefined;
    return 'must be a valid URL';
  }
  if (limit.kind === 'chars') {
    if (typeof value !== 'string') return undefined;
    if (value.length < limit.min) return `must be more than ${limit.min - 1} characters`;
    return value.length > limit.max ? `must be less than ${limit.max + 1} characters` : undefined;
  }
  if (!Array.isArray(value)) return undefined;
  if (value.length < limit.min) return `no fewer than ${limit.min} items allowed`;
  return value.length > limit.max ? `no more than ${limit.max} items allowed` : undefined;
}

interface Found {
  readonly value: unknown;
  readonly pointer: string;
}

function select(value: unknown, path: readonly string[], pointer: string): Found[] {
  const [step, ...rest] = path;
  if (step === undefined) return [{ value, pointer }];
  const each = step.endsWith('[]');
  const key = each ? step.slice(0, -2) : step;
  if (!isJsonObject(value) || value[key] === undefined) return [];
  const at = `${pointer}/${pointerSegment(key)}`;
  const next = value[key];
  if (!each) return select(next, rest, at);
  return Array.isArray(next) ? next.flatMap((item, index) => select(item, rest, `${at}/${index}`)) : [];
}

/** Rules that relate fields to each other. */
function ruleProblems(blocks: readonly unknown[], pointer: string, surface: Surface): Problem[] {
  const problems: Problem[] = [];
  const refuse = (message: string, at: string) => problems.push({ message, pointer: at });
  let tables = 0;
  let markdown = 0;
  let focused = 0;
  blocks.forEach((block, index) => {
    if (!isJsonObject(block)) return;
    const at = `${pointer}/${index}`;
    if (block['type'] === 'alert' && surface !== 'modal') refuse('unsupported type: alert', `${at}/type`);
    if (block['type'] === 'file') refuse('unsupported type: file', `${at}/type`);
    if (block['type'] === 'markdown' && surface !== 'message') {
      refuse('unsupported type: markdown', `${at}/type`);
    }
    if (block['type'] === 'table') tables += 1;
    if (block['type'] === 'markdown' && typeof block['text'] === 'string') markdown += block['text'].length;
  });
  if (tables > 1) refuse('only one table allowed', pointer);
  if (markdown > MARKDOWN_TOTAL) refuse(`must be less than ${MARKDOWN_TOTAL + 1} characters`, pointer);
  walk(blocks, pointer, (object, at) => {
    const type = object['type'];
    if (type === 'section' && object['text'] === undefined && object['fields'] === undefined) {
      refuse('missing required field: text', at);
    }
    if (type === 'image' && (object['image_url'] === undefined) === (object['slack_file'] === undefined)) {
      refuse('exactly one of image_url and slack_file must be given', at);
    }
    if (type === 'card' && !['hero_image', 'title', 'actions', 'body'].some((key) => key in object)) {
      refuse('missing required field: title', at);
    }
    if (type === 'static_select' || type === 'multi_static_select') {
      if ((object['options'] === undefined) === (object['option_groups'] === undefined)) {
        refuse('exactly one of options and option_groups must be given', at);
      }
    }
    if (object['focus_on_load'] === true) focused += 1;
    initialProblems(object, at, refuse);
  });
  if (focused > 1) refuse('only one element may have focus_on_load', pointer);
  return problems;
}

/** An initial option must be one of the options, to the letter. */
function initialProblems(
  element: JsonObject,
  at: string,
  refuse: (message: string, pointer: string) => void,
): void {
  const groups = Array.isArray(element['option_groups']) ? element['option_groups'] : [];
  const options = [
    ...(Array.isArray(element['options']) ? element['options'] : []),
    ...groups.flatMap((group) =>
      isJsonObject(group) && Array.isArray(group['options']) ? group['options'] : [],
    ),
  ].map(canonical);
  if (options.length === 0) return;
  if (new Set(options).size < options.length) refuse('options must be unique', `${at}/options`);
  const initial = element['initial_option'];
  if (initial !== undefined && !options.includes(canonical(initial))) {
    refuse('initial_option must be one of the options', `${at}/initial_option`);
  }
  const many = element['initial_options'];
  if (Array.isArray(many) && many.some((option) => !options.includes(canonical(option)))) {
    refuse('initial_options must be among the options', `${at}/initial_options`);
  }
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null';
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`).join()}}`;
}

/**
 * A block_id must be unique on its surface. An action_id must be unique in its block, and in a message in the
 * whole message: Slack only advises that, but a handler cannot tell two such buttons apart.
 */
function duplicates(blocks: readonly unknown[], pointer: string, surface: Surface): Problem[] {
  const problems: Problem[] = [];
  const blockIds = new Set<unknown>();
  const actionIds = new Map<string, string>();
  blocks.forEach((block, index) => {
    if (!isJsonObject(block)) return;
    const id = block['block_id'];
    if (id !== undefined && blockIds.has(id)) {
      problems.push({
        message: `block_id ${String(id)} already exists`,
        pointer: `${pointer}/${index}/block_id`,
      });
    }
    blockIds.add(id);
    if (surface !== 'message') actionIds.clear();
    walk(block, `${pointer}/${index}`, (object, at) => {
      const action = object['action_id'];
      if (typeof action !== 'string') return;
      if (actionIds.has(action)) {
        problems.push({ message: `action_id ${action} already exists`, pointer: `${at}/action_id` });
      }
      actionIds.set(action, at);
    });
  });
  return problems;
}

/** Every object inside, from the outside in. */
function walk(value: unknown, pointer: string, visit: (object: JsonObject, pointer: string) => void): void {
  if (Array.isArray(value)) {
    value.forEach((item, index) => {
      walk(item, `${pointer}/${index}`, visit);
    });
    return;
  }
  if (!isJsonObject(value)) return;
  visit(value, pointer);
  for (const [key, item] of Object.entries(value)) walk(item, `${pointer}/${pointerSegment(key)}`, visit);
}

/** A text inside a section breaks two rules of the table with one fault. */
function unique(problems: readonly Problem[]): Problem[] {
  const first = new Map<string, Problem>();
  for (const problem of problems) if (!first.has(problem.pointer)) first.set(problem.pointer, problem);
  return [...first.values()];
}
