import { Problem } from "@venuefinder/client";
import { service } from "../service";

const SIDE = 1600;
const THUMBNAIL = 192;
const MOST_BYTES = 60_000_000;
const KEY = "venuefinder.pictures";

export interface Refused {
  name: string;
  why: string;
}

/**
 * Upload pictures to search with, one by one, so that one that cannot be used costs only itself.
 *
 * The browser makes each smaller first: a model sees a few hundred pixels, and neither a large file nor what a camera
 * wrote into it needs to leave this machine. What the browser cannot read is sent as it is; the service reads more.
 */
export async function upload(files: readonly File[]): Promise<{ ids: string[]; refused: Refused[] }> {
  const ids: string[] = [];
  const refused: Refused[] = [];
  for (const file of files) {
    try {
      ids.push(await uploadOne(file));
    } catch (error) {
      refused.push({ name: file.name, why: reason(error, file) });
    }
  }
  return { ids, refused };
}

async function uploadOne(file: File): Promise<string> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (!bitmap && file.size > MOST_BYTES) throw new Problem("too-large", 413, "");
  const small = bitmap ? await drawn(bitmap, SIDE, 0.9) : undefined;
  const [answer] = await service.upload([small && small.size < file.size ? small : file]);
  if (!answer) throw new Problem("unknown", 0, "The service answered nothing.");
  if (bitmap) remember(answer.upload_id, await dataUrl(await drawn(bitmap, THUMBNAIL, 0.7)));
  bitmap?.close();
  return answer.upload_id;
}

async function drawn(bitmap: ImageBitmap, side: number, quality: number): Promise<Blob> {
  const scale = Math.min(1, side / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) =>
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", quality),
  );
}

function dataUrl(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(blob);
  });
}

function reason(error: unknown, file: File): string {
  const kind = error instanceof Problem ? error.kind : "";
  if (kind === "too-large") return `is ${Math.round(file.size / 1e6)} MB, which is too large; 60 MB is the most`;
  if (kind === "unusable-photo" || kind === "malformed-request")
    return "is no picture that can be read; JPEG, PNG, WebP, HEIC and AVIF work";
  if (kind === "unreachable") return "could not be sent: the service does not answer";
  return error instanceof Problem ? `could not be used: ${error.message}` : "could not be read";
}

/** The service keeps no picture, so a small one stays in this tab, to show what is searched with. */
function remember(id: string, url: string): void {
  const kept = { ...remembered(), [id]: url };
  const newest = Object.fromEntries(Object.entries(kept).slice(-16));
  try {
    sessionStorage.setItem(KEY, JSON.stringify(newest));
  } catch {
    // A full storage only costs the small picture.
  }
}

export function remembered(): Record<string, string> {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? "{}") as Record<string, string>;
  } catch {
    return {};
  }
}
