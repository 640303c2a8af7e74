import { describe, expect, test } from 'vitest';
import { isFragment, readFragments } from '../../../../src/domain/changelog/fragments/fragments.ts';
import { towncrierIn } from '../../../../src/domain/changelog/fragments/towncrier.ts';
import { processorMs } from '../../../support/processor-time.ts';

const read = (given: Readonly<Record<string, string>>) => {
  const { groups, reasons, files } = readFragments(
    Object.entries(given).map(([path, text]) => ({ path, text })),
  );
  const entries = groups.flatMap(({ title, entries: own }) => own.map((entry) => `${title}: ${entry}`));
  return {
    entries,
    reasons: reasons.map(({ bump, text }) => `${bump} ${text}`),
    paths: files.map(({ path }) => path),
  };
};

describe('readFragments', () => {
  test('changesets: the summary, and the biggest of the bumps', () => {
    const coupons = '---\n"@acme/shop": minor\n\'@acme/cart\': patch\n---\n\nCoupons\n\nUse them well.\n';
    expect(
      read({
        '.changeset/brave-lions.md': coupons,
        '.changeset/calm-cats.md': '---\r\n"shop": major\r\n---\r\n\r\nOld cart is gone\r\n',
        '.changeset/docs-only.md': '---\n---\n\nNothing for users\n',
        '.changeset/notes.md': 'no front matter\n',
      }),
    ).toEqual({
      entries: ['Added: Coupons\n\nUse them well.', 'Changed: **BREAKING** Old cart is gone'],
      reasons: [
        'major .changeset/calm-cats.md: Old cart is gone',
        'minor .changeset/brave-lions.md: Coupons',
      ],
      paths: ['.changeset/brave-lions.md', '.changeset/calm-cats.md', '.changeset/docs-only.md'],
    });
  });

  test('fragments of towncrier: the type is in the name, and the issue', () => {
    expect(
      read({
        'newsfragments/12.feature.md': 'Coupons\n',
        'newsfragments/12.bugfix.1.rst': 'Rounding\n',
        'newsfragments/+gifts.bugfix.md': '- Gifts\n',
        'newsfragments/14.removal': 'The old cart',
        'newsfragments/15.rfc.md': 'A plan, see #15',
        'changelog.d/16.doc.md': 'Guide',
        'changelog.d/17.misc.md': '',
      }),
    ).toEqual({
      entries: [
        'Added: Coupons (#12)',
        'Removed: The old cart (#14)',
        'Fixed: Rounding (#12)',
        'Fixed: Gifts',
        'Documentation: Guide (#16)',
        'Rfc: A plan, see #15',
      ],
      reasons: [
        'major newsfragments/14.removal: The old cart (#14)',
        'minor newsfragments/12.feature.md: Coupons (#12)',
        'patch newsfragments/12.bugfix.1.rst: Rounding (#12)',
        'patch newsfragments/+gifts.bugfix.md: Gifts',
        'patch newsfragments/15.rfc.md: A plan, see #15',
        'patch changelog.d/16.doc.md: Guide (#16)',
      ],
      paths: [
        'newsfragments/12.feature.md',
        'newsfragments/12.bugfix.1.rst',
        'newsfragments/+gifts.bugfix.md',
        'newsfragments/14.removal',
        'newsfragments/15.rfc.md',
        'changelog.d/16.doc.md',
        'changelog.d/17.misc.md',
      ],
    });
  });

  test('fragments of scriv and changie: groups in the text', () => {
    expect(
      read({
        'changelog.d/20261101_sam.md':
          '<!--\n### Removed\n\n- A bullet item\n-->\n### Added\n\n- Coupons\n  of all kinds\n- Gifts\n\n### Fixed\n\n- Rounding\n',
        'changelog.d/20261102_kim.rst': 'Security\n........\n\n- Sessions end\n',
        'changelog.d/intro.md': 'Put your changes here.\n',
        '.changes/unreleased/Added-20261101.yaml':
          'kind: Added\nbody: Wishlist\ntime: 2026-11-01T10:00:00Z\n',
        '.changes/unreleased/odd.yaml': '[',
      }),
    ).toMatchObject({
      entries: [
        'Added: Coupons\nof all kinds',
        'Added: Gifts',
        'Added: Wishlist',
        'Fixed: Rounding',
        'Security: Sessions end',
      ],
      paths: [
        'changelog.d/20261101_sam.md',
        'changelog.d/20261102_kim.rst',
        '.changes/unreleased/Added-20261101.yaml',
      ],
    });
  });
});

