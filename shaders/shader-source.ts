/**
 * The type of an imported `.wgsl` file, which wgsl-plugin.ts reads at build time.
 */

/** A resource that a shader declares with `@group` and `@binding`. */
export interface ShaderBinding {
  readonly name: string;
  readonly group: number;
  readonly binding: number;
  readonly kind: 'uniform' | 'read' | 'read_write';
}

/**
 * A `.wgsl` file: its text and its declarations. A production build has only the used parts, without needless white space: for a
 * kernel its `templates`; for a library `pieces`, or its functions if it has nothing else.
 */
export interface ShaderSource {
  /** The file's name without folder and extension. */
  readonly name: string;
  /**
   * For a kernel: its functions without `main`, with `#…#` around the parts that differ from kernel to kernel. Such a part is a
   * name of the file (a function, `override` or `const`); `unroll i TM`, the beginning of the body of a loop over i up to the
   * constant TM after the comment line `// unroll`; `i`, the counter within it; or `end`, the end of the body.
   */
  readonly templates: Readonly<Record<string, string>>;
  /** For a library: its text, split at the types of variables that are hooks, with these variables' names in between. */
  readonly pieces: readonly string[];
  /** The text of its `var<workgroup>` declarations. */
  readonly workgroupVariables: string;
  /** The whole text without comments. */
  readonly code: string;
  /** The text of each module-scope function in `code`, attributes included. */
  readonly functions: Readonly<Record<string, string>>;
  /** The functions of the file that each function calls, once per call. A production build omits functions that call none. */
  readonly calls: Readonly<Record<string, readonly string[]>>;
  /** Every `override NAME: type = number;` and its default (true is 1), without overrides computed from others. */
  readonly overrides: Readonly<Record<string, number>>;
  /** The names of all module-scope declarations, in the file's order. Not in a production build. */
  readonly declarations?: readonly string[];
  /** The functions and variables after a comment line that begins with `// hook`, which each kernel fills in. */
  readonly hooks?: readonly string[];
  readonly bindings: readonly ShaderBinding[];
  /** The entry point's workgroup size, with names of overrides; empty in a library without entry point. */
  readonly workgroupSize: readonly (number | string)[];
}
