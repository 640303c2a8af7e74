// A page for each kind of target, source and the like, from the reference that is generated from the schema.
import { parse } from 'yaml';

/** Sections of the reference whose kinds get pages, with what a kind of it is called. */
export const PORTS = {
  repository: 'Repositories',
  target: 'Targets',
  checks: 'Checks',
  gates: 'Gates',
  metrics: 'Metrics',
  alerts: 'Alerts',
  logs: 'Logs',
  'on-call': 'On call',
};

/**
 * Pages by their place on the site. `pages` are texts by their path in the repository: an example and what to read are found in
 * them, because they name the kind.
 */
export function referencePages(reference, pages) {
  const sections = new Map(
    reference
      .split(/^### /m)
      .slice(1)
      .map((section) => [/^`([\w-]+)`/.exec(section)?.[1], section]),
  );
  return Object.entries(PORTS).flatMap(([port, title]) => {
    const [opening = '', ...kinds] = (sections.get(port) ?? '').split(/^#### /m);
    const [, ...sentence] = opening.split('\n');
    const made = kinds.map((text) => pageOf(port, text, pages));
    const list = made.map(({ kind, says }) => `- [\`${kind}\`](${kind}.md): ${says}`).join('\n');
    const index = `# ${title}\n\n${sentence.join('\n').trim()}\n\n${list}\n`;
    return [{ port, kind: null, path: `reference/${port}/index.md`, text: index }, ...made];
  });
}

function pageOf(port, section, pages) {
  const [heading = '', ...lines] = section.split('\n');
  const kind = /use: ([\w-]+)/.exec(heading)?.[1] ?? '';
  const body = lines.join('\n').trim();
  const says = body.split('\n')[0] ?? '';
  const found = [...pages].flatMap(([source, text]) =>
    blocks(text).some((block) => hasKind(block, port, kind)) || text.includes(`use: ${kind}\``)
      ? [[source, text]]
      : [],
  );
  const example = found.flatMap(([source, text]) =>
    blocks(text)
      .filter((block) => hasKind(block, port, kind))
      .map((block) => ({ source, block })),
  )[0];
  const text = [
    `# ${kind} (${port})`,
    body,
    example ? `## Example\n\n\`\`\`yaml\n${example.block}\`\`\`` : '',
    found.length > 0
      ? `## More about it\n\n${found.map(([source, one]) => `- [${/^# (.+)$/m.exec(one)?.[1]}](/${source})`).join('\n')}`
      : '',
    'What is the same for every kind is in [the configuration](/docs/configuration.md).',
  ];
  return {
    port,
    kind,
    says,
    path: `reference/${port}/${kind}.md`,
    text: `${text.filter(Boolean).join('\n\n')}\n`,
  };
}

function blocks(markdown) {
  return [...markdown.matchAll(/^```ya?ml[^\n]*\n([\s\S]*?)^```/gm)].map(([, text]) => text);
}

/** Whether a block sets a kind of that port, at whatever depth. */
function hasKind(block, port, kind) {
  let value;
  try {
    value = parse(block);
  } catch {
    return false;
  }
  const walk = (inner) => {
    if (typeof inner !== 'object' || inner === null) return false;
    const given = [inner[port]].flat();
    return given.some((one) => one?.use === kind) || Object.values(inner).some(walk);
  };
  return walk(value);
}
