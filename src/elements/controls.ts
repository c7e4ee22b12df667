/** The part of the classifier above its panels: title, buttons, choice of a model, readings, error notice. */
import { html, nothing } from 'lit';
import { nameOf } from './events.ts';
import { formatCount, formatNumber, formatPercent } from './format.ts';
import { MODELS, type ModelName } from './options.ts';
import type { Trainer } from './trainer.ts';

/** Actions of the controls. */
export interface Actions {
  toggle(): void;
  step(): void;
  reset(): void;
  choose(model: ModelName): void;
}

export function header({ options: { model, dataset }, status, loaded, info }: Trainer): unknown {
  const { backend, adapter } = info;
  // The adapter; before it is known, the progress of loading.
  const badge =
    status === 'loading'
      ? `loading the images, ${Math.round(loaded * 100)}%`
      : adapter &&
        html`<span class="visually-hidden">Runs on </span
          ><b>${backend === 'cpu' ? 'CPU' : 'WebGPU'}</b> ${nameOf(adapter)}`;
  return html`<header part="header">
    <h2>
      ${typeof model === 'string' ? MODELS[model] : 'Your own model'}
      <small>on ${dataset === 'mnist' ? 'MNIST, handwritten digits' : 'your images'}</small>
    </h2>
    <p class="badge">${badge}</p>
  </header>`;
}

export function controls(trainer: Trainer, actions: Actions): unknown {
  const { status, loaded, running, history, options } = trainer;
  const { step, goal, report, testAccuracy } = history;
  const loading = status === 'loading';
  return html`<div class="controls" part="controls">
      <div class="buttons">
        <button class="main" type="button" aria-disabled=${loading && running} @click=${() => actions.toggle()}>
          ${mainLabel(trainer)}
        </button>
        <button type="button" ?disabled=${loading} @click=${() => actions.step()}>Step</button>
        <button type="button" ?disabled=${loading || step === 0} @click=${() => actions.reset()}>Reset</button>
        ${choice(options.model, actions)}
      </div>
      <dl>
        ${reading('Step', html`${formatCount(step)} <small>of ${formatCount(goal)}</small>`)}
        ${reading('Steps a second', report === undefined ? '–' : formatNumber(report.stepsPerSecond))}
        ${reading('Loss', report === undefined ? '–' : formatNumber(report.loss))}
        ${reading('Test accuracy', testAccuracy === undefined ? '–' : formatPercent(testAccuracy))}
      </dl>
    </div>
    <progress
      part="progress"
      aria-label=${loading ? 'Loading the data set' : 'Training'}
      max="1"
      .value=${loading ? loaded : step / goal}
    ></progress>`;
}

/** The choice of a model by name; a model of the page's own is listed while it is in use, and cannot be chosen. */
function choice(model: Trainer['options']['model'], actions: Actions): unknown {
  const chosen = (event: Event): void => actions.choose((event.target as HTMLSelectElement).value as ModelName);
  const option = (value: string, text: string): unknown =>
    html`<option value=${value} .selected=${value === model}>${text}</option>`;
  return html`<label part="model">
    <span class="visually-hidden">Model</span>
    <select @change=${chosen}>
      ${typeof model === 'string' ? nothing : html`<option value="" selected disabled>Your own model</option>`}
      ${Object.entries(MODELS).map(([value, text]) => option(value, text))}
    </select>
  </label>`;
}

function mainLabel({ status, running, loaded, history: { step, goal }, options }: Trainer): string {
  if (status === 'loading' && running) return `Loading ${Math.round(loaded * 100)}%`;
  if (status === 'training') return 'Pause';
  if (status === 'paused') return 'Resume';
  return step === 0 || step < goal ? 'Train' : `Train ${formatCount(options.steps)} more`;
}

export function notice({ error, info, options }: Trainer, actions: Actions): unknown {
  if (error !== undefined) {
    return html`<div class="notice error" part="notice" role="alert">
      <p><b>That did not work.</b> ${error.message}</p>
      <button type="button" @click=${() => actions.reset()}>Try again</button>
    </div>`;
  }
  if (info.backend !== 'cpu' || options.backend === 'cpu') return nothing;
  const why = globalThis.isSecureContext
    ? 'This browser offers no WebGPU here'
    : 'WebGPU needs a page from HTTPS or localhost';
  return html`<p class="notice" part="notice">${why}, so the CPU trains: slower, to the same result.</p>`;
}

function reading(name: string, value: unknown): unknown {
  return html`<div>
    <dt>${name}</dt>
    <dd>${value}</dd>
  </div>`;
}
