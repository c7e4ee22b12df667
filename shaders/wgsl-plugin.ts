/**
 * Vite plugin: `import matmul from '../../shaders/matmul.wgsl'` gives a ShaderSource. The file is parsed by wgsl_reflect
 * at build time, so that a broken shader breaks the build and the parser never reaches a page.
 */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Plugin } from 'vite';
import { WgslReflect } from 'wgsl_reflect/wgsl_reflect.module.js';
import type { ShaderBinding, ShaderSource } from './shader-source.ts';

/** Turns imports of `.wgsl` files into modules; a production build also strips white space. */
export function wgsl(): Plugin {
  let minify = false;
  return {
    name: 'inkling:wgsl',
    configResolved(config) {
      minify = config.command === 'build' && config.isProduction;
    },
    load: {
      filter: { id: /\.wgsl$/ },
      async handler(id) {
        this.addWatchFile(id);
        const text = await readFile(id, 'utf8');
        return { code: moduleOf(basename(id, '.wgsl'), text, minify), moduleType: 'js', map: null };
      },
    },
  };
}

/** Reads the text of a `.wgsl` file; throws with the shader's name if it does not parse. */
export function readShader(name: string, text: string, minify = false): Required<ShaderSource> {
  const { declarations, ...facts } = parse(name, text, minify);
  const functions = declarations.flatMap(({ kind, name, text }): [string, string][] =>
    kind === 'fn' && name !== undefined ? [[name, text]] : [],
  );
  const called = (by: string, text: string): string[] =>
    functions.map(([other]) => other).filter((other) => other !== by && new RegExp(`\\b${other}\\(`).test(text));
  return {
    ...facts,
    code: declarations.map((declaration) => declaration.text).join('\n'),
    declarations: declarations.flatMap((declaration) => declaration.name ?? []),
    functions: Object.fromEntries(functions),
    calls: Object.fromEntries(functions.map(([by, text]) => [by, called(by, text)])),
  };
}

/** A function's text stands once in the module: `code` is put together from `functions` and what lies between. */
function moduleOf(name: string, text: string, publish: boolean): string {
  const shader = readShader(name, text, publish);
  if (publish) return `export default ${JSON.stringify(published(shader, text))};`;
  const { code, functions, ...facts } = shader;
  const pieces: string[] = [];
  let rest = code;
  for (const [functionName, body] of Object.entries(functions)) {
    const start = rest.indexOf(body);
    pieces.push(JSON.stringify(rest.slice(0, start)), `functions[${JSON.stringify(functionName)}]`);
    rest = rest.slice(start + body.length);
  }
  pieces.push(JSON.stringify(rest));
  const fields = Object.entries(facts).map(([key, value]) => `${key}: ${JSON.stringify(value)}`);
  return [
    `const functions = ${JSON.stringify(functions)};`,
    `export default { ${fields.join(', ')}, functions, code: ${pieces.join(' + ')} };`,
  ].join('\n');
}

/**
 * The parts that are used: of a kernel its functions, without the entry point and the hooks; of a library its code, or its
 * functions where it has nothing else.
 */
function published(shader: Required<ShaderSource>, text: string): object {
  const { name, declarations, hooks, functions, calls, code, workgroupSize } = shader;
  if (declarations.every((declaration) => declaration in functions && declaration !== 'main'))
    return { functions, calls: Object.fromEntries(Object.entries(calls).filter(([, called]) => called.length > 0)) };
  if (workgroupSize.length === 0) return { code };
  const unused = new Set(['main', ...hooks.filter((hook) => !optionalHooks(text).includes(hook))]);
  const used = Object.entries(functions).filter(([functionName]) => !unused.has(functionName));
  return { name, functions: Object.fromEntries(used) };
}

/** Hooks that may stay as they are: `// hook, optional: …`. */
const optionalHooks = (text: string): string[] =>
  [...text.matchAll(/^\/\/ hook, optional\b.*\n(?:\/\/.*\n)*fn (\w+)/gm)].flatMap(([, hook]) => hook ?? []);

function parse(name: string, text: string, minify: boolean) {
  const code = stripComments(text);
  const declarations = splitDeclarations(code).map((declaration) => ({
    ...declaration,
    text: minify ? minifyWhitespace(declaration.text) : declaration.text,
  }));
  const { bindings, workgroupSize } = reflect(name, code);
  return { name, overrides: overridesOf(code), hooks: hooksOf(text), bindings, workgroupSize, declarations };
}

