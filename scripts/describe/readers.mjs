// Each reader turns one kind of published description into operations, and says what is behind a reference.
// An operation: `{ parameters, bodies: { [content type]: schema }, bodyRequired, responses: { [status]: schema | null } }`.
import { parse } from 'yaml';

/** OpenAPI 3 and Swagger 2, one document or several that share their schemas. */
export function readOpenApi(texts) {
  const documents = texts.map((text) => (text.startsWith('{') ? JSON.parse(text) : parse(text)));
  const behind = (document, ref) =>
    ref
      .slice(2)
      .split('/')
      .reduce((at, part) => at?.[part.replaceAll('~1', '/')], document);
  const resolve = (ref) => {
    for (const document of documents) {
      const found = behind(document, ref);
      if (found) return found;
    }
    throw new Error(`${ref} is not described`);
  };
  const deref = (node) => (node.$ref ? resolve(node.$ref) : node);
  const operation = (method, path) => {
    for (const { paths, basePath = '' } of documents) {
      const all = paths[path] ?? paths[path.slice(basePath.length)];
      const found = all?.[method.toLowerCase()];
      if (found)
        return open(
          { ...found, parameters: [...(found.parameters ?? []), ...(all.parameters ?? [])] },
          deref,
        );
    }
    return null;
  };
  return { resolve, operation };
}

function open({ parameters, requestBody, responses }, deref) {
  const all = parameters.map(deref);
  const given = requestBody && deref(requestBody);
  const body = all.find((one) => one.in === 'body');
  const bodies = body
    ? { 'application/json': body.schema }
    : Object.fromEntries(Object.entries(given?.content ?? {}).map(([type, { schema }]) => [type, schema]));
  const answers = Object.entries(responses).map(([status, one]) => {
    const { content, schema } = deref(one);
    return [status, schema ?? content?.['application/json']?.schema ?? null];
  });
  return {
    parameters: all
      .filter((one) => one.in !== 'body')
      .map(({ name, in: place, required, schema, ...rest }) => ({
        name,
        in: place,
        required: required === true,
        schema: schema ?? typeOf(rest),
      })),
    bodies,
    bodyRequired: (body ?? given)?.required === true,
    responses: Object.fromEntries(answers),
  };
}

/** Swagger 2 has the type of a parameter beside its name. */
function typeOf({ type, format, items, enum: values }) {
  return {
    type,
    ...(format ? { format } : {}),
    ...(items ? { items } : {}),
    ...(values ? { enum: values } : {}),
  };
}

/** Custom resources of Kubernetes: what the API server makes of their definitions, by example of a Deployment. */
export function withCustomResources({ resolve, operation }, texts) {
  const schemas = {};
  const found = {};
  const meta = '#/components/schemas/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta';
  for (const text of texts) {
    const { group, names, versions } = parse(text).spec;
    for (const { name: version, schema, subresources } of versions) {
      const ref = `#/custom/${group}.${version}.${names.kind}`;
      const whole = schema.openAPIV3Schema;
      schemas[ref] = { ...whole, properties: { ...whole.properties, metadata: { $ref: meta } } };
      const path = `/apis/${group}/${version}/namespaces/{namespace}/${names.plural}/{name}`;
      found[path] = ref;
      if (subresources?.status) found[`${path}/status`] = ref;
    }
  }
  return {
    resolve: (ref) => schemas[ref] ?? resolve(ref),
    operation(method, path) {
      const ref = found[path];
      if (!ref) return operation(method, path);
      const like = operation(method, '/apis/apps/v1/namespaces/{namespace}/deployments/{name}');
      const { 'application/strategic-merge-patch+json': _, ...bodies } = like.bodies;
      return { ...like, bodies, responses: { ...like.responses, 200: { $ref: ref } } };
    },
  };
}

