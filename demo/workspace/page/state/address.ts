import type { Place } from './state.ts';

interface Address {
  readonly user: string | null;
  readonly place: Place | null;
  readonly thread: { readonly channel: string; readonly ts: string } | null;
}

/** Whoever one was last, for links that do not say. */
const lastUser = 'workspace-user';

/** `?user=U1#/C1/1700000000.000100`, `#/app/home`: so that a reload stays where one was. */
export function readAddress(location: Pick<Location, 'search' | 'hash'>): Address {
  const user = new URLSearchParams(location.search).get('user') ?? window.localStorage.getItem(lastUser);
  const [, head = '', tail = ''] = location.hash.replace(/^#/, '').split('/');
  if (head === 'app' && (tail === 'home' || tail === 'messages' || tail === 'about')) {
    return { user, place: { kind: 'app', tab: tail }, thread: null };
  }
  if (!/^[CDG]\w+$/.test(head)) return { user, place: null, thread: null };
  const thread = /^\d+\.\d+$/.test(tail) ? { channel: head, ts: tail } : null;
  return { user, place: { kind: 'channel', id: head }, thread };
}

export function writeAddress({ user, place, thread }: Address): void {
  if (user !== null) window.localStorage.setItem(lastUser, user);
  const url = new URL(window.location.href);
  if (user !== null && user !== '') url.searchParams.set('user', user);
  const where = place === null ? '' : place.kind === 'app' ? `/app/${place.tab}` : `/${place.id}`;
  url.hash = thread === null ? where : `/${thread.channel}/${thread.ts}`;
  window.history.replaceState(null, '', url);
}

/** A message's permalink of this workspace: `/archives/C1/p1700000000000100?thread_ts=…`. */
export function readPermalink(link: string): { channel: string; ts: string; threadTs?: string } | undefined {
  const url = URL.parse(link, window.location.href);
  const match = /^\/archives\/(\w+)\/p(\d+)(\d{6})$/.exec(url?.pathname ?? '');
  if (url === null || url.origin !== window.location.origin || match === null) return undefined;
  const threadTs = url.searchParams.get('thread_ts');
  return {
    channel: match[1] ?? '',
    ts: `${match[2]}.${match[3]}`,
    ...(threadTs === null ? {} : { threadTs }),
  };
}
