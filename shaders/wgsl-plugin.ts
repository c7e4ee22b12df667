/**
 * Vite plugin: `import matmul from '../../shaders/matmul.wgsl'` returns a ShaderSource. wgsl_reflect parses the file at build
 * time, so a broken shader breaks the build, and pages do not load the parser.
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
  const code = stripComments(text.replace(/^[ \t]*\/\/ unroll\b.*\n\s*(?=for\b)/gm, UNROLL));
  const plain = code.replaceAll(UNROLL, '');
  const declarations = splitDeclarations(code).map((declaration) => ({
    ...declaration,
    text: minify ? minifyWhitespace(declaration.text) : declaration.text,
  }));
  const hooks = hooksOf(text);
  const named = (kinds: readonly string[]): [string, string][] =>
    declarations.flatMap(({ kind, name, text }) => (kinds.includes(kind) && name !== undefined ? [[name, text]] : []));
  const functions = named(['fn']).map(([name, text]): [string, string] => [name, text.replaceAll(UNROLL, '')]);
  const own = named(['fn', 'override', 'const']).map(([name]) => name);
  const templates = named(['fn'])
    .filter(([name]) => name !== 'main')
    .map(([name, text]): [string, string] => [name, templateOf(text, own)]);
  return {
    name,
    ...reflect(name, plain),
    overrides: overridesOf(plain),
    hooks,
    declarations: declarations.flatMap((declaration) => declaration.name ?? []),
    templates: Object.fromEntries(templates),
    pieces: piecesOf(declarations, hooks),
    workgroupVariables: declarations.flatMap(({ text }) => (text.startsWith('var<workgroup>') ? text : [])).join('\n'),
    code: declarations.map((declaration) => declaration.text.replaceAll(UNROLL, '')).join('\n'),
    functions: Object.fromEntries(functions),
    calls: Object.fromEntries(
      functions.map(([by, text]) => [
        by,
        callsIn(
          text,
          functions.map(([name]) => name),
        ).filter((name) => name !== by),
      ]),
    ),
  };
}

/** Marks a loop to unroll in the text without comments. */
const UNROLL = '\u0001';

const moduleOf = (name: string, text: string, publish: boolean): string => {
  const shader = readShader(name, text, publish);
  return `export default ${JSON.stringify(publish ? published(shader, text) : shader)};`;
};

/** The parts for kernels, without the default text of hooks that they always fill. */
function published(shader: Required<ShaderSource>, text: string): object {
  const { declarations, hooks, functions, calls, pieces, workgroupSize, workgroupVariables, templates } = shader;
  if (declarations.every((declaration) => declaration in functions && declaration !== 'main'))
    return { functions, calls: Object.fromEntries(Object.entries(calls).filter(([, called]) => called.length > 0)) };
  if (workgroupSize.length === 0) return { pieces };
  const filled = new Set(hooks.filter((hook) => !optionalHooks(text).includes(hook)));
  const kept = Object.entries(templates).filter(([functionName]) => !filled.has(functionName));
  return { templates: Object.fromEntries(kept), ...(workgroupVariables !== '' && { workgroupVariables }) };
}

/** Hooks with a default: `// hook, optional: …`. */
const optionalHooks = (text: string): string[] =>
  [...text.matchAll(/^\/\/ hook, optional\b.*\n(?:\/\/.*\n)*fn (\w+)/gm)].flatMap(([, hook]) => hook ?? []);

const callsIn = (text: string, functions: readonly string[]): string[] =>
  [...text.matchAll(/\b(\w+)\(/g)].flatMap(([, name = '']) => (functions.includes(name) ? [name] : []));

/** A function with `#` around each of `names` that is not a member (`.name`) and around marked loops, see `templates` in {@link ShaderSource}. */
function templateOf(text: string, names: readonly string[]): string {
  const start = text.indexOf(UNROLL);
  if (start === -1) return text.replace(new RegExp(`(?<![.\\w])(${names.join('|')})\\b`, 'g'), '#$1#');
  const [head = '', counter = '', bound = ''] =
    /^for\s*\(var (\w+)\s*=\s*0u;\s*\1\s*<\s*(\w+);\s*\1\+\+\)\s*\{/.exec(text.slice(start + 1)) ?? [];
  if (head === '')
    throw new Error(`// unroll: ${text.slice(start + 1, start + 60)}… does not count from 0u up to a constant`);
  const from = start + 1 + head.length;
  const to = closingBrace(text, from);
  const body = templateOf(text.slice(from, to), [...names, counter]);
  const [before, after] = [templateOf(text.slice(0, start), names), templateOf(text.slice(to + 1), names)];
  return `${before}#unroll ${counter} ${bound}#${body}#end#${after}`;
}

function closingBrace(text: string, from: number): number {
  let depth = 1;
  for (let at = from; at < text.length; at++) {
    if (text[at] === '{') depth++;
    else if (text[at] === '}' && --depth === 0) return at;
  }
  return text.length;
}

function piecesOf(declarations: readonly Declaration[], hooks: readonly string[]): string[] {
  const pieces = [''];
  for (const { kind, name = '', text } of declarations) {
    const [before, after] =
      kind === 'var' && hooks.includes(name) ? [text.slice(0, text.lastIndexOf(':') + 1), ';'] : [text, ''];
    pieces.push(`${pieces.pop() ?? ''}${before}`);
    if (after !== '') pieces.push(name, after);
    pieces.push(`${pieces.pop() ?? ''}\n`);
  }
  return pieces;
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

/** Splits a module into declarations. WGSL has no strings and no preprocessor, so each ends at the first `;` or `}` outside brackets. */
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

const hookPattern =
  /^[ \t]*\/\/ hook\b.*\n(?:[ \t]*\/\/.*\n)*\s*(?:@\w+(?:\([^)]*\))?\s*)*(?:fn|var\s*<[^>]*>)\s+(\w+)/gm;

const hooksOf = (text: string): string[] => [...text.matchAll(hookPattern)].flatMap(([, name]) => name ?? []);

/** Removes line comments and (nested) block comments, and the blank lines that they leave. */
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
 * Removes white space that no token needs. It stays between two operators: `a - -b` and `a / *p` would become other tokens, and
 * some parsers misread `vec2<f32>=`.
 */
const minifyWhitespace = (code: string): string =>
  code.replace(/\s+/g, ' ').replace(/ ?([{}()[\];,:@]) ?|\b (?=\W)|(?<=\W) \b/g, '$1');
