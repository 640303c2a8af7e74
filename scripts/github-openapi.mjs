// Cuts the part of GitHub's OpenAPI description that Slipway uses out of the npm package @octokit/openapi, for the
// stateful GitHub of the demo and the tests. The package is large and not a dependency of ours:
//   npm install --prefix /tmp/openapi @octokit/openapi
//   node scripts/github-openapi.mjs /tmp/openapi/node_modules/@octokit/openapi
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const REPO = '/repos/{owner}/{repo}';
const USED = {
  '/app': ['get'],
  '/app/installations/{installation_id}': ['get'],
  '/app/installations/{installation_id}/access_tokens': ['post'],
  [REPO]: ['get'],
  [`${REPO}/activity`]: ['get'],
  [`${REPO}/actions/jobs/{job_id}/logs`]: ['get'],
  [`${REPO}/actions/runs`]: ['get'],
  [`${REPO}/actions/runs/{run_id}`]: ['get'],
  [`${REPO}/actions/runs/{run_id}/cancel`]: ['post'],
  [`${REPO}/actions/runs/{run_id}/jobs`]: ['get'],
  [`${REPO}/actions/runs/{run_id}/pending_deployments`]: ['get'],
  [`${REPO}/actions/workflows/{workflow_id}`]: ['get'],
  [`${REPO}/actions/workflows/{workflow_id}/dispatches`]: ['post'],
  [`${REPO}/actions/workflows/{workflow_id}/runs`]: ['get'],
  [`${REPO}/branches/{branch}`]: ['get'],
  [`${REPO}/check-runs/{check_run_id}/annotations`]: ['get'],
  [`${REPO}/commits`]: ['get'],
  [`${REPO}/commits/{ref}`]: ['get'],
  [`${REPO}/commits/{ref}/check-runs`]: ['get'],
  [`${REPO}/commits/{ref}/status`]: ['get'],
  [`${REPO}/commits/{commit_sha}/pulls`]: ['get'],
  [`${REPO}/compare/{basehead}`]: ['get'],
  [`${REPO}/deployments`]: ['get', 'post'],
  [`${REPO}/deployments/{deployment_id}/statuses`]: ['get', 'post'],
  [`${REPO}/git/blobs`]: ['post'],
  [`${REPO}/git/blobs/{file_sha}`]: ['get'],
  [`${REPO}/git/commits`]: ['post'],
  [`${REPO}/git/commits/{commit_sha}`]: ['get'],
  [`${REPO}/git/matching-refs/{ref}`]: ['get'],
  [`${REPO}/git/ref/{ref}`]: ['get'],
  [`${REPO}/git/refs`]: ['post'],
  [`${REPO}/git/refs/{ref}`]: ['patch', 'delete'],
  [`${REPO}/git/tags`]: ['post'],
  [`${REPO}/git/tags/{tag_sha}`]: ['get'],
  [`${REPO}/git/trees`]: ['post'],
  [`${REPO}/git/trees/{tree_sha}`]: ['get'],
  [`${REPO}/installation`]: ['get'],
  [`${REPO}/issues`]: ['get'],
  [`${REPO}/pulls`]: ['get', 'post'],
  [`${REPO}/pulls/{pull_number}`]: ['get', 'patch'],
  [`${REPO}/pulls/{pull_number}/merge`]: ['put'],
  [`${REPO}/releases`]: ['get', 'post'],
  [`${REPO}/immutable-releases`]: ['get'],
  [`${REPO}/releases/tags/{tag}`]: ['get'],
  [`${REPO}/releases/{release_id}`]: ['patch'],
  [`${REPO}/rules/branches/{branch}`]: ['get'],
  [`${REPO}/rulesets`]: ['get'],
  [`${REPO}/rulesets/{ruleset_id}`]: ['get'],
  [`${REPO}/tags`]: ['get'],
  [`${REPO}/tarball/{ref}`]: ['get'],
};
const WORDS = new Set([
  'description',
  'example',
  'examples',
  'summary',
  'externalDocs',
  'title',
  'deprecated',
  'default',
]);

