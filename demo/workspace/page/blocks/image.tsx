import type { ImageElement } from '@slack/types';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Icon } from '../controls/icons.tsx';

/** Where the bytes of an image of Block Kit are. */
export function imageAddress(image: ImageElement): string {
  if ('image_url' in image) return image.image_url;
  const file = image.slack_file;
  return 'url' in file ? file.url : `/files/${file.id}/image`;
}

interface Props {
  readonly src: string;
  readonly alt: string;
  readonly downloadUrl?: string;
}

/** A picture that opens large; a broken one leaves its description. */
export function Picture({ src, alt, downloadUrl }: Props) {
  const [large, setLarge] = useState(false);
  const [broken, setBroken] = useState(false);
  if (broken) {
    return (
      <span class="picture-broken">
        <Icon name="warn" /> {alt || 'An image that does not load'}
      </span>
    );
  }
  return (
    <>
      <button type="button" class="picture" onClick={() => setLarge(true)} aria-label={`Open image: ${alt}`}>
        <img src={src} alt={alt} loading="lazy" onError={() => setBroken(true)} />
      </button>
      {large && <Lightbox src={src} alt={alt} downloadUrl={downloadUrl} onClose={() => setLarge(false)} />}
    </>
  );
}

interface LightboxProps {
  readonly src: string;
  readonly alt: string;
  readonly downloadUrl: string | undefined;
  readonly onClose: () => void;
}

function Lightbox({ src, alt, downloadUrl, onClose }: LightboxProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="lightbox" aria-label={alt} onClose={onClose} data-testid="lightbox">
      <div class="lightbox-bar">
        <span>{alt}</span>
        {downloadUrl !== undefined && (
          <a class="icon-button" href={downloadUrl} download aria-label="Download" title="Download">
            <Icon name="download" />
          </a>
        )}
        <button type="button" class="icon-button" aria-label="Close" onClick={() => dialog.current?.close()}>
          <Icon name="close" />
        </button>
      </div>
      <img src={src} alt={alt} />
    </dialog>
  );
}
