/** Script of the demo page: it imports Inkling as any page would, and writes a run's accuracy into the text. */
import 'inkling/elements';

const text = document.querySelector('#accuracy');

// The text is not a live region, since the element announces the accuracy itself.
document.querySelector('inkling-classifier')?.addEventListener('inkling-trained', ({ detail: { accuracy, steps } }) => {
  if (text === null) return;
  const share = accuracy.toLocaleString('en', { style: 'percent', minimumFractionDigits: 1, maximumFractionDigits: 1 });
  text.textContent = `Your last run reached ${share} after ${steps.toLocaleString('en')} steps.`;
});