describe('what a fragment says is read before its file goes', () => {
  test.each([
    ['"shop": major # breaking', 'major'],
    ['{ "shop": major }', 'major'],
    ['shop: \'minor\'\n"@acme/cart": patch', 'minor'],
    ['"shop": none', null],
    ['# nothing', null],
  ])('a changeset with %j asks for %s', (head, bump) => {
    const { reasons, paths } = read({ '.changeset/a.md': `---\n${head}\n---\n\nThe old cart\n` });
    expect(reasons).toEqual(bump === null ? [] : [`${bump} .changeset/a.md: The old cart`]);
    expect(paths).toEqual(['.changeset/a.md']);
  });

  test.each(['"shop": big', '"shop":', '@acme/shop: minor', '- shop', '"shop": [major]'])(
    'a changeset with %j is refused by its name',
    (head) => {
      const refused = () => read({ '.changeset/a.md': `---\n${head}\n---\n\nThe old cart\n` });
      expect(refused).toThrow(
        expect.objectContaining({ code: 'changeset-unclear', facts: { path: '.changeset/a.md' } }),
      );
    },
  );

  test('of several services each takes its own, and none is kept by what is unclear of others', () => {
    const of = (head: string) =>
      readFragments([{ path: '.changeset/a.md', text: `---\n${head}\n---\n\nThe old cart\n` }], {
        packages: new Set(['shop']),
      });
    expect(of('"shop": major # ours\n"web": minor # theirs')).toMatchObject({
      reasons: [{ bump: 'major' }],
      files: [{ text: '---\n"web": minor # theirs\n---\n\nThe old cart\n' }],
    });
    expect(of('{ "shop": major }').files).toEqual([{ path: '.changeset/a.md', text: null }]);
    expect(() => of('{ "shop": major, "web": minor }')).toThrow(
      expect.objectContaining({ code: 'changeset-unclear' }),
    );
    expect(of('"web": big').files).toEqual([]);
    expect(of('@acme/web: [').files).toEqual([]);
    expect(() => of('"shop": minor\n@acme/web: [')).toThrow(
      expect.objectContaining({ code: 'changeset-unclear' }),
    );
  });

  test('scriv: paragraphs, code and numbers are entries too, comments are none', () => {
    const md =
      '### Fixed\n- y\n  more\n### Removed\nThe v1 API\nis gone.\n\n1. As is v0.\n\n```\nGET /v1\n\nGET /v0\n```\n';
    const rst =
      '.. A new fragment.\n..\n.. Added\n.. -----\n   - A bullet item\n\nRemoved\n.......\n\nThe v1 API\n';
    expect(read({ 'changelog.d/a.md': md, 'changelog.d/b.rst': rst })).toEqual({
      entries: [
        'Removed: The v1 API\nis gone.',
        'Removed: As is v0.',
        'Removed: ```\nGET /v1\n\nGET /v0\n```',
        'Removed: The v1 API',
        'Fixed: y\nmore',
      ],
      reasons: [
        'major changelog.d/a.md: The v1 API',
        'major changelog.d/a.md: As is v0.',
        'major changelog.d/a.md: ```',
        'major changelog.d/b.rst: The v1 API',
        'patch changelog.d/a.md: y',
      ],
      paths: ['changelog.d/a.md', 'changelog.d/b.rst'],
    });
  });

  test.each([
    ['changelog.d/a.md', '### Breaking changes\n- x', 'major'],
    ['changelog.d/a.md', '### Removed features\n- x', 'major'],
    ['changelog.d/a.md', '### Fixed\n- x\n  BREAKING CHANGE: gone', 'major'],
    ['.changes/unreleased/a.yaml', 'kind: Breaking Changes\nbody: x', 'major'],
    ['.changes/unreleased/a.yaml', 'kind: Breaking Change\nbody: x', 'major'],
    ['.changes/unreleased/a.yaml', 'kind: New things\nbody: x', 'minor'],
    ['newsfragments/3.bugfix.md', 'BREAKING CHANGE: gone', 'major'],
    ['newsfragments/3.bugfix.md', 'x\n\n```\nBREAKING CHANGE: gone\n```', 'patch'],
  ])('%s with %j asks for %s', (path, text, bump) => {
    expect(readFragments([{ path, text }]).reasons).toMatchObject([{ bump }]);
  });
});

test.each([
  ['.changeset/brave-lions.md', true],
  ['.changeset/README.md', false],
  ['.changeset/config.json', false],
  ['newsfragments/12.feature.md', true],
  ['newsfragments/README.md', false],
  ['newsfragments/.gitkeep', false],
  ['newsfragments/template.rst', false],
  ['newsfragments/_template.feature.md', false],
  ['newsfragments/12.md', false],
  ['changelog.d/12.bugfix', true],
  ['changelog.d/20261101_sam.md', true],
  ['changelog.d/README.md', false],
  ['changelog.d/scriv.ini', false],
  ['.changes/unreleased/Added-1.yaml', true],
  ['.changes/v1.2.0.md', false],
  ['news/12.feature.md', true],
  ['docs/12.feature.md', false],
  ['newsfragments/validate_files.py', false],
  ['newsfragments/check.sh', false],
  ['newsfragments/changelog_template.jinja', false],
  ['newsfragments/12.feature.md.license', false],
  ['newsfragments/12.rfc.md', true],
  ['newsfragments/#12.rfc.1.rst', true],
  ['newsfragments/+idea.rfc', true],
  ['newsfragments/SHOP-12.rfc.md', true],
  ['newsfragments/coupons.rfc.md', false],
  ['news/conf.py', false],
  ['news/12.rfc', true],
  ['changelog.d/12.rfc', false],
])('%s is a fragment: %s', (path, expected) => {
  expect(isFragment(path, { folders: ['news'], types: new Map() })).toBe(expected);
});

