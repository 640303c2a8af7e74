// Cuts what Slipway uses of a platform out of the platform's published description, for the doubles of the demo and the tests:
// facts only, no prose. Descriptions are large and no dependencies of ours; whoever runs this has them as files or addresses:
//   node scripts/describe.mjs github 23.0.2 /tmp/openapi/node_modules/@octokit/openapi/generated/api.github.com.json
// The second word says which version it is. Without words it says what there is.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PLATFORMS } from './describe/platforms.mjs';
import { readAwsModels, readDiscovery, readOpenApi, withCustomResources } from './describe/readers.mjs';
import { Slimmer } from './describe/slim.mjs';

const READERS = {
  openapi: readOpenApi,
  discovery: readDiscovery,
  aws: readAwsModels,
  kubernetes: (texts) => {
    const isCustom = (text) => /^kind: CustomResourceDefinition$/m.test(text);
    return withCustomResources(readOpenApi(texts.filter((text) => !isCustom(text))), texts.filter(isCustom));
  },
};

const [name, version, ...sources] = process.argv.slice(2);
const platform = PLATFORMS[name];
if (!platform || sources.length === 0) {
  const all = Object.entries(PLATFORMS).map(([one, { of }]) => `  ${one} VERSION FILE_OR_ADDRESS…  (${of})`);
  throw new Error(`usage: node scripts/describe.mjs\n${all.join('\n')}`);
}
const texts = await Promise.all(sources.map(read));
const described = READERS[platform.reader](texts);
const { instead = {} } = platform;
const slimmer = new Slimmer((ref) => described.resolve(instead[ref] ?? ref), {
  isPartial: platform.isPartial,
  isLoose: platform.isLoose,
  into: platform.into?.trim().split(/\s+/),
});
const operations = {};
for (const line of platform.operations.trim().split('\n')) {
  const [method, path] = line.trim().split(' ');
  const operation = described.operation(method, path);
  if (!operation) throw new Error(`${method} ${path} is not described`);
  const isList = platform.lists?.includes(`${method} ${path}`);
  if (isList) operation.responses[200] = { type: 'array', items: operation.responses[200] };
  if (platform.texts?.includes(`${method} ${path}`)) operation.responses[200] = { type: 'string' };
  const also = platform.also?.[`${method} ${path}`];
  if (also) operation.responses[also] = operation.responses[201];
  operations[`${method} ${path}`] = slimmed(method, operation);
}
const text = JSON.stringify({
  source: platform.source,
  version,
  operations,
  schemas: Object.fromEntries(Object.entries(slimmer.schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
});
const to = fileURLToPath(new URL(`../${platform.to}`, import.meta.url));
mkdirSync(dirname(to), { recursive: true });
writeFileSync(to, `${text}\n`);
console.log(
  `${Object.keys(operations).length} operations, ${Object.keys(slimmer.schemas).length} schemas, ${text.length} bytes`,
);

function slimmed(method, { parameters, bodies, bodyRequired, responses }) {
  const { 'application/json': body, ...others } = bodies;
  const isPatch = platform.patches && method === 'PATCH';
  const types = Object.entries(others).map(([type, schema]) => [
    type,
    isPatch ? patchOf(type, responses['200']) : slimmer.slim(schema, 'request'),
  ]);
  const answers = Object.entries(responses)
    .filter(([status]) => /^(?:[23]|default)/.test(status))
    .map(([status, schema]) => [status, schema && slimmer.slim(schema, 'answer')]);
  if (platform.errors) answers.push(['default', slimmer.slim(platform.errors, 'answer')]);
  return {
    parameters: parameters.map((one) => ({
      ...one,
      schema: platform.isLoose && one.in === 'path' ? {} : slimmer.slim(one.schema, 'request'),
    })),
    ...(body ? { body: slimmer.slim(body, 'request'), bodyRequired } : {}),
    ...(types.length > 0 && !platform.isPartial ? { bodies: Object.fromEntries(types) } : {}),
    responses: Object.fromEntries(answers),
  };
}

/** A JSON patch (RFC 6902) is a list of changes; a merge has the form of what it changes. */
function patchOf(type, answer) {
  return type === 'application/json-patch+json' ? { type: 'array' } : slimmer.slim(answer, 'patch');
}

async function read(source) {
  if (!/^https?:/.test(source)) return readFileSync(source, 'utf8');
  const response = await fetch(source);
  if (!response.ok) throw new Error(`${source} answered ${response.status}`);
  return response.text();
}
