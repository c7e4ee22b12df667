/**
 * The presentational elements in a real browser: their content and their events by pointer and keyboard, and the report of
 * axe in light and dark.
 */
import type { Page } from 'playwright-core';
import { beforeAll, describe, expect, it } from 'vitest';
import type { InklingChart, InklingDigits, InklingFilters, InklingPad, InklingProbabilities } from 'inkling/elements';
import { openPage } from '../tools/page.ts';
import { addElements, axeViolations } from './elements.ts';

let page: Page;
beforeAll(async () => {
  page = await openPage();
  await addElements(page);
});

/** A page's body; the last of them is what the tests below look at. */
const show = (html: string): Promise<void> => page.evaluate((html) => void (document.body.innerHTML = html), html);

describe('<inkling-pad>', () => {
  /** Strokes by mouse through points given in shares of the pad's side. */
  async function draw(
    points: readonly (readonly [number, number])[],
    button: 'left' | 'right' = 'left',
  ): Promise<void> {
    const box = await page.locator('inkling-pad .pad').boundingBox();
    if (box === null) throw new Error('no pad');
    const at = ([x, y]: readonly [number, number]) => [box.x + x * box.width, box.y + y * box.height] as const;
    const [first = [0, 0], ...rest] = points;
    await page.mouse.move(...at(first));
    await page.mouse.down({ button });
    for (const point of rest) await page.mouse.move(...at(point), { steps: 5 });
    await page.mouse.up({ button });
  }

  const seven = [[0.3, 0.25], [0.7, 0.25], [0.45, 0.8]] as const; // prettier-ignore

  /** The pad's value as text: a row a line, a share of ink a character. */
  const drawn = (): Promise<number[]> => page.locator('inkling-pad').evaluate((pad: InklingPad) => [...pad.value]);
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

  async function events(): Promise<{ empty: boolean; ink: number }[]> {
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
    return page.evaluate(() => (globalThis as unknown as { told: { empty: boolean; ink: number }[] }).told);
  }

  async function newPad(style = ''): Promise<void> {
    await show(`<div style="padding: 20px; ${style}"><inkling-pad></inkling-pad></div>`);
    await page.evaluate(() => {
      const told: unknown[] = [];
      Object.assign(globalThis, { told });
      document.body.querySelector('inkling-pad')?.addEventListener('inkling-input', (event) => {
        const { value, empty } = (event as CustomEvent<{ value: Float32Array; empty: boolean }>).detail;
        told.push({ empty, ink: value.reduce((a, b) => a + b, 0) });
      });
    });
  }

  it('reads strokes as MNIST would: 28 × 28, ink up to 1, centred', async () => {
    await newPad();
    expect(sum(await drawn())).toBe(0);
    await draw(seven);
    const value = await drawn();
    expect(value).toHaveLength(784);
    expect(Math.max(...value)).toBe(1);
    const centre = (of: (i: number) => number) => sum(value.map((ink, i) => ink * of(i))) / sum(value);
    expect(Math.abs(centre((i) => i % 28) - 14)).toBeLessThan(1);
    expect(Math.abs(centre((i) => Math.floor(i / 28)) - 14)).toBeLessThan(1);
    const told = await events();
    expect(told.length).toBeGreaterThan(0);
    expect(told.at(-1)).toEqual({ empty: false, ink: sum(value) });
  });

  it('reads the same strokes on a page that is scaled, turned and set from right to left', async () => {
    await newPad();
    await draw(seven);
    const plain = await drawn();
    await newPad('direction: rtl; transform: scale(0.6) translate(40px, 30px); inline-size: 500px');
    await draw(seven);
    const moved = await drawn();
    const difference = sum(moved.map((ink, i) => Math.abs(ink - (plain[i] ?? 0))));
    expect(difference / sum(plain)).toBeLessThan(0.05);
  });

  it('ignores the right button, and a second finger', async () => {
    await newPad();
    await draw(seven, 'right');
    expect(sum(await drawn())).toBe(0);
    const ink = await page.locator('inkling-pad').evaluate(async (pad: InklingPad) => {
      const square = pad.shadowRoot?.querySelector('.pad');
      if (!square) throw new Error('no pad');
      const { left, top, width } = square.getBoundingClientRect();
      const fire = (type: string, pointerId: number, x: number, y: number): void => {
        const place = { clientX: left + x * width, clientY: top + y * width, pointerId, bubbles: true };
        square.dispatchEvent(new PointerEvent(type, place));
      };
      square.setPointerCapture = () => undefined; // There is no such finger to capture.
      fire('pointerdown', 5, 0.5, 0.2);
      fire('pointermove', 5, 0.5, 0.8);
      fire('pointerdown', 6, 0.1, 0.5);
      fire('pointermove', 6, 0.9, 0.5);
      fire('pointerup', 5, 0.5, 0.8);
      await pad.updateComplete;
      return pad.shadowRoot?.querySelector('.ink')?.getAttribute('d') ?? '';
    });
    expect(ink.match(/M/g)).toHaveLength(1);
    expect(ink).not.toContain('M28');
  });

  it('is drawn on, and cleared, by keys', async () => {
    await newPad();
    await page.keyboard.press('Tab');
    await page.keyboard.press('Space');
    for (let i = 0; i < 8; i++) await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Space');
    await page.keyboard.press('ArrowRight');
    const value = await drawn();
    expect(sum(value)).toBeGreaterThan(10);
    const columns = new Set(value.flatMap((ink, i) => (ink > 0.2 ? [i % 28] : [])));
    expect(columns.size).toBeLessThan(6);
    await page.keyboard.press('Delete');
    expect(sum(await drawn())).toBe(0);
    expect((await events()).at(-1)).toEqual({ empty: true, ink: 0 });
  });

  it('refuses all but pictures, and names the allowed ones', async () => {
    await newPad();
    const messages = await page.locator('inkling-pad').evaluate((pad: InklingPad) =>
      [undefined, null, 5, 'text', [1, 2], {}, new Date(), new BigInt64Array(784), new Array(784).fill('a')].map(
        (given) => {
          try {
            pad.show(given as never);
            return 'taken';
          } catch (error) {
            return `${(error as { code?: string }).code}: ${(error as Error).message}`;
          }
        },
      ),
    );
    for (const message of messages)
      expect(message).toMatch(/^usage: show\(\): the pixels are .*; give 28 × 28 numbers/);
  });

  it('shows a picture, which the next stroke replaces; the button clears', async () => {
    await newPad();
    await page.locator('inkling-pad').evaluate((pad: InklingPad) => {
      pad.show(Array.from({ length: 784 }, (_, i) => (i === 400 ? 0.5 : 0)));
    });
    expect((await drawn())[400]).toBe(0.5);
    await draw(seven);
    expect((await drawn())[400]).not.toBe(0.5);
    await page.getByRole('button', { name: 'Clear' }).click();
    expect(
      await page.locator('inkling-pad').evaluate((pad: InklingPad) => [pad.empty, pad.matches(':state(empty)')]),
    ).toEqual([true, true]);
  });
});

