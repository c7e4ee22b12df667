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

/**
 * A `.wgsl` file: its text and what it declares. A production build holds what is used only, without needless white space: of a
 * kernel `name`, `templates` and `signatures`; of a library `pieces`, or where it has nothing but functions, those.
 */
export interface ShaderSource {
  /** The file's name without folder and extension. */
  readonly name: string;
  /**
   * Of a kernel: its functions but `main`, each with the places marked that differ from kernel to kernel. Of the pieces between
   * `#`, every other is such a place: one of the file's own names (functions, `override`s, `const`s); `unroll i TM`, the
   * beginning of the body of a loop over i that is marked by the comment line `// unroll` and counts up to the constant TM;
   * within it, `i`, its counter; and `end`, the body's end.
   */
  readonly templates: Readonly<Record<string, string>>;
  /** The same of the heads of those functions that are hooks. */
  readonly signatures: Readonly<Record<string, string>>;
  /** Of a library: its text, and between its parts the names of those variables that are hooks, in the place of their types. */
  readonly pieces: readonly string[];
  /** The whole text without comments. */
  readonly code: string;
  /** The text of each module-scope function, attributes included, as it stands in `code`. */
  readonly functions: Readonly<Record<string, string>>;
  /** The functions of the file that each of them calls, once a call. A production build leaves out those that call none. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** Every `override NAME: type = number;` and its default (true is 1). Those computed from others are not listed. */
  readonly overrides: Readonly<Record<string, number>>;
  /** The names of all module-scope declarations, in the file's order. */
  readonly declarations: readonly string[];
  /** The functions and variables that a comment line beginning with `// hook` stands before: filled in kernel by kernel. */
  readonly hooks: readonly string[];
  readonly bindings: readonly ShaderBinding[];
  /** The entry point's size, an override's name where one is used; empty in a library without entry point. */
  readonly workgroupSize: readonly (number | string)[];
}
