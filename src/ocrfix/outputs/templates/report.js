// A change in the table: [page, line, deciding step, status, applied, confidence, raw, clean, steps, alternatives, call].
// A step: [form, numbers, before, after].  A form: [stage, rule, and the texts between the numbers of the reason].
// The texts of each form stand there in Turkish, too.
const {forms: FORMS, turkish: TURKISH, changes: TABLE} = JSON.parse($('table').textContent);
/** The form of the step that made a change what it is: stage and rule stand first. */
const decisive = ([, , deciding, , , , , , steps]) => FORMS[steps[deciding][0]];
const main = document.querySelector('main'), why = $('why');
const narrow = matchMedia('(max-width: 46rem)');
let current = 0;                     // the number of the change that was jumped to or clicked
let shown = 0;                       // the number of the change that is explained
let pair = [];

const numberOf = node => node?.id?.startsWith('c-') ? +node.id.slice(2) : 0;

/** The change that a node is part of, raw or clean: the k-th raw one of a row belongs to the k-th clean one. */
function changeAt(node) {
  const mark = node.closest?.('ins,mark,del');
  if (!mark || mark.hasAttribute('data-off')) return 0;
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
  const [page, line, , status, applied, confidence, raw, clean, steps, alternatives, call] = TABLE[number - 1];
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
  why.append(make('ol', '', ...steps.map(([form, numbers, before, after]) => {
    const [name, rule, ...english] = FORMS[form];
    const texts = (language === 'tr' && TURKISH[form]) || english;
    const reason = texts.map((text, k) => text + (numbers[k] ?? '')).join('');
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
let remaining = TABLE.length;        // so many changes the filters leave
function filter() {
  const on = name => new Set([...document.querySelectorAll(`input[name=${name}]:checked`)].map(box => box.value));
  const stages = on('stage'), statuses = on('status'), limit = +$('confidence').value, wanted = $('rule').value;
  remaining = 0;
  TABLE.forEach((change, k) => {
    const [stage, rule] = decisive(change);
    visible[k + 1] = stages.has(stage) && statuses.has(change[3]) && change[5] < limit
      && (!wanted || wanted === stage + '/' + rule);
    remaining += visible[k + 1];
  });
  for (const row of main.querySelectorAll('.r')) {
    const raw = row.querySelectorAll('del');
    row.querySelectorAll('ins,mark').forEach((node, k) => {
      const off = !visible[numberOf(node)];
      node.toggleAttribute('data-off', off);
      raw[k]?.toggleAttribute('data-off', off);
    });
  }
  hide();
  place();
  tellShown();
}
/** Tell how many are left, if the filters hide any. */
function tellShown() {
  $('shown').textContent = remaining < TABLE.length ? remaining + ' / ' + TABLE.length + ' ' + word('shown') : '';
}
/** The rules that made changes, each with their number, under their stages. */
function listRules() {
  const counts = new Map(), chosen = $('rule').value;
  for (const change of TABLE) {
    const [stage, rule] = decisive(change);
    if (!counts.has(stage)) counts.set(stage, new Map());
    counts.get(stage).set(rule, (counts.get(stage).get(rule) ?? 0) + 1);
  }
  $('rule').replaceChildren(new Option(word('all'), ''), ...[...counts].map(([stage, rules]) => {
    const group = make('optgroup', '', ...[...rules].sort((a, b) => b[1] - a[1]).map(
      ([rule, count]) => new Option(rule + ' (' + count + ')', stage + '/' + rule)));
    group.label = word('stage_' + stage, stage);
    return group;
  }));
  $('rule').value = chosen;
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
/** Go to a change and explain it; the keyboard goes there too unless it is ``busy`` elsewhere. */
function go(number, busy = false) {
  const node = $('c-' + number);
  if (!node) return;
  current = number;
  pages.value = node.closest('section').id.slice(2);
  history.replaceState(null, '', '#c-' + number);
  place();
  hide();
  node.tabIndex = node.classList.contains('q') ? 0 : -1;
  if (!busy) node.focus({preventScroll: true});
  bring(node, node, () => move(node));
  show(number);
}
/** Scroll until a place, which is a node or a range in it, stands in the middle of what is free of the explanation. */
let goal;
function bring(place, node, then) {
  goal = place;
  let last = NaN, tries = 20;
  const settle = () => {                        // pages round it are drawn only now, and move it
    if (goal !== place) return;
    const box = place.getBoundingClientRect();
    scrollBy(0, box.top + box.height / 2 - innerHeight * (narrow.matches ? .3 : .5));
    then?.();
    const {top} = place.getBoundingClientRect();
    if (Math.abs(top - last) >= 1 && tries--) requestAnimationFrame(settle);
    last = top;
  };
  node.scrollIntoView({block: 'center'});
  requestAnimationFrame(settle);
}
$('next').onclick = () => step(1, isDoubtful);
$('previous').onclick = () => step(-1, isDoubtful);
document.addEventListener('keydown', event => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('[type=search],select')) return;
  if (event.key === 'n') step(1, isDoubtful);
  else if (event.key === 'p') step(-1, isDoubtful);
  else if (event.key === 'j') step(1, n => visible[n]);
  else if (event.key === 'k') step(-1, n => visible[n]);
  else if (event.key === '/') { event.preventDefault(); $('query').select(); }
  else if (event.key === 'Escape') hide();
});

// Search ------------------------------------------------------------------------------------------------------------
const PAUSE = 150;                   // milliseconds after a key until the search begins
const unread = [...main.querySelectorAll('section')], entries = [];    // what is searched is read page by page
let hits = [], hit = -1, sought = '';

/** Text as it is compared, as long as it was: lower case by Turkish rules, white space a space, apostrophes straight. */
function fold(text) {
  const lower = text.toLocaleLowerCase('tr');
  return (lower.length === text.length ? lower : Array.from({length: text.length}, (_, k) => {
    const low = text[k].toLocaleLowerCase('tr');
    return low.length === 1 ? low : text[k];
  }).join('')).replace(/\s/g, ' ').replace(/[’‘ʼ]/g, "'");
}
/** The text nodes of a paragraph without the numbers of notes, calls and pages. */
function* textsOf(paragraph) {
  const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentNode.matches('a,.g')) yield walker.currentNode;
}
/** A paragraph to be searched: its text, and where in it the nodes stand that are given. */
function entryOf(paragraph, nodes) {
  let text = '';
  const places = [];
  for (const node of textsOf(paragraph)) {
    if (nodes?.has(node.parentNode)) places.push([text.length, text.length + node.length]);
    text += node.data;
  }
  return {paragraph, section: paragraph.closest('section'), text: fold(text), places: nodes && places};
}
const APART = '\0';                  // between texts: no query has it
/** What was proposed for a change and stands neither in the raw nor in the clean text, which are its ``own``. */
function proposalsOf(number) {
  const [, , , , applied, , raw, clean, , alternatives] = TABLE[number - 1];
  const texts = fold([raw, clean, ...alternatives.map(([text]) => text)].join(APART)).split(APART);     // folded at once
  const own = texts.slice(0, applied ? 2 : 1).join(APART);
  return {number, text: texts.filter(text => !own.includes(text)).join(APART), own};
}
/** Read what is searched on the next page, in its order: raw and clean paragraphs, and the proposals of changes. */
function readPage() {
  for (const row of unread.shift().querySelectorAll('.r')) {
    const [raw, clean] = row.children, marks = [...clean.querySelectorAll('ins,mark')];
    if (row.classList.contains('x')) {
      entries.push(entryOf(raw));
      continue;
    }
    const changed = [...raw.querySelectorAll('del')].filter((_, k) => marks[k].tagName === 'INS');
    entries.push(entryOf(raw, new Set(changed)), entryOf(clean),
      ...marks.map(mark => proposalsOf(numberOf(mark))).filter(({text}) => text));
  }
}
/** Read ahead while the browser has nothing else to do. */
function readAhead(deadline) {
  while (unread.length && deadline.timeRemaining() > 2) readPage();
  if (unread.length) requestIdleCallback(readAhead);
}
/** Whether a hit is one of its own: in raw text only where that was changed, in proposals only where the texts lack it. */
function isOwn({places, own}, at) {
  return places ? places.some(([start, end]) => start < at + sought.length && at < end) : !own?.includes(sought);
}
/** Find where the query stands, and tell how often. */
function search() {
  sought = fold($('query').value.trim());
  hits = [];
  hit = -1;
  if (sought.length > 1) {
    while (unread.length) readPage();
    for (const entry of entries)
      for (let at = entry.text.indexOf(sought); at >= 0; at = entry.text.indexOf(sought, at + sought.length)) {
        if (isOwn(entry, at)) hits.push({entry, at});
        if (entry.number) break;
      }
  }
  tellHits();
  paint();
}
function tellHits() {
  $('hits').textContent = hits.length ? (hit >= 0 ? hit + 1 + ' / ' : '') + hits.length
    : sought.length > 1 ? word('no_hit') : '';
  $('hit-before').disabled = $('hit-after').disabled = !hits.length;
}
/** The stretch of the page that a hit in a paragraph is. */
function rangeOf({entry, at}) {
  const range = document.createRange();
  let start = 0, end = at + sought.length, begun = false;
  for (const node of textsOf(entry.paragraph)) {
    if (!begun && at < start + node.length) { range.setStart(node, at - start); begun = true; }
    if (end <= start + node.length) { range.setEnd(node, end - start); break; }
    start += node.length;
  }
  return range;
}
/** Mark the hits on the pages that are on the screen or near it; where a browser cannot, nextHit selects its hit. */
const near = new Set();
function paint() {
  if (!CSS.highlights) return;
  const marked = hits.filter(({entry}) => near.has(entry.section)).map(rangeOf);
  CSS.highlights.set('hit', new Highlight(...marked));
  if (hit < 0) CSS.highlights.delete('here');
}
/** Go to the next hit, or with -1 to the previous one; the keyboard stays where it is. */
function nextHit(by) {
  if (!hits.length) return;
  hit = (hit + by + hits.length + (hit < 0 && by < 0)) % hits.length;
  tellHits();
  hide();
  const {entry} = hits[hit];
  CSS.highlights?.delete('here');
  if (entry.number) return go(entry.number, true);
  const range = rangeOf(hits[hit]);
  if (CSS.highlights) {
    const here = new Highlight(range);
    here.priority = 1;
    CSS.highlights.set('here', here);
  } else {
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
  pages.value = entry.section.id.slice(2);
  bring(range, range.startContainer.parentNode);
}
if (window.requestIdleCallback) $('query').addEventListener('focus', () => requestIdleCallback(readAhead), {once: true});
let typed;
$('query').addEventListener('input', () => { clearTimeout(typed); typed = setTimeout(search, PAUSE); });
$('query').addEventListener('keydown', event => {
  if (event.key === 'Escape') { $('query').value = ''; $('query').blur(); search(); hide(); }
  if (event.key !== 'Enter') return;
  event.preventDefault();
  if (fold($('query').value.trim()) !== sought) { clearTimeout(typed); search(); }
  nextHit(event.shiftKey ? -1 : 1);
});
$('hit-before').onclick = () => nextHit(-1);
$('hit-after').onclick = () => nextHit(1);
const watcher = new IntersectionObserver(changes => {
  for (const {target, isIntersecting} of changes) near[isIntersecting ? 'add' : 'delete'](target);
  if (hits.length) paint();
}, {rootMargin: '50%'});
main.querySelectorAll('section').forEach(section => watcher.observe(section));

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
onLanguage.push(list, listRules, place, tellHits, hide, tellShown);
list();
listRules();
place();
if (matchMedia('(max-width: 59.99rem)').matches) $('filter').open = false;
if (narrow.matches) $('overview').open = false;
addEventListener('beforeprint', () => { $('overview').open = true; });
if (chosen() !== 'en') speak(chosen());
const start = () => { const number = numberOf({id: location.hash.slice(1)}); if (number) go(number); };
addEventListener('hashchange', start);
start();
