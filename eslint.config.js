/**
 * ESLint with type-aware rules. What Prettier decides is left to Prettier.
 */
import js from '@eslint/js';
import { configs as lit } from 'eslint-plugin-lit';
// @ts-expect-error It has no types.
import litA11y from 'eslint-plugin-lit-a11y';
import { configs as wc } from 'eslint-plugin-wc';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['dist/', '.cache/', 'coverage/']),
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: 'error',
      'no-undef': 'off', // TypeScript's own check knows better.
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `verbatimModuleSyntax` and `while (true)` are wanted; `() => void call()` is a readable arrow.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    // The engine runs in a page, a worker and Node: what only Node has stays in src/node.ts.
    files: ['src/**'],
    ignores: ['src/node.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'Buffer', 'global', 'setImmediate', 'require', '__dirname'],
      'no-eval': 'error',
      'no-new-func': 'error',
    },
  },
  {
    files: ['src/elements/**', 'demo/**'],
    extends: [lit['flat/recommended'], wc['flat/recommended'], litA11y.configs.recommended],
    settings: { wc: { elementBaseClasses: ['LitElement'] } },
  },
  { files: ['eslint.config.js'], extends: [tseslint.configs.disableTypeChecked] }, // its plugins have no types
  { files: ['**/*.js'], rules: { '@typescript-eslint/no-unsafe-assignment': 'off' } }, // blind to casts in JSDoc
  { files: ['**/*.d.ts'], rules: { '@typescript-eslint/consistent-type-imports': 'off' } },
  {
    files: ['test/**'],
    rules: {
      '@typescript-eslint/no-empty-function': 'off',
      // Tests look at what operations return, and wait for flags that callbacks set.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/require-await': 'off',
    },
  },
);
