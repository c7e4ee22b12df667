/** The classifier's panels: learning curves, weights, the pad with its prediction, test images. */
import { html, nothing } from 'lit';
import './chart.ts';
import './digits.ts';
import type { DigitPick } from './digits.ts';
import './filters.ts';
import { DIGITS, formatPercent } from './format.ts';
import './pad.ts';
import type { PadInput } from './pad.ts';
import './probabilities.ts';
import type { Trainer } from './trainer.ts';

/** Listeners of the panels. */
export interface PanelListeners {
  readonly draw: (event: CustomEvent<PadInput>) => void;
  readonly pick: (event: CustomEvent<DigitPick>) => void;
}

const CAPTIONS = {
  classes: 'blue speaks for the digit, red against it',
  units: 'of the first units, each on the whole image: blue excites, red inhibits',
  filters: 'the filters of the first layer, as large as the patch they see: blue excites, red inhibits',
};

export function panels(trainer: Trainer, listeners: PanelListeners): unknown {
  return html`<div class="panels">
    ${curves(trainer)} ${weights(trainer)} ${drawing(trainer, listeners)} ${testImages(trainer, listeners)}
  </div>`;
}

function curves({ history }: Trainer): unknown {
  return html`<section part="panel" class="curves" aria-labelledby="curves">
    <h3 id="curves" class="visually-hidden">Learning curves</h3>
    <inkling-chart .points=${history.points} .steps=${history.goal}></inkling-chart>
  </section>`;
}

function weights({ view, info }: Trainer): unknown {
  if (view === null) return nothing;
  return html`<section part="panel" class="filters" aria-labelledby="filters">
    <h3 id="filters">Weights <small>${CAPTIONS[view?.of ?? 'classes']}</small></h3>
    <inkling-filters
      .weights=${view?.weights}
      .labels=${view?.labels ?? info.labels}
      .width=${view?.width ?? 28}
    ></inkling-filters>
  </section>`;
}

function drawing(trainer: Trainer, { draw }: PanelListeners): unknown {
  const { labels, drawable } = trainer.info;
  const subject = labels.every((label) => DIGITS.includes(label)) ? 'digit' : 'picture';
  return html`<section part="panel" class="drawing" aria-labelledby="drawing">
    <h3 id="drawing">Your ${subject} <small>${verdict(trainer)}</small></h3>
    <div class="try">
      <inkling-pad
        .label=${drawable ? `Draw a ${subject}` : 'Nothing to draw: this data set has no images'}
        ?disabled=${!drawable}
        @inkling-input=${draw}
      ></inkling-pad>
      <inkling-probabilities .values=${trainer.prediction?.probabilities} .labels=${labels}></inkling-probabilities>
    </div>
  </section>`;
}

function verdict({ prediction, history, info }: Trainer): string {
  if (!info.drawable) return 'the rows of this data set are not images';
  if (prediction === undefined) return 'draw one, or pick a test image';
  if (history.step === 0) return 'untrained: it can only guess';
  return `looks like ${prediction.label}, ${formatPercent(prediction.probabilities[prediction.index] ?? 0)}`;
}

function testImages({ history: { samples }, info: { labels, ink } }: Trainer, { pick }: PanelListeners): unknown {
  return html`<section part="panel" class="digits" aria-labelledby="digits">
    <h3 id="digits">Test images <small>${testVerdict(samples)}</small></h3>
    <inkling-digits .samples=${samples} .labels=${labels} .ink=${ink} @inkling-pick=${pick}></inkling-digits>
  </section>`;
}

function testVerdict(samples: readonly { readonly label: number; readonly predicted?: number }[]): string {
  const predicted = samples.filter((sample) => sample.predicted !== undefined);
  if (predicted.length === 0) return 'never trained on';
  const right = predicted.filter((sample) => sample.predicted === sample.label).length;
  return `${right} of ${predicted.length} recognised; wrong ones first`;
}