describe('<inkling-probabilities>', () => {
  const meters = () =>
    page.getByRole('meter').evaluateAll((all) => all.map((meter) => meter.getAttribute('aria-valuetext')));

  it('has a meter per class, names the likeliest, and treats an invalid probability as zero', async () => {
    await show('<inkling-probabilities></inkling-probabilities>');
    expect(await meters()).toEqual(Array.from({ length: 10 }, () => 'no prediction yet'));
    await page.locator('inkling-probabilities').evaluate(async (bars: InklingProbabilities) => {
      bars.labels = ['cat', '<img onerror=alert(1) src=x>', 'owl'];
      bars.values = [0.25, NaN, 0.75];
      await bars.updateComplete;
    });
    expect(await meters()).toEqual(['25.0%', '0.0%', '75.0%']);
    const best = page.locator('inkling-probabilities [data-best]');
    expect((await best.textContent())?.replace(/\s+/g, ' ')).toContain('owl');
    expect(await page.locator('inkling-probabilities img').count()).toBe(0);
  });
});

describe('<inkling-chart>', () => {
  it('draws 100,000 points as a short path, says it in a sentence and in a table', async () => {
    await show('<inkling-chart></inkling-chart>');
    const found = await page.locator('inkling-chart').evaluate(async (chart: InklingChart) => {
      chart.points = Array.from({ length: 100_000 }, (_, i) => ({ step: i + 1, loss: 100 + Math.sin(i) }));
      await chart.updateComplete;
      chart.push(100_001, { loss: 50, accuracy: 0.9, testAccuracy: 0.92 });
      const began = performance.now();
      await chart.updateComplete;
      const paths = [...(chart.shadowRoot?.querySelectorAll('path') ?? [])].map(
        (path) => path.getAttribute('d')?.length,
      );
      return { paths, ms: performance.now() - began };
    });
    expect(Math.max(...found.paths.map(Number))).toBeLessThan(60_000);
    expect(found.ms).toBeLessThan(1000);
    const names = await page
      .getByRole('img')
      .evaluateAll((all) => all.map((image) => image.getAttribute('aria-label')));
    expect(names[0]).toMatch(/^Loss from step 1 to 100,001: from 100 to /);
    expect(names[1]).toContain('to 92.0%');
    await page.getByText('The curves as a table').click();
    expect(await page.getByRole('row').count()).toBe(13);
    expect(await page.getByRole('row').last().textContent()).toMatch(/100,001\s*50\s*90\.0%\s*92\.0%/);
  });

  it('says that there is nothing yet', async () => {
    await show('<inkling-chart></inkling-chart>');
    expect(await page.getByRole('img', { name: 'Loss: nothing has been trained yet.' }).count()).toBe(1);
  });
});

