import type { LiveCommit } from './production.ts';

/** The shop's front page, as the live commit has it. */
export function frontPage({ version, commit, content }: LiveCommit): string {
  const products = content.products
    .map(
      ({ name, price, picture }) =>
        `<li><span class="picture" aria-hidden="true">${text(picture)}</span><b>${text(name)}</b><i>€ ${price}</i></li>`,
    )
    .join('\n      ');
  const features = content.features.map((feature) => `<span>${text(feature)}</span>`).join(' ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${text(content.name)}</title>
<style>
  :root { --accent: ${content.accent}; color-scheme: light dark; }
  * { box-sizing: border-box; }
  body { margin: 0; font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
  header { padding: 3rem 1.5rem 2.5rem; color: #fff; background: linear-gradient(135deg, var(--accent), #12263a); }
  header > *, main, footer { max-width: 52rem; margin-inline: auto; }
  h1 { margin-block: 0 .25rem; font-size: clamp(1.8rem, 5vw, 2.8rem); letter-spacing: -.02em; }
  header p { margin-block: 0 1rem; opacity: .85; }
  header span { display: inline-block; padding: .1rem .7rem; border-radius: 1rem; background: #ffffff2e; font-size: .85rem; }
  ul { list-style: none; margin: 2rem 0; padding: 0; display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr)); }
  main { padding-inline: 1.5rem; }
  li { padding: 1.25rem; border-radius: .8rem; border: 1px solid color-mix(in srgb, CanvasText 15%, transparent); display: grid; gap: .2rem; }
  li i { font-style: normal; opacity: .7; }
  .picture { font-size: 2.4rem; }
  footer { padding: 0 1.5rem 2rem; font-size: .85rem; opacity: .7; }
</style>
</head>
<body>
<header>
  <h1>${text(content.name)}</h1>
  <p>${text(content.tagline)}</p>
  <div>${features}</div>
</header>
<main>
  <ul>
      ${products}
  </ul>
</main>
<footer>Version <b>${text(version)}</b>, commit <code>${commit.slice(0, 7)}</code></footer>
</body>
</html>
`;
}

function text(raw: string): string {
  return raw.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
