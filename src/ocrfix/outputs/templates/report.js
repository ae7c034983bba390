// A correction in the table: [page, line, stage, status, applied, confidence, raw, clean, steps, alternatives, call].
const TABLE = JSON.parse($('table').textContent);
const main = document.querySelector('main'), why = $('why');
const narrow = matchMedia('(max-width: 46rem)');
let current = 0;                     // the number of the change that was jumped to or clicked
let shown = 0;                       // the number of the change that is explained
let pair = [];

const numberOf = node => node?.id?.startsWith('c-') ? +node.id.slice(2) : 0;

/** The change that a node is part of, raw or clean: the k-th raw one of a row belongs to the k-th clean one. */
function changeAt(node) {
  const mark = node.closest?.('ins,mark,del');
  if (!mark || mark.classList.contains('off')) return 0;
  if (mark.tagName !== 'DEL') return numberOf(mark);
  const row = mark.closest('.r');
  return numberOf(row.querySelectorAll('ins,mark')[[...row.querySelectorAll('del')].indexOf(mark)]);
}

function make(tag, className, ...children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}
const percent = thousandths => (thousandths / 10).toFixed(thousandths > 990 ? 1 : 0) + ' %';

function explain(number) {
  const [page, line, stage, status, applied, confidence, raw, clean, steps, alternatives, call] = TABLE[number - 1];
  const close = make('button', 'x1', '×');
  close.type = 'button';
  close.setAttribute('aria-label', word('close'));
  close.onclick = hide;
  const meter = make('span', 'meter', make('i'));
  meter.firstChild.style.width = confidence / 10 + '%';
  const link = make('a', '', '#c-' + number);
  link.href = '#c-' + number;
  link.title = word('link');
  why.replaceChildren(close,
    make('p', 'p', raw || '∅', make('span', '', ' → '), (clean || (call ? '' : '∅')) + (call ? ' [' + call + ']' : '')),
    make('p', '', meter, ' ' + percent(confidence) + ' · ' + word('status_' + status, status)));
  if (!applied) why.append(make('p', 'm', word('not_applied')));
  why.append(make('ol', '', ...steps.map(([name, rule, reason, before, after]) => {
    const item = make('li', '', make('b', '', word('stage_' + name, name)), ' ', make('code', '', rule));
    if (before !== undefined) item.append(': ' + (before || '∅') + ' → ' + (after || '∅'));
    if (reason) item.append(make('br'), reason);
    return item;
  })));
  if (alternatives.length) why.append(make('p', 'm', word('alternatives')), make('table', '', ...alternatives.map(
    ([text, probability]) => make('tr', '', make('td', '', text || '∅'), make('td', '', percent(probability))))));
  why.append(make('p', 'm', word('page') + ' ' + page + ', ' + word('line') + ' ' + line + ' · ', link));
}

function show(number) {
  if (!number || number === shown) return;
  hide();
  const node = $('c-' + number), row = node.closest('.r');
  const raw = row.querySelectorAll('del')[[...row.querySelectorAll('ins,mark')].indexOf(node)];
  pair = [node, raw];
  pair.forEach(mark => mark?.classList.add('on'));
  explain(number);
  shown = number;
  why.hidden = false;
  move(node);
}

/** Put the explanation beside its change; on narrow screens it has its place at the bottom. */
function move(node) {
  if (narrow.matches) return;
  const box = node.getBoundingClientRect(), size = why.getBoundingClientRect();
  const below = box.bottom + 8 + size.height < innerHeight;
  why.style.left = Math.max(16, Math.min(box.left, innerWidth - size.width - 32)) + 'px';
  why.style.top = Math.max(8, below ? box.bottom + 8 : box.top - 8 - size.height) + 'px';
}
function hide() {
  pair.forEach(mark => mark?.classList.remove('on'));
  pair = [];
  shown = 0;
  why.hidden = true;
}

