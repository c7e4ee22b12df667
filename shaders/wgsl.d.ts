/**
 * Lets TypeScript import a `.wgsl` file, and wgsl_reflect by the one path under which Node can load it.
 */
declare module '*.wgsl' {
  const source: import('./shader-source.ts').ShaderSource;
  export default source;
}

declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
