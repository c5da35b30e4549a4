// From files that a person chose, pasted or dropped to pictures that can be sent. Large ones are made smaller here.
import { KINDS, MAX_PICTURES, MAX_TOTAL_BYTES, sizeOf, type Picture } from '../pictures.ts';
import { oneLine } from '../visible.ts';

/** Longest side of a picture that was made smaller, in pixels: models look at no more. */
const MAX_SIDE = 2048;
/** A picture of fewer bytes is sent as it is. */
const SMALL_BYTES = 1_500_000;

/** Pictures, and what is wrong with the files that gave none. */
export interface Attached {
  pictures: Picture[];
  problems: string[];
}

/** Reads the files; `limit` is the gateway's largest picture in bytes. */
export async function attach(files: Iterable<File>, known: readonly Picture[], limit: number): Promise<Attached> {
  const pictures: Picture[] = [...known];
  const problems: string[] = [];
  for (const file of files) {
    const name = oneLine(file.name).slice(0, 120) || 'picture';
    if (pictures.length >= MAX_PICTURES) {
      problems.push(`${name} was left out: a message takes ${MAX_PICTURES} pictures at most.`);
      continue;
    }
    const picture = await read(file, name, limit).catch(() => undefined);
    if (!picture) problems.push(`${name} is not a picture that can be sent. PNG, JPEG, GIF and WebP can.`);
    else if (sizeOf(picture) > limit) problems.push(`${name} is larger than the gateway takes (${Math.floor(limit / 1_000_000)} MB).`);
    else if (pictures.reduce((sum, one) => sum + sizeOf(one), sizeOf(picture)) > MAX_TOTAL_BYTES) problems.push(`${name} was left out: the pictures of a message are too large together.`);
    else pictures.push(picture);
  }
  return { pictures, problems };
}

async function read(file: File, name: string, limit: number): Promise<Picture | undefined> {
  if (!file.type.startsWith('image/')) return undefined;
  // Decoding proves that it is one, whatever its name and type say.
  const bitmap = await createImageBitmap(file);
  try {
    const fits = file.size <= Math.min(SMALL_BYTES, limit) && Math.max(bitmap.width, bitmap.height) <= 2 * MAX_SIDE;
    // A moving picture would stand still afterwards.
    const keep = KINDS.includes(file.type) && (fits || (file.type === 'image/gif' && file.size <= limit));
    const blob = keep ? file : await smaller(bitmap);
    return { name, mime: blob.type, data: await base64(blob) };
  } finally {
    bitmap.close();
  }
}

function smaller(bitmap: ImageBitmap): Promise<Blob> {
  const scale = Math.min(1, MAX_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext('2d')!;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture cannot be encoded'))), 'image/jpeg', 0.88);
  });
}

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''));
    reader.onerror = () => reject(reader.error ?? new Error('the file cannot be read'));
    reader.readAsDataURL(blob);
  });
}
