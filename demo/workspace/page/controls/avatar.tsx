import type { PageUser } from '../../protocol/directory.ts';
import { Icon } from './icons.tsx';

interface Props {
  readonly user: PageUser | undefined;
  readonly size?: 'small' | 'medium' | 'large';
}

/** Initials on the person's colour; the bot gets a bolt. */
export function Avatar({ user, size = 'medium' }: Props) {
  const name = user?.realName || user?.name || '?';
  const initials = name
    .split(/[\s._-]+/)
    .filter((part) => /^[\p{L}\p{N}]/u.test(part))
    .slice(0, 2)
    .map((part) => part.charAt(0).toUpperCase())
    .join('');
  return (
    <span
      class={`avatar ${size} ${user?.kind === 'bot' ? 'bot' : ''}`}
      style={{ '--who': user?.color ?? '#7a7f87' }}
      aria-hidden="true"
    >
      {user?.kind === 'bot' ? <Icon name="bolt" /> : initials || '?'}
    </span>
  );
}
