import { Node } from '@tiptap/core';
import { formatSize } from '../../format.ts';
import { words } from '../../words.ts';
import { type FileValue, fits, sendFile } from '../file/upload.ts';

/** The largest picture within a text, as the server takes it (`PICTURE_BYTES` of the field type). */
const mostBytes = 10_000_000;
/** What browsers show and the server can measure. */
export const pictureTypes = ['image/png', 'image/jpeg', 'image/webp', 'image/gif'];

/** A picture as the server keeps it: one of our own files, with words for who does not see it. */
export const PictureNode = Node.create({
  name: 'picture',
  group: 'block',
  draggable: true,
  addAttributes: () => ({ src: { default: null }, alt: { default: '' } }),
  // Pictures from elsewhere are not taken over: what is pasted loads nothing from another site.
  parseHTML: () => [{ tag: 'img[src^="/api/v1/files/"]' }],
  renderHTML: ({ node }) => ['img', { src: String(node.attrs.src), alt: String(node.attrs.alt) }],
});

/** Why a file cannot stand in a text, in words; null where it may be sent. */
export function pictureProblem(file: File): string | null {
  const { t } = words();
  if (!pictureTypes.includes(file.type) || !fits(file, pictureTypes)) return t('rich.notPicture', { name: file.name });
  return file.size > mostBytes ? t('file.tooLarge', { name: file.name, size: formatSize(mostBytes) }) : null;
}

/** Sends a picture; throws in words where the server cannot read it as one. */
export async function sendPicture(file: File, signal: AbortSignal): Promise<FileValue> {
  const sent = await sendFile(file, () => undefined, signal);
  if (sent.width === undefined) throw new Error(words().t('rich.notPicture', { name: file.name }));
  return sent;
}

/** The name of a file as first words for what it shows: without ending, signs as spaces. */
export const firstWords = (name: string): string =>
  name
    .replace(/\.[a-z0-9]{1,5}$/i, '')
    .replace(/[_-]+/g, ' ')
    .trim()
    .slice(0, 300);