describe('<inkling-filters>', () => {
  const pixel = (canvas: number, at: number): Promise<number[]> =>
    page
      .locator('inkling-filters canvas')
      .nth(canvas)
      .evaluate((canvas: HTMLCanvasElement, at) => {
        return [...(canvas.getContext('2d')?.getImageData(at % 28, Math.floor(at / 28), 1, 1).data ?? [])].slice(0, 3);
      }, at);

  it('paints positive weights blue and negative ones red, on one scale, in the colours of the scheme', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await show('<inkling-filters></inkling-filters>');
    await page.locator('inkling-filters').evaluate(async (filters: InklingFilters) => {
      document.documentElement.style.colorScheme = 'light dark';
      const weights = new Float32Array(7840);
      for (let i = 100; i < 200; i++) weights[i * 10 + 3] = 2;
      for (let i = 300; i < 400; i++) weights[i * 10 + 3] = -1;
      filters.weights = weights;
      await filters.updateComplete;
    });
    const [positive, minusHalf, zero] = await Promise.all([pixel(3, 150), pixel(3, 350), pixel(4, 150)]);
    expect(positive).toEqual([0x1f, 0x62, 0xa8]);
    expect(zero).toEqual([0xf7, 0xf4, 0xee]);
    expect(minusHalf).toEqual([0xd5, 0x8a, 0x8d]);
    expect(await page.locator('inkling-filters [part=scale]').innerText()).toMatch(/^−2 against\s+for \+2$/);
    const ramp = await page.locator('.ramp').evaluate((ramp) => getComputedStyle(ramp).backgroundImage);
    expect(ramp).toMatch(/^linear-gradient\(to right, rgb\(179, 32, 44\), .*, rgb\(31, 98, 168\)\)$/);
    await page.emulateMedia({ colorScheme: 'dark' });
    await expect.poll(() => pixel(3, 150)).toEqual([0x5d, 0xa3, 0xea]);
    await page.emulateMedia({ colorScheme: 'light' });
  });
});