const root = process.argv[2];
if (!root) throw new Error('usage: node scripts/github-openapi.mjs FOLDER_OF_@octokit/openapi');
const whole = JSON.parse(readFileSync(join(root, 'generated', 'api.github.com.json'), 'utf8'));
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const schemas = {};

/**
 * JSON Schema for ajv: no prose, `nullable` as a type. `how` is `request`; `answer`, which may leave members out
 * but add none; or `part` of an answer, which other parts add members to.
 */
function slim(node, how, names = false) {
  const open = how !== 'request';
  if (Array.isArray(node)) return node.map((item) => slim(item, how));
  if (typeof node !== 'object' || node === null) return node;
  if (typeof node.$ref === 'string') return { $ref: `#/schemas/${keep(node.$ref, how)}` };
  const { nullable, ...rest } = names ? node : dropWords(node);
  const kept = {};
  for (const [key, value] of Object.entries(rest)) {
    if (open && key === 'required' && Array.isArray(value)) continue;
    kept[key] = slim(value, open ? (key === 'allOf' ? 'part' : partly(key, how)) : how, key === 'properties');
  }
  if (names) return kept;
  const alternatives = kept.allOf ?? kept.anyOf ?? kept.oneOf;
  if (open && kept.oneOf) {
    kept.anyOf = kept.oneOf; // without `required` several may fit
    delete kept.oneOf;
  }
  if (how === 'answer' && kept.properties && !alternatives && kept.additionalProperties === undefined) {
    kept.additionalProperties = false;
  }
  if (!nullable) return kept;
  if (kept.enum) kept.enum = [...kept.enum, null];
  if (typeof kept.type === 'string') return { ...kept, type: [kept.type, 'null'] };
  return { anyOf: [kept, { type: 'null' }] };
}

/** Alternatives of a part are parts; its members are whole again. */
function partly(key, how) {
  return key === 'anyOf' || key === 'oneOf' ? how : 'answer';
}

function dropWords(node) {
  return Object.fromEntries(Object.entries(node).filter(([key]) => !WORDS.has(key) && !key.startsWith('x-')));
}

function resolve(ref) {
  return ref
    .slice(2)
    .split('/')
    .reduce((at, part) => at[part.replaceAll('~1', '/')], whole);
}

function keep(ref, how) {
  const name = `${ref.split('/').at(-1)}${how === 'answer' ? '' : `:${how}`}`;
  if (!(name in schemas)) {
    schemas[name] = null;
    schemas[name] = slim(resolve(ref), how);
  }
  return name;
}

const operations = {};
for (const [path, methods] of Object.entries(USED)) {
  for (const method of methods) {
    const described = whole.paths[path]?.[method];
    if (!described) throw new Error(`${method} ${path} is not described`);
    const parameters = (described.parameters ?? []).map((parameter) => {
      const { name, in: place, required, schema } = parameter.$ref ? resolve(parameter.$ref) : parameter;
      return { name, in: place, required: required === true, schema: slim(schema, 'request') };
    });
    const body = described.requestBody?.content?.['application/json']?.schema;
    const responses = {};
    for (const [status, response] of Object.entries(described.responses)) {
      if (!/^[23]/.test(status)) continue;
      const { content } = response.$ref ? resolve(response.$ref) : response;
      const schema = content?.['application/json']?.schema;
      responses[status] = schema ? slim(schema, 'answer') : null;
    }
    operations[`${method.toUpperCase()} ${path}`] = {
      parameters,
      ...(body ? { body: slim(body, 'request'), bodyRequired: described.requestBody.required === true } : {}),
      responses,
    };
  }
}

const text = JSON.stringify({
  source:
    'https://github.com/octokit/openapi (npm package @octokit/openapi), MIT; GitHub REST API description',
  version,
  operations,
  schemas: Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => (a < b ? -1 : 1))),
});
writeFileSync(new URL('../demo/github/openapi.json', import.meta.url), `${text}\n`);
console.log(
  `${Object.keys(operations).length} operations, ${Object.keys(schemas).length} schemas, ${text.length} bytes`,
);
