import type { Picture } from './pictures.ts';

const SECTIONS: Readonly<Record<Picture['section'], string>> = {
  'The card': 'The one message of a promotion that always shows how it stands.',
  'The thread': 'What is said below the card, by occasion.',
  Forms: 'What opens when more has to be said.',
  'The Home tab': 'What the app shows of all services.',
};

/** The text of docs/gallery.md. */
export function galleryPage(pictures: readonly Picture[]): string {
  const sections = Object.entries(SECTIONS).map(([section, says]) => {
    const shown = pictures.filter((picture) => picture.section === section);
    const parts = shown.map(
      ({ name, title }) =>
        `### ${title}\n\n![${section}, ${title}: light, dark, and on a phone](gallery/${name}.webp)`,
    );
    return `## ${section}\n\n${says}\n\n${parts.join('\n\n')}`;
  });
  return `# Gallery

Every state that people see: in light, in dark, and on a phone. \`npm run gallery\` draws this page from the blocks that the
bot sends; a test compares what is to be read, looks for what is hard to see or to hear, and presses every button by
keyboard.

${sections.join('\n\n')}
`;
}
