/**
 * `<inkling-chart>`: loss and accuracy over the steps, as two small charts with one axis of values each. Drawn as SVG, which
 * themes reach and which stays crisp. A table holds the same numbers.
 */
import { html, LitElement, svg, type PropertyValues } from 'lit';
import { chartStyles } from './chart.styles.ts';
import { type CurvePoint, decimate, type Panel, panelsOf, type Point, summary, thin } from './curves.ts';
import { define } from './define.ts';
import { formatCount, formatNumber, formatPercent } from './format.ts';
import { theme } from './theme.ts';
import { niceEnd, ticks } from './ticks.ts';

export type { CurvePoint } from './curves.ts';

const HEIGHT = 176;
const MARGIN = { top: 10, right: 20, bottom: 24, left: 40 };
const ROWS_OF_TABLE = 12;

/**
 * Curves of loss and accuracy.
 *
 * @csspart panel - one of the two charts with its title
 * @csspart table - the same as a table, closed at first
 * @cssprop --inkling-accent - the lines
 */
export class InklingChart extends LitElement {
  static override properties = {
    points: { attribute: false },
    steps: { type: Number },
    panelWidth: { state: true },
  };

  /** Points by rising step; replace the array to change them, or use `push`. */
  declare points: readonly CurvePoint[];
  /** The end of the axis of steps until the points pass it; 0 follows the points. */
  declare steps: number;
  declare panelWidth: number;

  #panels: readonly Panel[] = [];
  #observer: ResizeObserver | undefined;

  constructor() {
    super();
    this.points = [];
    this.steps = 0;
    this.panelWidth = 320;
  }

  /** Adds the values of `step`; a plain number is the loss. */
  push(step: number, values: number | Omit<CurvePoint, 'step'>): void {
    this.points = [...this.points, { step, ...(typeof values === 'number' ? { loss: values } : values) }];
  }

  clear(): void {
    this.points = [];
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#observer?.disconnect();
    this.#observer = undefined;
  }

  protected override willUpdate(changed: PropertyValues<this>): void {
    if (changed.has('points')) this.#panels = panelsOf(this.points);
  }

  protected override render(): unknown {
    return html`<div class="panels">${this.#panels.map((panel) => this.#panel(panel))}</div>
      ${this.points.length === 0 ? '' : this.#table()}`;
  }

  protected override updated(): void {
    const plot = this.renderRoot.querySelector('.plot');
    if (this.#observer !== undefined || plot === null) return;
    this.#observer = new ResizeObserver(([entry]) => {
      const width = Math.round(entry?.contentRect.width ?? 0);
      if (width > 0) this.panelWidth = width;
    });
    this.#observer.observe(plot);
  }

  #panel(panel: Panel): unknown {
    const last = panel.bold.at(-1) ?? panel.faint.at(-1);
    return html`<figure part="panel">
      <figcaption>
        <span class="title">${panel.title}</span>
        <span class="legend" aria-hidden="true">${last === undefined ? '' : panel.legend}</span>
        <span class="reading" aria-hidden="true"
          >${last === undefined ? '' : panel.format(panel.reading ?? last.y)}</span
        >
      </figcaption>
      <div class="plot">
        <svg role="img" aria-label=${summary(panel)} width=${this.panelWidth} height=${HEIGHT}>
          ${this.#plot(panel)}
        </svg>
        ${last === undefined ? html`<p class="empty" aria-hidden="true">drawn as it trains</p>` : ''}
      </div>
    </figure>`;
  }

  #plot(panel: Panel): unknown {
    const right = this.panelWidth - MARGIN.right;
    const bottom = HEIGHT - MARGIN.bottom;
    const end = Math.max(this.steps, panel.faint.at(-1)?.x ?? 0, panel.bold.at(-1)?.x ?? 0, 1);
    const top = niceEnd(panel.top, 4);
    const x = (step: number): number => MARGIN.left + (step / end) * (right - MARGIN.left);
    const y = (value: number): number => bottom + (value / top) * (MARGIN.top - bottom);
    const path = (points: readonly Point[]): string =>
      points.map((point, i) => `${i === 0 ? 'M' : 'L'}${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`).join('');
    const columns = right - MARGIN.left;
    const lastDot = panel.bold.at(-1);
    return svg`
      ${ticks(top, 4).map(
        (
          tick,
        ) => svg`<line class=${tick === 0 ? 'base' : 'grid'} x1=${MARGIN.left} x2=${right} y1=${y(tick)} y2=${y(tick)} />
          <text class="y" x=${MARGIN.left - 8} y=${y(tick)} dy="0.32em">${tickText(panel, tick)}</text>`,
      )}
      ${ticks(end, this.panelWidth < 300 ? 3 : 5).map(
        (tick) => svg`<line class="base" x1=${x(tick)} x2=${x(tick)} y1=${bottom} y2=${bottom + 4} />
          <text class="x" x=${x(tick)} y=${bottom + 17}>${formatCount(tick)}</text>`,
      )}
      <path class="faint" d=${path(decimate(panel.faint, columns))} />
      <path class="bold" d=${path(decimate(panel.bold, columns))} />
      ${panel.dots ? thin(panel.bold, 24).map((dot) => svg`<circle class="dot" cx=${x(dot.x)} cy=${y(dot.y)} r="2.5" />`) : ''}
      ${lastDot === undefined ? '' : svg`<circle class="last" cx=${x(lastDot.x)} cy=${y(lastDot.y)} r="4" />`}
    `;
  }

  #table(): unknown {
    const cell = (value: number | undefined, format: (value: number) => string) =>
      html`<td>${value === undefined ? '–' : format(value)}</td>`;
    return html`<details part="table">
      <summary>The curves as a table</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Loss</th>
            <th scope="col">Batch</th>
            <th scope="col">Test set</th>
          </tr>
        </thead>
        <tbody>
          ${thin(this.points, ROWS_OF_TABLE).map(
            (point) =>
              html`<tr>
                <th scope="row">${formatCount(point.step)}</th>
                ${cell(point.loss, formatNumber)} ${cell(point.accuracy, formatPercent)}
                ${cell(point.testAccuracy, formatPercent)}
              </tr>`,
          )}
        </tbody>
      </table>
    </details>`;
  }

  /** @hidden */
  static override styles = [theme, chartStyles];
}

function tickText(panel: Panel, tick: number): string {
  return panel.format === formatPercent ? `${Math.round(tick * 100)}%` : formatNumber(tick);
}

declare global {
  interface HTMLElementTagNameMap {
    'inkling-chart': InklingChart;
  }
}

define('inkling-chart', InklingChart);
