/**
 * Types of the used part of the optional package `webgpu` (Dawn for Node). Its own types import `@webgpu/types`, which
 * contradicts TypeScript's lib.dom; tsconfig.json maps the name to this file.
 */
export function create(options: string[]): GPU;
export const globals: Record<string, unknown>;