function reflect(name: string, code: string): Pick<ShaderSource, 'bindings' | 'workgroupSize'> {
  const reflection = reflectOrThrow(name, code);
  const { uniforms, storage, textures, samplers, entry } = reflection;
  const unsupported = [...textures, ...samplers, ...entry.vertex, ...entry.fragment];
  if (unsupported.length > 0 || entry.compute.length > 1) {
    const what = unsupported.map((item) => item.name).join(', ') || 'more than one entry point';
    throw new Error(`${name}.wgsl: ${what}: a kernel has one compute entry point, and buffers only`);
  }
  const bindings = [...uniforms, ...storage]
    .map((variable): ShaderBinding => {
      const { name, group, binding } = variable;
      return { name, group, binding, kind: uniforms.includes(variable) ? 'uniform' : accessOf(variable.access) };
    })
    .sort((a, b) => a.group - b.group || a.binding - b.binding);
  const size = entry.compute[0]?.attributes?.find((attribute) => attribute.name === 'workgroup_size')?.value ?? [];
  return { bindings, workgroupSize: [size].flat().map((value) => (/^\d/.test(value) ? parseInt(value) : value)) };
}

function reflectOrThrow(name: string, code: string): WgslReflect {
  try {
    return new WgslReflect(code);
  } catch (error) {
    throw new Error(`${name}.wgsl does not parse: ${String(error)}`, { cause: error });
  }
}

const accessOf = (access: string): 'read' | 'read_write' => (access === 'read_write' ? 'read_write' : 'read');

interface Declaration {
  readonly kind: string;
  readonly name: string | undefined;
  readonly text: string;
}

/** WGSL has no strings and no preprocessor: a module-scope declaration ends at the first `;` or `}` outside brackets. */
function splitDeclarations(code: string): Declaration[] {
  const declarations: Declaration[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < code.length; at++) {
    const character = code.charAt(at);
    if (character === '{' || character === '(' || character === '[') depth++;
    if (character === '}' || character === ')' || character === ']') depth--;
    if (depth > 0 || (character !== ';' && character !== '}')) continue;
    const text = code.slice(start, at + 1).trim();
    start = at + 1;
    const [, kind = '', name] =
      /(?:^|[\s)])(fn|struct|const|override|alias|var)\b\s*(?:<[^>]*>)?\s*(\w+)/.exec(text) ?? [];
    if (text !== ';') declarations.push({ kind, name, text });
  }
  return declarations;
}

function overridesOf(code: string): Record<string, number> {
  const overrides: Record<string, number> = {};
  for (const [, name, value] of code.matchAll(/\boverride\s+(\w+)[^=;]*=\s*([^;]+?)\s*;/g)) {
    if (name === undefined || value === undefined) continue;
    const number = numberOf(value);
    if (number !== undefined) overrides[name] = number;
  }
  return overrides;
}

/** The value of a WGSL literal; undefined for any other expression. */
function numberOf(literal: string): number | undefined {
  if (literal === 'true' || literal === 'false') return Number(literal === 'true');
  const hex = /^(-?)(0x[\da-f]+)[iu]?$/i.exec(literal);
  if (hex) return Number(hex[2]) * (hex[1] ? -1 : 1);
  return /^-?[\d.]+(?:e[+-]?\d+)?[iufh]?$/i.test(literal) ? parseFloat(literal) : undefined;
}

const hookPattern = /^[ \t]*\/\/ hook\b.*\n(?:[ \t]*\/\/.*\n)*\s*(?:@\w+(?:\([^)]*\))?\s*)*fn\s+(\w+)/gm;

const hooksOf = (text: string): string[] => [...text.matchAll(hookPattern)].flatMap(([, name]) => name ?? []);

/** Takes out line comments and (nested) block comments, and the blank lines they leave. */
function stripComments(text: string): string {
  let code = '';
  let depth = 0;
  for (const [token] of text.replace(/\r\n?/g, '\n').matchAll(/\/\*|\*\/|\/\/[^\n]*|[^]/g)) {
    if (token === '/*') depth++;
    else if (token === '*/' && depth > 0) depth--;
    else if (depth === 0 && !token.startsWith('//')) code += token;
    if (token === '/*') code += ' ';
  }
  return code
    .replace(/[ \t]+$/gm, '')
    .replace(/\n{2,}/g, '\n')
    .trim();
}

/**
 * Takes out the white space that no token needs. Between two operators it stays: `a - -b` and `a / *p` would become
 * other tokens, and not every parser reads `vec2<f32>=` as WGSL says.
 */
const minifyWhitespace = (code: string): string =>
  code.replace(/\s+/g, ' ').replace(/ ?([{}()[\];,:@]) ?|\b (?=\W)|(?<=\W) \b/g, '$1');
