// Pictures that go with a message: what may be attached, and how they wait for the gateway's answer.

/** A picture as it is sent. */
export interface Picture {
  name: string;
  mime: string;
  /** The bytes as Base64. */
  data: string;
}

/** Most pictures of one message. */
export const MAX_PICTURES = 8;
/** Largest picture in bytes when the gateway names no limit. */
export const MAX_PICTURE_BYTES = 5_000_000;
/** Most bytes of all pictures of one message: what fits into one frame, as Base64, with room for the text. */
export const MAX_TOTAL_BYTES = 15_000_000;

/** The kinds that every provider takes. */
export const KINDS: readonly string[] = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];

/** How many bytes a picture has. */
export function sizeOf({ data }: Picture): number {
  return Math.floor((data.length * 3) / 4) - (data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0);
}

/** The address of a picture for an `img`; only of the kinds above. */
export function sourceOf(mime: string, data: string): string | undefined {
  return KINDS.includes(mime) ? `data:${mime};base64,${data}` : undefined;
}

/** Keeps pictures of messages that were not answered yet. */
export interface PictureStore {
  put(id: string, pictures: readonly Picture[]): Promise<void>;
  get(id: string): Promise<readonly Picture[] | undefined>;
  remove(id: string): Promise<void>;
}

/** A store that lasts as long as the page. */
export function memoryStore(): PictureStore {
  const kept = new Map<string, readonly Picture[]>();
  return {
    put: async (id, pictures) => void kept.set(id, pictures),
    get: async (id) => kept.get(id),
    remove: async (id) => void kept.delete(id),
  };
}
