/**
 * Detection of files in a folder of images that are not images, by their paths: files of systems and archivers, and names of other
 * kinds.
 */

/** Files of macOS, Windows and network drives; `Icon` ends in a carriage return. */
const SYSTEM =
  /^(__macosx|icon\r|thumbs\.db|ehthumbs(_vista)?\.db|desktop\.ini|autorun\.inf|\$recycle\.bin|system volume information|@eadir|#recycle|lost\+found|.*:zone\.identifier)$/i;

const PICTURE = /\.(a?png|jpe?g|jpe|jfif|pjpeg|webp|gif|avifs?|bmp|dib|ico|cur|svg|hei[cf]|tiff?|jxl)$/i;

/** Names of files without images. Archives are not among them, since they may hold images. */
const OTHER = new RegExp(
  `^(readme|licen[cs]e|copying|notice|changelog|makefile|dockerfile)$|\\.(${[
    'txt|text|md|markdown|rst|rtf|tex|pdf|docx?|odt|pages|epub',
    'csv|tsv|xlsx?|ods|numbers|jsonl?|ndjson|geojson|xml|ya?ml|toml|ini|cfg|conf|properties|log|lock',
    'html?|css|scss|[cm]?jsx?|[cm]?tsx?|map|py|pyc|ipynb|r|m|c|h|cpp|hpp|java|go|rs|rb|php|sh|bat|cmd|ps1',
    'np[yz]|pkl|pickle|pth?|onnx|h5|hdf5|keras|tflite|safetensors|parquet|arrow|feather|mat|db|sqlite3?|tfrecords?|lmdb|mdb',
    'mp4|m4v|mov|avi|mkv|webm|mp3|m4a|wav|flac|ogg|thm|aae|xmp',
    'exe|dll|so|dylib|app|dmg|lnk|url|webloc|ttf|otf|woff2?',
    'crdownload|part|partial|download|tmp|temp|bak|swp|sha1|sha256|md5|asc|sig|torrent',
  ].join('|')})$`,
  'i',
);

/** Tests whether a file is an image by its name. */
export const isNamedAsPicture = (path: string): boolean => PICTURE.test(path);

/** The reason to skip the file at `path` if it, or a folder of its path, is hidden or the system's; else `undefined`. */
export function systemReason(path: string): string | undefined {
  for (const name of path.split('/')) {
    if (SYSTEM.test(name)) return `'${name.trimEnd()}' is made by the system or by an archiver.`;
    if (/^\.(?!\.?$)./.test(name)) return `'${name}' is hidden: its name begins with a dot.`;
  }
  return undefined;
}

/** The reason to skip the file at `path`, or the folder if a `/` ends it; `undefined` for a possible image. */
export function foreignReason(path: string): string | undefined {
  const last = path.split('/').at(-1) ?? '';
  return systemReason(path) ?? (OTHER.test(last) ? `'${last}' is not an image, by its name.` : undefined);
}