// Filter ------------------------------------------------------------------------------------------------------------
let visible = new Uint8Array(TABLE.length + 1).fill(1);
function filter() {
  const on = name => new Set([...document.querySelectorAll(`input[name=${name}]:checked`)].map(box => box.value));
  const stages = on('stage'), statuses = on('status'), limit = +$('confidence').value;
  TABLE.forEach(([, , stage, status, , confidence], k) => {
    visible[k + 1] = stages.has(stage) && statuses.has(status) && confidence < limit;
  });
  for (const row of main.querySelectorAll('.r')) {
    const raw = row.querySelectorAll('del');
    row.querySelectorAll('ins,mark').forEach((node, k) => {
      const off = !visible[numberOf(node)];
      node.classList.toggle('off', off);
      raw[k]?.classList.toggle('off', off);
    });
  }
  hide();
  place();
}
$('filter').addEventListener('change', filter);

// Jump --------------------------------------------------------------------------------------------------------------
const isDoubtful = number => visible[number] && TABLE[number - 1][3] === 'review';
function place() {
  let before = 0, all = 0;
  for (let n = 1; n <= TABLE.length; n++) if (isDoubtful(n)) { all++; if (n <= current) before++; }
  $('place').textContent = (current && isDoubtful(current) ? before + ' / ' : '') + all + ' ' + word('doubtful');
  $('next').disabled = $('previous').disabled = !all;
}
function step(by, wanted) {
  for (let n = current + by, tries = TABLE.length; tries--; n += by) {
    if (n < 1) n = TABLE.length;
    if (n > TABLE.length) n = 1;
    if (wanted(n)) return go(n);
  }
}
function go(number) {
  const node = $('c-' + number);
  if (!node) return;
  current = number;
  pages.value = node.closest('section').id.slice(2);
  history.replaceState(null, '', '#c-' + number);
  place();
  hide();
  node.tabIndex = node.classList.contains('q') ? 0 : -1;
  node.scrollIntoView({block: 'center'});
  node.focus({preventScroll: true});
  show(number);
  let last = NaN, tries = 20;
  const settle = () => {                        // pages round it are drawn only now, and move it
    if (shown !== number) return;
    node.scrollIntoView({block: 'center'});
    move(node);
    const top = node.getBoundingClientRect().top;
    if (Math.abs(top - last) >= 1 && tries--) requestAnimationFrame(settle);
    last = top;
  };
  requestAnimationFrame(settle);
}
$('next').onclick = () => step(1, isDoubtful);
$('previous').onclick = () => step(-1, isDoubtful);
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.key === 'n') step(1, isDoubtful);
  else if (event.key === 'p') step(-1, isDoubtful);
  else if (event.key === 'j') step(1, n => visible[n]);
  else if (event.key === 'k') step(-1, n => visible[n]);
  else if (event.key === 'Escape') hide();
});

// Point at ----------------------------------------------------------------------------------------------------------
let pinned = false;
main.addEventListener('mouseover', event => {
  const number = changeAt(event.target);
  if (number) { pinned = false; show(number); } else if (shown && !pinned && !main.contains(document.activeElement)) hide();
});
main.addEventListener('focusin', event => { const n = changeAt(event.target); if (n) { current = n; show(n); place(); } });
main.addEventListener('click', event => {
  const number = changeAt(event.target);
  if (number) { current = number; show(number); pinned = true; place(); } else hide();
});
addEventListener('scroll', () => { if (shown && !narrow.matches && shown !== current) hide(); }, {passive: true});

// Pages and language ------------------------------------------------------------------------------------------------
const pages = $('pages');
function list() {
  const chosen = pages.value;
  pages.replaceChildren(...[...main.querySelectorAll('section')].map(section => {
    const n = section.id.slice(2), doubtful = +section.dataset.q;
    return new Option(word('page') + ' ' + n + (doubtful ? ' (' + doubtful + ' ?)' : ''), n);
  }));
  if (chosen) pages.value = chosen;
}
pages.onchange = () => $('p-' + pages.value).scrollIntoView();
onLanguage.push(list, place, hide);
list();
place();
if (matchMedia('(max-width: 59.99rem)').matches) $('filter').open = false;
let saved = 'en';
try { saved = localStorage.getItem('ocrfix-language') ?? 'en'; } catch { /* none */ }
if (saved !== 'en') speak(saved);
const start = () => { const number = numberOf({id: location.hash.slice(1)}); if (number) go(number); };
addEventListener('hashchange', start);
start();
