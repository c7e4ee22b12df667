/**
 * What a `.wgsl` file is to TypeScript: wgsl-plugin.ts reads the file at build time and its import yields one of these.
 */

/** A resource a shader declares with `@group` and `@binding`. */
export interface ShaderBinding {
  readonly name: string;
  readonly group: number;
  readonly binding: number;
  readonly kind: 'uniform' | 'read' | 'read_write';
}

/** A `.wgsl` file: its text and what it declares. */
export interface ShaderSource {
  /** The file's name without folder and extension. */
  readonly name: string;
  /**
   * The whole text without comments. A production build holds only what is used, without needless white space: of a kernel
   * the `functions` that are not hooks, of a library its code, or where it has nothing but functions, those.
   */
  readonly code: string;
  /** The text of each module-scope function, attributes included, as it stands in `code`. */
  readonly functions: Readonly<Record<string, string>>;
  /** The functions of the file that each of them calls. A production build leaves out those that call none. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** Every `override NAME: type = number;` and its default (true is 1). Those computed from others are not listed. */
  readonly overrides: Readonly<Record<string, number>>;
  /** The names of all module-scope declarations, in the file's order. Not in a production build, as what follows. */
  readonly declarations?: readonly string[];
  /** The functions that a comment line beginning with `// hook` stands before: where fused expressions go. */
  readonly hooks?: readonly string[];
  readonly bindings: readonly ShaderBinding[];
  /** The entry point's size, an override's name where one is used; empty in a library without entry point. */
  readonly workgroupSize: readonly (number | string)[];
}
