/** Vite plugin: builds strip the white space and the comments of CSS in templates, which bundlers leave as they are. */
import type { Plugin } from 'vite';

/** Minifies what stands in css`…` in the elements' modules. */
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
 * The module with its CSS minified; a template with expressions or escapes stays as it is. The line breaks go behind the
 * template, so that all that follows keeps its line and no source map is needed.
 */
export const minifyTemplates = (code: string): string =>
  code.replace(/\bcss`([^`$\\]*)`/g, (_, text: string) => `css\`${minifyCss(text)}\`${text.replace(/[^\n]/g, '')}`);

const strings = /("(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*')/.source;
const gaps = new RegExp(String.raw`${strings}|(?:\s|/\*[^]*?\*/)+`, 'g');
const marks = new RegExp(String.raw`${strings}|;? ?(\}) ?| ?([{;,]) ?|([:(]) | (\))`, 'g');

/**
 * Takes out comments and the white space that no token needs. A space before a colon or after a bracket stays: it may
 * join two selectors, as may one around `+` two lengths. Strings stay as they are.
 */
export const minifyCss = (text: string): string =>
  text
    .replace(gaps, (_, string?: string) => string ?? ' ')
    .replace(marks, (_, ...groups: (string | undefined)[]) => groups.find((group) => group !== undefined) ?? '')
    .trim();
