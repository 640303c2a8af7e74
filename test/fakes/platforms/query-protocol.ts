import type { Reply } from '../../../demo/platform/fake-platform.ts';

type Value = string | number | boolean | Value[] | { [name: string]: Value };

/**
 * What a form of AWS's query protocol says, as the JSON protocol would have it: `Rules.member.1.Arn` is the member of a list.
 * The action is told by the address here; a version other than the expected one is left, as a parameter that nobody knows.
 */
export function readForm(text: string, version: string): unknown {
  const form = [...new URLSearchParams(text)].filter(
    ([name, value]) => name !== 'Action' && !(name === 'Version' && value === version),
  );
  return form.reduce<Value>((all, [name, value]) => withValue(all, name.split('.'), value), {});
}

export function actionIn(text: string): string {
  return new URLSearchParams(text).get('Action') ?? '';
}

/** An answer of the query protocol; a failure is one with `__type`. */
export function writtenInXml({ body, ...reply }: Reply, action: string): Reply {
  const { __type: type, message = '' } = (body ?? {}) as { __type?: string; message?: string };
  const id = '<RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId>';
  const headers = { ...reply.headers, 'content-type': 'text/xml' };
  if (type !== undefined) {
    const code = (type.split('#').at(-1) ?? '').replace(/Exception$/, '');
    const error = `<Type>Sender</Type>${element('Code', code)}${element('Message', message)}`;
    return { ...reply, headers, text: `<ErrorResponse><Error>${error}</Error>${id}</ErrorResponse>` };
  }
  const result = element(`${action}Result`, JSON.parse(JSON.stringify(body ?? {})) as Value);
  const text = `<${action}Response>${result}<ResponseMetadata>${id}</ResponseMetadata></${action}Response>`;
  return { ...reply, headers, text };
}

function withValue(into: Value, [name = '', ...rest]: readonly string[], text: string): Value {
  if (name === 'member') {
    const [place = '', ...below] = rest;
    const list = Array.isArray(into) ? [...into] : [];
    const index = Number(place) - 1;
    list[index] = withValue(list[index] ?? {}, below, text);
    return list;
  }
  if (name === '') return scalar(text);
  const object = into as { [name: string]: Value };
  return { ...object, [name]: withValue(object[name] ?? {}, rest, text) };
}

function scalar(text: string): Value {
  if (text === 'true' || text === 'false') return text === 'true';
  return /^\d{1,9}$/.test(text) ? Number(text) : text;
}

function element(name: string, value: Value): string {
  if (Array.isArray(value))
    return `<${name}>${value.map((one) => element('member', one)).join('')}</${name}>`;
  const inner =
    typeof value === 'object'
      ? Object.entries(value)
          .map(([key, one]) => element(key, one))
          .join('')
      : String(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  return `<${name}>${inner}</${name}>`;
}
