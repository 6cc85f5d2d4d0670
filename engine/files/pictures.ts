import type { Readable } from 'node:stream';
import { PICTURES } from '#engine/declare/fields/file/file.ts';

/** Pictures with more dots are not opened: a small file can hold a very large one. */
const MOST_DOTS = 50_000_000;

/** Edge lengths that thumbnails are made in. */
export const THUMBNAIL_SIZES: readonly number[] = [64, 128, 256, 512, 1024];

/** The least size that is not below what was asked. */
export const thumbnailSize = (asked: number): number => THUMBNAIL_SIZES.find((size) => size >= asked) ?? 1024;

/** Fetched when first needed: a native library, and most requests have no use for it. */
async function open() {
  const { default: sharp } = await import('sharp');
  sharp.cache(false);
  sharp.concurrency(1);
  return sharp;
}

/** Width and height of a picture as it is shown; null where it cannot be read. */
export async function pictureSize(path: string, type: string): Promise<{ width: number; height: number } | null> {
  if (!PICTURES.includes(type)) return null;
  try {
    const sharp = await open();
    const { autoOrient, width, height, pageHeight } = await sharp(path, { limitInputPixels: MOST_DOTS }).metadata();
    // Reading the header is not reading the picture: a torn one is none.
    await sharp(path, { limitInputPixels: MOST_DOTS, failOn: 'error' }).stats();
    return { width: autoOrient?.width ?? width, height: autoOrient?.height ?? pageHeight ?? height };
  } catch {
    return null;
  }
}

let working = 0;
const waiting: (() => void)[] = [];

/** A thumbnail as WebP, no edge longer than `size`, upright, without what the camera noted. Two at a time are made. */
export async function thumbnail(source: Readable, size: number): Promise<Buffer> {
  if (working >= 2) await new Promise<void>((go) => waiting.push(go));
  working++;
  try {
    const sharp = await open();
    const transform = sharp({ limitInputPixels: MOST_DOTS, failOn: 'error' })
      .autoOrient()
      .resize(size, size, { fit: 'inside', withoutEnlargement: true })
      .webp({ quality: 82 });
    source.on('error', (error) => transform.destroy(error));
    return await source.pipe(transform).toBuffer();
  } finally {
    working--;
    waiting.shift()?.();
  }
}
