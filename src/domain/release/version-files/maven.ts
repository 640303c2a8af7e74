import type { FileTexts } from './cargo.ts';
import type { TextRange } from './json-text.ts';
import { type XmlText, xmlTexts } from './xml.ts';

/** The projects of Maven that are read, as `group:artifact`, with what each says is its version. */
export type Poms = ReadonlyMap<string, string>;

/** What names another project: `dependency`, in `dependencyManagement` too, `plugin`, `extension` and paths of a compiler. */
const ASKS = /\/(?:dependency|plugin|extension|path)\/version$/;

export function pomsIn(texts: FileTexts): Poms {
  return new Map(
    [...texts].flatMap(([path, text]) => {
      if (text === null || !/(?:^|\/)pom\.xml$/.test(path)) return [];
      const { group, artifact, version } = namesOf(valuesOf(xmlTexts(text)));
      return artifact !== undefined && version !== undefined
        ? [[`${group}:${artifact}`, version] as const]
        : [];
    }),
  );
}

/**
 * Where a pom.xml says its own version, or the property that it names, `${revision}`, else null; then that of its parent
 * where that is one of `poms`, and what it asks for of `poms` in the version that they have.
 */
export function pomRanges(text: string, poms: Poms): readonly (TextRange | null)[] {
  const texts = xmlTexts(text);
  const values = valuesOf(texts);
  const find = (path: string) => texts.find((one) => one.path === path);
  const placeOf = (version: XmlText | undefined) => {
    const property = /^\$\{([\w.-]+)\}$/.exec(version?.value ?? '')?.[1];
    return property === undefined ? version : find(`project/properties/${property}`);
  };
  const { group, parentGroup } = namesOf(values);
  const groupOf = (asked = '') => {
    const [isOwn, ofParent] = /^\$\{(?:(?:project|pom)\.)?(parent\.)?groupId\}$/.exec(asked) ?? [];
    if (isOwn === undefined) return asked;
    return ofParent === undefined ? group : parentGroup;
  };
  const beside = new Map(texts.map(({ path, value, around }) => [`${around} ${path}`, value]));
  const required = texts.flatMap((version) => {
    if (!ASKS.test(version.path)) return [];
    const above = `${version.around} ${version.path.replace(/version$/, '')}`;
    const present = poms.get(`${groupOf(beside.get(`${above}groupId`))}:${beside.get(`${above}artifactId`)}`);
    const place = placeOf(version);
    const isPresent = place?.value === present || present?.startsWith('${');
    return place !== undefined && present !== undefined && isPresent ? [place.range] : [];
  });
  const isOurs = poms.has(`${parentGroup}:${values.get('project/parent/artifactId')}`);
  const parent = isOurs ? find('project/parent/version')?.range : undefined;
  const own = placeOf(find('project/version'))?.range ?? null;
  return [own, ...(parent ? [parent] : []), ...required];
}

/** What stands at each path, the first where there are several. */
function valuesOf(texts: readonly XmlText[]): ReadonlyMap<string, string> {
  return new Map(texts.toReversed().map(({ path, value }) => [path, value]));
}

/** What a project is called, what it has from its parent included. */
function namesOf(values: ReadonlyMap<string, string>) {
  const parentGroup = values.get('project/parent/groupId');
  return {
    parentGroup,
    group: values.get('project/groupId') ?? parentGroup,
    artifact: values.get('project/artifactId'),
    version: values.get('project/version') ?? values.get('project/parent/version'),
  };
}