test.each([
  ['name = "shop"\ndirectory = "news"', ['news'], []],
  ['directory = "./docs/changes/"', ['docs/changes'], []],
  ['directory = "changelog.d"', ['changelog.d'], []],
  ['name = "shop"\n\n[tool.other]\ndirectory = "news"', ['newsfragments'], []],
  ['package = "shop"', ['shop/newsfragments'], []],
  ['package = "shop.api"\npackage_dir = "src"', ['src/shop/api/newsfragments'], []],
  ['directory = "../up"', [], []],
  ['directory = "/etc"', [], []],
  ['directory = "."', [], []],
  [
    'directory = "news"\nsection = [{ path = "" }, { path = "web" }]\n[[tool.towncrier.type]]\ndirectory = "Fixing"\nname = "Repairs"\nshowcontent = true\n[[tool.towncrier.type]]\nname = "Docker"',
    ['news', 'news/web'],
    [
      ['fixing', 'Repairs'],
      ['docker', 'Docker'],
    ],
  ],
  [
    '[tool.towncrier.fragment.api]\n[tool.towncrier.fragment.rfc]\nname = "Plans"',
    ['newsfragments'],
    [['rfc', 'Plans']],
  ],
])('the settings %j', (settings, folders, types) => {
  expect(towncrierIn([null, `[tool.towncrier]\n${settings}\n`])).toEqual({
    folders,
    types: new Map(types as [string, string][]),
  });
});

test('the first file that has settings says, and one that is broken has none', () => {
  const toml = '[tool.towncrier]\ndirectory = "news"\n';
  const other = '[tool.towncrier]\ndirectory = "changes"\n';
  expect(towncrierIn([toml, other])?.folders).toEqual(['news']);
  expect(towncrierIn([null, other])?.folders).toEqual(['changes']);
  expect(towncrierIn(['[tool.other]\ndirectory = "news"\n', null])).toBeNull();
  expect(towncrierIn([`${toml}[`, null])).toBeNull();
});

describe('what the settings name', () => {
  const towncrier = towncrierIn([
    '[tool.towncrier]\ndirectory = "changelog.d"\n[[tool.towncrier.type]]\ndirectory = "fixing"\nname = "Repairs"\n[[tool.towncrier.type]]\ndirectory = "breaks"\nname = "Breaking changes"\n',
    null,
  ]);

  test('types that an empty table names count behind an issue', () => {
    const settings = towncrierIn([
      '[tool.towncrier.fragment.api]\n[tool.towncrier.fragment.rfc]\nname = "Plans"\n',
    ]);
    expect(isFragment('newsfragments/12.api.md', settings)).toBe(true);
  });

  test('own types count, under their names', () => {
    const files = [
      { path: 'changelog.d/12.fixing.md', text: 'Rounding' },
      { path: 'changelog.d/cart.breaks.md', text: 'The old cart' },
      { path: 'changelog.d/13.rfc.md', text: 'A plan' },
    ];
    expect(files.map(({ path }) => isFragment(path, towncrier))).toEqual([true, true, true]);
    const { groups, reasons } = readFragments(files, { towncrier });
    expect(groups).toEqual([
      { title: 'Repairs', entries: ['Rounding (#12)'] },
      { title: 'Breaking changes', entries: ['The old cart'] },
      { title: 'Rfc', entries: ['A plan (#13)'] },
    ]);
    expect(reasons[0]).toMatchObject({ bump: 'major' });
  });

  test('in the home of a service, all tools count as at the root', () => {
    const files = [
      { path: 'apps/api/.changes/unreleased/a.yaml', text: 'kind: Added\nbody: coupons\n' },
      { path: 'apps/api/changelog.d/12.fixing.md', text: 'Rounding' },
      { path: 'apps/api/changelog.d/13.bugfix.md', text: 'Sums' },
    ];
    const { groups, reasons } = readFragments(files, { home: 'apps/api/', towncrier });
    expect(groups).toEqual([
      { title: 'Added', entries: ['coupons'] },
      { title: 'Fixed', entries: ['Sums (#13)'] },
      { title: 'Repairs', entries: ['Rounding (#12)'] },
    ]);
    expect(reasons[0]).toMatchObject({ bump: 'minor' });
  });
});

test('a fragment whose keys are maps in maps is none, and is no work', () => {
  const files = [{ path: '.changes/unreleased/a.yaml', text: '? '.repeat(1_000) }];
  const work = () => expect(readFragments(files).groups).toEqual([]);
  expect(processorMs(work, { enough: 1_000 })).toBeLessThan(1_000);
});