/** Google's discovery documents. */
export function readDiscovery(texts) {
  const documents = texts.map((text) => JSON.parse(text));
  const methodsIn = ({ methods = {}, resources = {} }) => [
    ...Object.values(methods),
    ...Object.values(resources).flatMap(methodsIn),
  ];
  const bare = ({ id: _, enumDescriptions: __, enumDeprecated: ___, type, ...schema }) =>
    type === undefined || type === 'any' ? schema : { type, ...schema };
  const pointed = (node) => {
    if (Array.isArray(node) || typeof node !== 'object' || node === null) return node;
    if (typeof node.$ref === 'string') return { ...bare(node), $ref: `#/schemas/${node.$ref}` };
    const named = Object.entries(node.properties ?? {}).map(([name, one]) => [name, pointed(one)]);
    return {
      ...bare(node),
      ...(node.properties ? { properties: Object.fromEntries(named) } : {}),
      ...(node.items ? { items: pointed(node.items) } : {}),
      ...(node.additionalProperties ? { additionalProperties: pointed(node.additionalProperties) } : {}),
    };
  };
  return {
    resolve(ref) {
      const name = ref.split('/').at(-1);
      const found = documents.find(({ schemas }) => name in schemas);
      if (!found) throw new Error(`${ref} is not described`);
      return pointed(found.schemas[name]);
    },
    operation(method, path) {
      for (const document of documents) {
        const isMeant = (one) => one.httpMethod === method && `/${one.flatPath ?? one.path}` === path;
        const found = methodsIn(document).find(isMeant);
        if (!found) continue;
        const parameters = Object.entries({ ...document.parameters, ...found.parameters });
        return {
          parameters: parameters
            .filter(([, { location }]) => location === 'query')
            .map(([name, one]) => ({ name, in: 'query', required: !!one.required, schema: typeOf(one) })),
          bodies: found.request ? { 'application/json': pointed(found.request) } : {},
          bodyRequired: found.request !== undefined,
          responses: { 200: pointed(found.response) },
        };
      }
      return null;
    },
  };
}

/** What every service of AWS may answer, by its page of common errors; the query protocol has names of its own. */
const COMMON_ERRORS = [
  'AccessDeniedException',
  'ExpiredTokenException',
  'IncompleteSignature',
  'InternalFailure',
  'InvalidSignatureException',
  'MissingAuthenticationToken',
  'RequestExpired',
  'ServiceUnavailable',
  'ThrottlingException',
  'UnrecognizedClientException',
  'ValidationException',
  'AccessDenied',
  'ExpiredToken',
  'InvalidClientTokenId',
  'InternalError',
  'SignatureDoesNotMatch',
  'Throttling',
  'ValidationError',
];

/** How requests of these protocols are written. */
const AWS_TYPES = { json: 'application/x-amz-json-1.1', query: 'application/x-www-form-urlencoded' };

/** Service models of AWS with the JSON and the query protocol; the path of an operation is its name. */
export function readAwsModels(texts) {
  const models = texts.map((text) => JSON.parse(text));
  const keyed = (index, { shape }) => ({
    $ref: `#/shapes/${models[index].metadata.serviceId.replaceAll(' ', '')}.${shape}`,
  });
  const resolve = (ref) => {
    const [service, shape] = ref.split('/').at(-1).split('.');
    const index = models.findIndex((one) => one.metadata.serviceId.replaceAll(' ', '') === service);
    return schemaOf(models[index].shapes[shape], (one) => keyed(index, one));
  };
  return {
    resolve,
    operation(_method, path) {
      const index = models.findIndex((one) => path.slice(1) in one.operations);
      if (index < 0) return null;
      const { input, output, errors = [] } = models[index].operations[path.slice(1)];
      const { metadata, shapes } = models[index];
      const names = [...errors.map(({ shape }) => shapes[shape].error?.code ?? shape), ...COMMON_ERRORS].join(
        '|',
      );
      const failed = {
        type: 'object',
        properties: {
          __type: { type: 'string', pattern: `^(?:[\\w.]+#)?(?:${names})$` },
          message: { type: 'string' },
          Message: { type: 'string' },
        },
        required: ['__type'],
      };
      return {
        parameters: [],
        bodies: { [AWS_TYPES[metadata.protocol]]: keyed(index, input) },
        bodyRequired: true,
        responses: { 200: output ? keyed(index, output) : null, default: failed },
      };
    },
  };
}

function schemaOf(shape, keyed) {
  const { type, members, member, value, required, enum: values } = shape;
  if (type === 'structure') {
    const properties = Object.entries(members).map(([name, one]) => [name, keyed(one)]);
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      ...(required?.length ? { required } : {}),
    };
  }
  const length =
    type === 'string' ? ['minLength', 'maxLength'] : type === 'list' ? ['minItems', 'maxItems'] : null;
  const [least, most] = length ?? ['minimum', 'maximum'];
  const limits = {
    ...(shape.min === undefined ? {} : { [least]: shape.min }),
    ...(shape.max === undefined ? {} : { [most]: shape.max }),
  };
  if (type === 'list') return { type: 'array', items: keyed(member), ...limits };
  if (type === 'map') return { type: 'object', additionalProperties: keyed(value) };
  if (type === 'boolean') return { type };
  if (type === 'integer' || type === 'long') return { type: 'integer', ...limits };
  if (type === 'timestamp' || type === 'double' || type === 'float') return { type: 'number' };
  return { type: 'string', ...(values ? { enum: values } : limits) };
}
