import { useState } from 'preact/hooks';
import type { PageFile } from '../../protocol/messages.ts';
import { Picture } from '../blocks/image.tsx';
import { Icon } from '../controls/icons.tsx';
import { Markdown } from '../text/text.tsx';

const folded = 8;

function inWords(bytes: number): string {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} kB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

/** A file in a message: pictures inline, text as a snippet that unfolds, the rest as a card to download. */
export function FileView({ file }: { readonly file: PageFile }) {
  const download = `${file.url}?download=1`;
  if (file.mimetype.startsWith('image/')) {
    return (
      <figure class="file-image" data-testid="file" data-name={file.name}>
        <figcaption>{file.title || file.name}</figcaption>
        <Picture src={file.url} alt={file.altText || file.title || file.name} downloadUrl={download} />
      </figure>
    );
  }
  if (file.preview !== undefined) return <Snippet file={file} preview={file.preview} download={download} />;
  return (
    <a class="file-card" href={download} download={file.name} data-testid="file" data-name={file.name}>
      <Icon name="file" />
      <span class="menu-text">
        <span class="menu-label">{file.title || file.name}</span>
        <span class="menu-detail">{inWords(file.size)}</span>
      </span>
      <Icon name="download" />
    </a>
  );
}

interface SnippetProps {
  readonly file: PageFile;
  readonly preview: string;
  readonly download: string;
}

function Snippet({ file, preview, download }: SnippetProps) {
  const isMarkdown = /\.(md|markdown)$/i.test(file.name) || file.mimetype === 'text/markdown';
  const [text, setText] = useState(preview);
  const [open, setOpen] = useState(false);
  const [raw, setRaw] = useState(!isMarkdown);
  const [trouble, setTrouble] = useState('');
  const lines = preview.split('\n');
  const foldable = lines.length > folded || preview.length < file.size;
  const unfold = async () => {
    setOpen(true);
    if (preview.length >= file.size) return;
    try {
      const response = await fetch(file.url);
      if (!response.ok) throw new Error(`status ${response.status}`);
      setText(await response.text());
    } catch (error) {
      setTrouble(`The rest could not be loaded: ${error instanceof Error ? error.message : error}`);
    }
  };
  const shown = open ? text : lines.slice(0, folded).join('\n');
  return (
    <section class="snippet" aria-label={file.title || file.name} data-testid="file" data-name={file.name}>
      <header>
        <Icon name="file" />
        <span class="menu-text">
          <span class="menu-label">{file.title || file.name}</span>
          <span class="menu-detail">
            {file.name === file.title ? '' : `${file.name} · `}
            {inWords(file.size)}
          </span>
        </span>
        {isMarkdown && (
          <button type="button" class="button quiet" aria-pressed={raw} onClick={() => setRaw(!raw)}>
            {raw ? 'Formatted' : 'Source'}
          </button>
        )}
        <a
          class="icon-button"
          href={download}
          download={file.name}
          aria-label={`Download ${file.name}`}
          title="Download"
        >
          <Icon name="download" />
        </a>
      </header>
      <div class={open || !foldable ? 'snippet-body' : 'snippet-body folded'}>
        {raw ? <pre>{shown}</pre> : <Markdown text={shown} />}
      </div>
      {trouble !== '' && <p class="input-error">{trouble}</p>}
      {foldable && (
        <button
          type="button"
          class="snippet-fold"
          aria-expanded={open}
          data-testid="snippet-fold"
          onClick={() => (open ? setOpen(false) : void unfold())}
        >
          {open ? 'Show less' : 'Show all'}
        </button>
      )}
    </section>
  );
}
