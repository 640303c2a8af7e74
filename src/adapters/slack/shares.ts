import { z } from 'zod';

const Places = z.record(z.string(), z.unknown()).optional().catch(undefined);

const File = z.looseObject({
  id: z.string(),
  mimetype: z.string().optional().catch(undefined),
  channels: z.array(z.string()).optional().catch(undefined),
  groups: z.array(z.string()).optional().catch(undefined),
  shares: z.looseObject({ public: Places, private: Places }).optional().catch(undefined),
});

/** What `files.info` says. */
export const Shared = z.looseObject({ file: File });

/** What the SDK makes of the answers of `files.completeUploadExternal`. */
export const Uploaded = z.looseObject({
  files: z.array(z.looseObject({ files: z.array(File).default([]) })).default([]),
});

/** The only file of an upload. Throws where Slack says nothing of it. */
export function oneOf({ files }: z.infer<typeof Uploaded>): z.infer<typeof File> {
  return File.parse(files.flatMap((upload) => upload.files)[0]);
}

/**
 * Whether a file is in a channel. Slack puts it there some moments after it took it, and says so only then.
 *
 * @see https://docs.slack.dev/reference/objects/file-object
 */
export function inChannel({ channels, groups, shares }: z.infer<typeof File>, channel: string): boolean {
  const places = [
    ...(channels ?? []),
    ...(groups ?? []),
    ...Object.keys(shares?.public ?? {}),
    ...Object.keys(shares?.private ?? {}),
  ];
  return places.includes(channel);
}
