/**
 * What Vite replaces at build time: `DEV` is false in the package, so checks behind it cost nothing there.
 */
interface ImportMetaEnv {
  readonly DEV: boolean;
}

interface ImportMeta {
  readonly env: ImportMetaEnv;
}
