/** Vite plugin: removes white space and comments of CSS in templates, which bundlers do not minify. */
import type { Plugin } from 'vite';

/** Minifies css`…` templates in the elements' modules. */
export function css(): Plugin {
  return {
    name: 'inkling:css',
    apply: 'build',
    transform: {
      order: 'pre',
      filter: { id: /\/src\/elements\/[^/]+\.ts$/, code: 'css`' },
      handler: (code) => ({ code: minifyTemplates(code), map: null }),
    },
  };
}

/**
 * The module with its CSS minified; a template with expressions or escapes is unchanged. The line breaks move to the end of
 * the template, so the following code keeps its lines and no source map is needed.
 */
export const minifyTemplates = (code: string): string =>
  code.replace(/\bcss`([^`$\\]*)`/g, (_, text: string) => `css\`${minifyCss(text)}\`${text.replace(/[^\n]/g, '')}`);

const strings = /("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')/.source;
const gaps = new RegExp(String.raw`${strings}|(?:\s|/\*[^]*?\*/)+`, 'g');
const marks = new RegExp(String.raw`${strings}|;? ?(\}) ?| ?([{;,]) ?|([:(]) | (\))`, 'g');

/**
 * Removes comments and white space that no token needs. A space before a colon or after a bracket stays, since it may join two
 * selectors; so does one around `+`, which may join two lengths. Strings are unchanged.
 */
export const minifyCss = (text: string): string =>
  text
    .replace(gaps, (_, string?: string) => string ?? ' ')
    .replace(marks, (_, ...groups: (string | undefined)[]) => groups.find((group) => group !== undefined) ?? '')
    .trim();
