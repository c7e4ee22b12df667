/**
 * The plugin that minifies CSS in templates: removed and preserved text.
 */
import { expect, test } from 'vitest';
import { css, minifyCss, minifyTemplates } from '../css-plugin.ts';

test('comments and white space that no token needs go', () => {
  const text = `
    /* It doesn't scroll. */
    h2,
    :is( h3, p ) small { font: 600 1rem/1.25 var(
      --_serif,
      serif
    ); /* one */ /* two */
      margin: 0 -1px;
    }
    @media (a: b) { .x { color: red; } }
  `;
  expect(minifyCss(text)).toBe(
    'h2,:is(h3,p) small{font:600 1rem/1.25 var(--_serif,serif);margin:0 -1px}@media (a:b){.x{color:red}}',
  );
});

test('white space stays where it joins selectors, keywords and operands', () => {
  for (const text of [
    'a :hover .b > c{top:0}',
    ':host([disabled]) .pad{top:calc(1px + (2px - 3px) * 2)}',
    '@container (max-width:30rem) and (min-width:1rem){a{top:0}}',
    'a /**/ b{top:0}',
  ])
    expect(minifyCss(text)).toBe(text.replace(' /**/', ''));
});

test('strings stay as they are', () => {
  const text = String.raw`a{content:'; }  /* \' */ ,'}b{content:"it's  : "}`;
  expect(minifyCss(text)).toBe(text);
});

test('of a module only css templates without expressions change, and no line moves', () => {
  const code =
    'const a = css`\n  a {\n    top: 0;\n  }\n`;\nconst b = html`\n  <p>  </p>`;\nconst c = css`a { ${b} }`;\n';
  const lines = minifyTemplates(code).split('\n');
  expect(lines[0]).toBe('const a = css`a{top:0}`');
  expect(lines.slice(5)).toEqual(code.split('\n').slice(5));
  expect(css().apply).toBe('build');
});