describe('<inkling-digits>', () => {
  it('puts the wrong ones first, names them, and is chosen from by keys', async () => {
    await show('<inkling-digits></inkling-digits>');
    await page.locator('inkling-digits').evaluate(async (digits: InklingDigits) => {
      const picks: number[] = [];
      Object.assign(globalThis, { picks });
      digits.addEventListener('inkling-pick', (event) =>
        picks.push((event as CustomEvent<{ index: number }>).detail.index),
      );
      digits.samples = [7, 2, 1, 0].map((label) => ({
        image: new ImageData(28, 28),
        label,
        predicted: label === 1 ? 4 : label,
      }));
      await digits.updateComplete;
    });
    const spoken = await page.getByRole('listbox').ariaSnapshot();
    expect(spoken.match(/(?<=- option ").*(?=")/g)).toEqual([
      'predicted 4 but it is 1',
      '7 recognised',
      '2 recognised',
      '0 recognised',
    ]);
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Space');
    await page.keyboard.press('End');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => (globalThis as unknown as { picks: number[] }).picks)).toEqual([2, 1, 3]);
    expect(await page.getByRole('option', { selected: true }).textContent()).toContain('0 recognised');
    expect(await page.locator('inkling-digits [tabindex="0"]').count()).toBe(1);
  });

  it('keeps the focus on a sample that changes its place', async () => {
    await show('<inkling-digits></inkling-digits>');
    const focused = await page.locator('inkling-digits').evaluate(async (digits: InklingDigits) => {
      const samples = [7, 2, 1, 0].map((label) => ({ image: new ImageData(28, 28), label }));
      const places: (string | undefined)[] = [];
      for (const wrong of [2, 3, 0, 1]) {
        digits.samples = samples.map((sample, i) => ({ ...sample, predicted: i === wrong ? 9 : sample.label }));
        await digits.updateComplete;
        digits.shadowRoot?.querySelector<HTMLElement>('[data-index="2"]')?.focus();
        digits.samples = [...digits.samples].map((sample, i) => ({ ...sample, predicted: i === 2 ? 9 : sample.label }));
        await digits.updateComplete;
        places.push((digits.shadowRoot?.activeElement as HTMLElement | null)?.dataset.index);
      }
      return places;
    });
    expect(focused).toEqual(['2', '2', '2', '2']);
  });

  it('marks the wrong ones by a frame, a cross and a colour that differs from those of weights', async () => {
    await show('<inkling-digits></inkling-digits>');
    const marks = await page.locator('inkling-digits').evaluate(async (digits: InklingDigits) => {
      document.documentElement.style.colorScheme = 'light dark';
      digits.samples = [1, 2].map((label) => ({ image: new ImageData(28, 28), label, predicted: 2 }));
      await digits.updateComplete;
      const [wrong, right] = digits.shadowRoot?.querySelectorAll('li') ?? [];
      if (!wrong || !right) throw new Error('no samples');
      const look = () => {
        const { borderTopStyle, borderTopColor } = getComputedStyle(wrong);
        const { content, backgroundColor } = getComputedStyle(wrong, '::after');
        return [borderTopStyle, content.slice(0, 3), borderTopColor, backgroundColor];
      };
      const before = look();
      for (const name of ['positive', 'negative', 'accent']) digits.style.setProperty(`--inkling-${name}`, 'lime');
      const unmoved = look();
      digits.style.setProperty('--inkling-wrong', 'rgb(1, 2, 3)');
      return { before, unmoved, themed: look(), right: getComputedStyle(right, '::after').content };
    });
    expect(marks.before).toEqual(['double', '"×"', 'rgb(192, 122, 8)', 'rgb(192, 122, 8)']);
    expect(marks.unmoved).toEqual(marks.before);
    expect(marks.themed.slice(2)).toEqual(['rgb(1, 2, 3)', 'rgb(1, 2, 3)']);
    expect(marks.right).toBe('none');
  });
});

it('leaves axe nothing to say, in light and in dark', async () => {
  await show(`<main><h1>Elements</h1><inkling-pad></inkling-pad><inkling-probabilities></inkling-probabilities>
    <inkling-chart></inkling-chart><inkling-filters></inkling-filters><inkling-digits></inkling-digits></main>`);
  await page.evaluate(() => {
    document.documentElement.lang = 'en';
    document.documentElement.style.colorScheme = 'light dark';
    document.body.style.background = 'light-dark(#fdfbf7, #15191a)';
    const find = <K extends keyof HTMLElementTagNameMap>(name: K) => document.querySelector(name);
    Object.assign(find('inkling-probabilities') ?? {}, { values: [0, 0, 0.9, 0.1, 0, 0, 0, 0, 0, 0] });
    Object.assign(find('inkling-filters') ?? {}, {
      weights: Float32Array.from({ length: 7840 }, (_, i) => Math.sin(i)),
    });
    const samples = [1, 2].map((label) => ({ image: new ImageData(28, 28), label, predicted: 2 }));
    Object.assign(find('inkling-digits') ?? {}, { samples });
    find('inkling-chart')?.push(1, { loss: 2, accuracy: 0.5, testAccuracy: 0.4 });
  });
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    expect(await axeViolations(page), colorScheme).toEqual([]);
  }
});
