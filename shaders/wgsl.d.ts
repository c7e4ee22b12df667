/**
 * Module types of `.wgsl` files, and of wgsl_reflect under the only path by which Node can load it.
 */
declare module '*.wgsl' {
  const source: import('./shader-source.ts').ShaderSource;
  export default source;
}

declare module 'wgsl_reflect/wgsl_reflect.module.js' {
  export * from 'wgsl_reflect';
}
