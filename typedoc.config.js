/**
 * TypeDoc: `npm run docs` makes the API reference in dist/docs/ from the package's exports. A warning is an error.
 */
import { OptionDefaults } from 'typedoc';
import manifest from './package.json' with { type: 'json' };

const declarations = Object.values(manifest.exports).flatMap((entry) =>
  typeof entry === 'string' ? [] : [entry.types],
);

/** @type {(file: string, types: string[]) => string[]} */
const names = (file, types) => types.map((type) => `src/${file}:${type}`);

export default {
  name: 'Inkling',
  readme: 'none',
  entryPoints: declarations.map((file) => file.replace('./dist/types/', '').replace('.d.ts', '.ts')),
  skipErrorChecking: true, // `tsc` checks.
  tsconfig: 'tsconfig.types.json',
  out: 'dist/docs',
  // Tags of the custom elements' manifest.
  blockTags: [...OptionDefaults.blockTags, '@fires', '@csspart', '@cssprop', '@cssstate'],
  // Types whose names no program writes: arithmetic on shapes, a tensor's op, the inside of a plan.
  intentionallyNotExported: [
    'Drawable',
    ...names('graph/shape-types.ts', [
      'Axes',
      'BatchProduct',
      'Broadcast',
      'Broadcasts',
      'Expanded',
      'Fault',
      'Gathered',
      'IsMatrix',
      'MayEqual',
      'Oriented',
      'Reduced',
      'Reshaped',
      'SameShape',
      'ShapeOf',
      'Transposed',
      'Tuple',
    ]),
    ...names('graph/op.ts', ['Attrs', 'Composition', 'Op', 'TensorType']),
    ...names('graph/operation.ts', ['Check', 'Update']),
    ...names('graph/column.ts', ['ColumnParts']),
    ...names('graph/random.ts', ['RandomStream']),
    ...names('session/session.ts', ['PlanFeeds']),
    ...names('compile/plan.ts', [
      'PlanFeed',
      'PlanFetch',
      'PlanVariable',
      'TargetFacts',
      'TargetProgram',
      'TileChoice',
    ]),
  ],
  excludeExternals: true,
  disableSources: true,
  treatWarningsAsErrors: true,
};
