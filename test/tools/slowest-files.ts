/**
 * Reporter of Vitest's that names the files of a run which took longest.
 */
import type { Reporter, TestModule } from 'vitest/node';

const COUNT = 10;

/** The seconds of a file: its start, its imports, its hooks and its tests. */
function secondsOf(file: TestModule): number {
  const { environmentSetupDuration, prepareDuration, collectDuration, setupDuration, duration } = file.diagnostic();
  return (environmentSetupDuration + prepareDuration + collectDuration + setupDuration + duration) / 1000;
}

export class SlowestFiles implements Reporter {
  readonly #print: (text: string) => void;

  constructor(print: (text: string) => void = console.log) {
    this.#print = print;
  }

  onTestRunEnd(files: readonly TestModule[]): void {
    if (files.length <= 1) return;
    const slowest = files
      .map((file) => ({ file, seconds: secondsOf(file) }))
      .sort((a, b) => b.seconds - a.seconds)
      .slice(0, COUNT);
    const lines = slowest.map(
      ({ file, seconds }) => `${seconds.toFixed(1).padStart(8)} s  ${file.project.name}: ${file.relativeModuleId}`,
    );
    this.#print(`\n Slowest files\n${lines.join('\n')}\n`);
  }
}
