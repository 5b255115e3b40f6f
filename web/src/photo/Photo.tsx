import { useQuery } from "@tanstack/react-query";
import type { Schema } from "@venuefinder/client";
import { useEffect, useState } from "react";
import { Icon } from "../parts/icons";
import { apiKey, service } from "../service";

const WIDTHS = [160, 320, 640, 1280, 1920];

export type PhotoSource = Pick<Schema<"PhotoAnswer">, "id" | "url" | "width" | "height">;

interface Props {
  photo: PhotoSource;
  alt: string;
  /** What CSS makes of it: how wide the picture is shown, for `srcset`. */
  sizes: string;
  /** The same in pixels, for where the service wants a key and the page fetches one picture itself. */
  wide: number;
  eager?: boolean;
  /** Keep the photo's own shape; else it fills its box, cropped. */
  whole?: boolean;
}

/** A photo in the size it is shown, in a box that is there before it. */
export function Photo({ photo, alt, sizes, wide, eager = false, whole = false }: Props) {
  const [dead, setDead] = useState(false);
  const keyed = useKeyedPicture(photo, wide);
  if (dead || keyed.isError) {
    return (
      <span className="photo photo-dead" role="img" aria-label={`${alt} (this photo cannot be shown)`}>
        <Icon name="image" size={28} />
        <span>This photo cannot be shown</span>
      </span>
    );
  }
  const source = apiKey.get()
    ? { src: keyed.data }
    : {
        src: at(photo, 640),
        srcSet: widths(photo)
          .map((width) => `${at(photo, width)} ${width}w`)
          .join(", "),
        sizes,
      };
  return (
    <img
      className={whole ? "photo photo-whole" : "photo"}
      {...source}
      alt={alt}
      width={photo.width}
      height={photo.height}
      loading={eager ? "eager" : "lazy"}
      fetchPriority={eager ? "high" : "auto"}
      decoding="async"
      onError={() => setDead(true)}
    />
  );
}

/** Widths worth naming: the service never makes a photo wider than it is. */
function widths(photo: PhotoSource): number[] {
  const narrower = WIDTHS.filter((width) => width < photo.width);
  const next = WIDTHS.find((width) => width >= photo.width);
  return next === undefined ? narrower : [...narrower, next];
}

function at(photo: PhotoSource, width: number): string {
  return `${photo.url}${photo.url.includes("?") ? "&" : "?"}width=${width}`;
}

/** An `<img>` sends no key, so with one the picture is fetched and shown as an object URL. */
function useKeyedPicture(photo: PhotoSource, wide: number) {
  const wanted = wide * Math.min(window.devicePixelRatio, 2);
  const width = WIDTHS.find((one) => one >= wanted) ?? 1920;
  const fetched = useQuery({
    queryKey: ["picture", photo.url, width],
    queryFn: ({ signal }) => service.picture(at(photo, width), signal),
    enabled: apiKey.get() !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    retry: 1,
  });
  const [url, setUrl] = useState<string>();
  useEffect(() => {
    if (!fetched.data) return;
    const made = URL.createObjectURL(fetched.data);
    setUrl(made);
    return () => URL.revokeObjectURL(made);
  }, [fetched.data]);
  return { data: url, isError: fetched.isError };
}
