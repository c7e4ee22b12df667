/** The reporter that names the slowest files of a run. */
import { expect, it } from 'vitest';
import type { TestModule } from 'vitest/node';
import { SlowestFiles } from './tools/slowest-files.ts';

/** A file as Vitest reports it: half a second of imports, the rest in tests. */
const file = (name: string, seconds: number): TestModule =>
  ({
    project: { name: 'unit' },
    relativeModuleId: `test/${name}.test.ts`,
    diagnostic: () => ({
      environmentSetupDuration: 0,
      prepareDuration: 0,
      collectDuration: 500,
      setupDuration: 0,
      duration: 1000 * seconds - 500,
    }),
  }) as unknown as TestModule;

function printed(files: readonly TestModule[]): string[] {
  const lines: string[] = [];
  new SlowestFiles((text) => lines.push(...text.split('\n'))).onTestRunEnd(files);
  return lines.filter((line) => line.endsWith('.test.ts'));
}

it('prints the ten slowest files, the slowest first', () => {
  const seconds = [3, 12, 1, 7, 2, 11, 5, 9, 4, 8, 6, 10];
  const lines = printed(seconds.map((seconds) => file(`takes-${seconds}`, seconds)));
  expect(lines).toHaveLength(10);
  expect(lines[0]).toBe('    12.0 s  unit: test/takes-12.test.ts');
  expect(lines[9]).toBe('     3.0 s  unit: test/takes-3.test.ts');
});

it('prints nothing where one file was run', () => {
  expect(printed([file('alone', 1)])).toEqual([]);
});
