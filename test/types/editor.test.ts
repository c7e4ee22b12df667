/** Editor output: readable hovers, and a reason where shapes do not fit. */
import ts from 'typescript';
import { describe, expect, test } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const file = `${root}test/types/snippet.ts`;
const program = `
  import { add, matmul, placeholder, reduceSum, relu, softmax, softmaxCrossEntropy, variable, zeros, type Tensor } from 'inkling';
  const x = placeholder('x', [null, 784]);
  const W = variable('W', zeros([784, 10]));
  const b = variable('b', zeros([10]));
  const product = matmul(x, W);
  const y = softmax(add(product, b));
  const total = reduceSum(y);
  let h: Tensor = x;
  const activation = relu(matmul(h, W));
  export const matmulFault = matmul(x, variable('V', zeros([10, 784])));
  export const addFault = add(x, b);
  export const labelsFault = softmaxCrossEntropy(y, x);
  export const rankFault = matmul(x, b);
`;

const service = ts.createLanguageService({
  getCompilationSettings: () => {
    const { config } = ts.readConfigFile(`${root}tsconfig.json`, (path) => ts.sys.readFile(path)) as {
      config: unknown;
    };
    return ts.parseJsonConfigFileContent(config, ts.sys, root).options;
  },
  getScriptFileNames: () => [file],
  getScriptVersion: () => '1',
  getScriptSnapshot: (path) => {
    const text = path === file ? program : ts.sys.readFile(path);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  },
  getCurrentDirectory: () => root,
  getDefaultLibFileName: (options) => ts.getDefaultLibFilePath(options),
  fileExists: (path) => path === file || ts.sys.fileExists(path),
  readFile: (path) => ts.sys.readFile(path),
  directoryExists: (path) => ts.sys.directoryExists(path),
  useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
});

test.each([
  ['x', 'const x: Placeholder<[null, 784]>'],
  ['W', 'const W: Variable<[784, 10]>'],
  ['product', 'const product: Tensor<[null, 10]>'],
  ['y', 'const y: Tensor<[null, 10]>'],
  ['total', 'const total: Tensor<[]>'],
  ['activation', 'const activation: Tensor<[Dim, 10]>'],
])('hovering over %s', (name, text) => {
  const info = service.getQuickInfoAtPosition(file, program.indexOf(`const ${name} =`) + 'const '.length);
  expect(ts.displayPartsToString(info?.displayParts)).toBe(text);
});

describe('faults', () => {
  const messages = service
    .getSemanticDiagnostics(file)
    .filter(({ category }) => category === ts.DiagnosticCategory.Error)
    .map(({ messageText, start = 0 }) => ({
      name: /const (\w+) = [^\n]*$/.exec(program.slice(0, start))?.[1],
      text: ts.flattenDiagnosticMessageText(messageText, '\n'),
    }))
    .filter(({ name }) => name?.endsWith('Fault'));

  test.each([
    [
      'matmulFault',
      /'Variable<\[10, 784\]>' is not assignable to .*"matmul: columns of 784 against rows of 10 do not fit"/,
    ],
    ['addFault', /'Variable<\[10\]>' .*"sizes 784 and 10 do not broadcast: they must be equal, or one of them 1"/],
    ['labelsFault', /'Placeholder<\[null, 784\]>' .*"sizes 10 and 784 differ: labels need the shape of the logits"/],
    ['rankFault', /'Variable<\[10\]>' .*"matmul takes matrices: reshape this to two axes"/],
  ])('%s', (name, text) => {
    expect(messages.find((message) => message.name === name)?.text).toMatch(text);
  });

  test('and no others', () => {
    expect(messages).toHaveLength(4);
  });
});
