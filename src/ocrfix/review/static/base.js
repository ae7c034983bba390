// Small helpers of all modules.  `$`, `word` and `onLanguage` come from interface.js, which the reports share.

/** An element with a class and children; text is set as text, never as markup. */
export function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/** A button that does something. */
export function button(className, action, ...children) {
  const node = make('button', className, ...children);
  node.type = 'button';
  node.addEventListener('click', action);
  return node;
}

/** A word of the interface with its gaps filled: say('n_places', {n: 3}). */
export const say = (key, values = {}) => word(key).replace(/\{(\w+)\}/g, (_, name) => values[name] ?? '');

/** How a key is shown beside what it does. */
export function key(name) {
  const node = make('kbd', '', name);
  node.setAttribute('aria-hidden', 'true');
  return node;
}

/** A share as people of the chosen language write it. */
export const percent = share => share == null ? '–' : share.toLocaleString(document.documentElement.lang,
  {style: 'percent', maximumFractionDigits: share < 0.0995 ? 1 : 0});

/** A reading as it is shown: what cannot be seen has a sign. */
export const seen = text => text === '' ? '∅' : text.trim() === '' ? '␣' : text;

/** A reading with the footnote call behind it. */
export const called = (text, call) => call ? say('with_call', {text: seen(text), call}) : seen(text);

/** Tell a screen reader; the same words twice are told twice. */
export function announce(text) {
  $('live').textContent = '';
  setTimeout(() => { $('live').textContent = text; }, 30);
}
