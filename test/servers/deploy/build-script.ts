import { all, commandOf, environmentOf, type Instruction, type Stage } from '../../deploy/dockerfile.ts';

/** Where the script works; all of it is gone with the mount namespace that it runs in. */
export interface Places {
  /** A folder in which file systems in memory are mounted. */
  readonly mounts: string;
  /** What the builder would be given. */
  readonly context: string;
  /** Folders of the host, by the place where the container sees them. */
  readonly volumes: Readonly<Record<string, string>>;
}

/**
 * A script that does what a builder does with the Dockerfile, without one: each stage is this machine's own root under a
 * layer of its own, in which the instructions are carried out; then the last stage is made read-only and `lines` run
 * in it, as the account of the Dockerfile and with its environment. `run ARGUMENTS` in them is the entry point.
 */
export function buildScript(stages: readonly Stage[], places: Places, lines: readonly string[]): string {
  const last = stages.at(-1);
  const root = `$MOUNTS/${last?.name}/root`;
  const [user = ''] = all(last, 'USER');
  const [uid] = user.split(':');
  const entry = commandOf(last).slice(0, all(last, 'CMD').length > 0 ? -1 : undefined);
  const environment = Object.entries(environmentOf(last)).map(([name, value]) => `${name}=${value}`);
  return [
    'set -euo pipefail',
    `MOUNTS=${places.mounts} CONTEXT=${places.context}`,
    'mount -t tmpfs -o mode=755 tmpfs "$MOUNTS"',
    ...stages.flatMap((stage) => [...layer(stage.name), ...instructionsOf(stage)]),
    // Nothing of this machine may help: no checkout, no home, no cache of npm.
    ...['/work', '/root', '/home', '/tmp', '/run', '/usr/lib/node_modules'].map(
      (path) => `if [[ -d ${root}${path} ]]; then mount -t tmpfs -o mode=1777 tmpfs ${root}${path}; fi`,
    ),
    ...Object.entries(places.volumes).flatMap(([inside, outside]) => [
      `mkdir -p ${root}${inside}`,
      `mount --bind ${outside} ${root}${inside}`,
    ]),
    ...all(last, 'VOLUME').map((path) => `chown ${uid}:${uid} ${root}${path}`),
    `mount -o remount,ro ${root}`,
    `as_user() { chroot ${root} /usr/bin/setpriv --reuid=${uid} --regid=${uid} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all \\`,
    `  env -i PATH=/usr/local/bin:/usr/bin:/bin HOME=/var/lib/slipway ${environment.join(' ')} "\${EXTRA[@]}" \\`,
    `  bash -c 'cd "$0" && exec "$@"' ${workdir(last)} "$@"; }`,
    `run() { as_user ${entry.join(' ')} "$@"; }`,
    ...lines,
    '',
  ].join('\n');
}

function layer(name: string): readonly string[] {
  const at = `$MOUNTS/${name}`;
  return [
    `mkdir -p ${at}/upper ${at}/work ${at}/root`,
    `mount -t overlay overlay -o lowerdir=/,upperdir=${at}/upper,workdir=${at}/work ${at}/root`,
    ...['dev', 'proc'].map((folder) => `mount --rbind /${folder} ${at}/root/${folder}`),
    // The image of Node has it there.
    `install -D "$(readlink -f "$(command -v node)")" ${at}/root/usr/local/bin/node`,
  ];
}

function workdir(stage: Stage | undefined): string {
  return all(stage, 'WORKDIR').at(-1) ?? '/';
}

function instructionsOf(stage: Stage): readonly string[] {
  const root = `$MOUNTS/${stage.name}/root`;
  let folder = '/';
  const absolute = (path: string) => (path.startsWith('/') ? path : `${folder}/${path}`.replace('//', '/'));
  const lines = ({ name, text }: Instruction): readonly string[] => {
    if (name === 'WORKDIR') {
      folder = text;
      return [`mkdir -p ${root}${folder}`];
    }
    if (name === 'COPY') return copy(text, root, absolute);
    if (name !== 'RUN') return [];
    return [`chroot ${root} bash -euo pipefail -c ${quoted(`${STAND_INS}\ncd ${folder}\n${text}`)}`];
  };
  return stage.instructions.flatMap((one) => [
    `echo ${quoted(`${one.name} ${one.text}`)} >&2`,
    ...lines(one),
  ]);
}

/** `COPY a b to/`, `COPY a to` and `COPY --from=stage /a /to`: files into a folder, a folder's content into a folder. */
function copy(text: string, root: string, absolute: (path: string) => string): readonly string[] {
  const words = text.split(' ');
  const from = /^--from=(\S+)$/.exec(words[0] ?? '')?.[1];
  const sources = words.slice(from === undefined ? 0 : 1, -1);
  const target = words.at(-1) ?? '';
  const place = root + absolute(target.replace(/^\.\/?$/, '')).replace(/\/$/, '');
  const base = from === undefined ? '$CONTEXT/' : `$MOUNTS/${from}/root`;
  const isFolder = target.endsWith('/') || target === '.' || sources.length > 1;
  return sources.flatMap((source) => {
    const path = `${base}${source}`;
    return [
      `if [[ -d ${path} ]]; then mkdir -p ${place} && cp -a ${path}/. ${place}/;`,
      isFolder
        ? `else mkdir -p ${place} && cp -a ${path} ${place}/; fi`
        : `else mkdir -p "$(dirname ${place})" && cp -a ${path} ${place}; fi`,
    ];
  });
}

/** Debian's packages are not installed again: they have to be on this machine, under these names. */
const STAND_INS = `apt-get() {
  for word in "$@"; do
    case "$word" in install|update|-*) ;; *) dpkg-query --show "$word" >/dev/null;; esac
  done
}`;

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
