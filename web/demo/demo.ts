// The demo page: a trader's quotes table over one client.
//   ?symbols=AAPL,MSFT  ?fields=bid,ask,last  ?max_rate=2  ?transport=poll
//   ?encoding=fb
// Messages only mark rows; the screen is written once per animation frame.

import {
  type Change, connect, defaultTransports, type Rate, type Subscription,
} from '../src/index';
import {flatTransports} from '../src/flat/index';

import {columnsFor, fieldsFor} from './columns';
import {byId, set, write} from './dom';
import {Header} from './header';
import {Ladder} from './ladder';
import {LatencyLine} from './latency';
import {Row} from './row';
import {defaultSymbols, knownSymbols} from './symbols';

const list = (text: string|null) => text?.split(',').filter((each) => each);

const query = new URLSearchParams(location.search);
const maxRate = rate(query.get('max_rate'));
const columns = columnsFor(list(query.get('fields')));
const fields = fieldsFor(columns);

const wanted = query.get('transport');
const transports =
    query.get('encoding') === 'fb' ? flatTransports : defaultTransports;
const client = connect({
  transports: transports.filter(
      ({name}) => wanted === null || name === wanted),
});
const header = new Header(client);
const latency = new LatencyLine(client);
const ladder =
    new Ladder(client, byId('ladder'), maxRate, render, closeLadder);

const table = byId<HTMLTableElement>('quotes');
const body = table.tBodies[0] as HTMLTableSectionElement;
const rows = new Map<string, {row: Row, subscription: Subscription}>();
const dirty = new Set<string>();
/** What makes the columns as wide as they are, by their fields. */
const widths = new Map<string, HTMLElement>();
let frame = 0;
const traffic = {updates: 0, ticks: 0, since: performance.now()};

function rate(text: string|null): Rate|undefined {
  if (text === 'unlimited') return text;
  return text && Number(text) > 0 ? Number(text) : undefined;
}

function onChange({quote, changed, folded}: Change): void {
  if (changed.length > 0) {
    latency.arrived();
    traffic.updates += 1;
    traffic.ticks += folded;
  }
  dirty.add(quote.symbol);
  render();
}

/** At most once per frame, and only what changed. */
function render(): void {
  frame ||= requestAnimationFrame(() => {
    frame = 0;
    let longer = false;
    for (const symbol of dirty) {
      const quote = client.quote(symbol);
      if (quote && rows.get(symbol)?.row.render(quote)) longer = true;
    }
    dirty.clear();
    if (longer) widen();
    ladder.render();
  });
}

/** No value is ever cut off; what one column gains others may lose. */
function widen(): void {
  const cut = () => [...rows.values()].filter(({row}) => row.widen(widths));
  for (let turn = columns.length; turn > 0 && cut().length > 0; --turn);
}

/** Ages grow, and freshness ends, without any message. */
function tick(): void {
  header.tick();
  for (const [symbol, {row}] of rows) {
    const quote = client.quote(symbol);
    if (quote) row.renderAge(quote);
  }
  ladder.render();
}

function showTraffic(): void {
  latency.show();
  const now = performance.now();
  const perSecond = (count: number) =>
      Math.round(count * 1000 / (now - traffic.since)).toLocaleString();
  write(
      byId('traffic'),
      `${rows.size} symbols · ${perSecond(traffic.updates)} updates/s for ` +
          `${perSecond(traffic.ticks)} ticks/s · market ${client.epoch}`);
  Object.assign(traffic, {updates: 0, ticks: 0, since: now});
}

function add(symbols: readonly string[]): void {
  write(byId('problem'), '');
  byId('empty').hidden = true;
  try {
    for (const symbol of symbols) {
      if (rows.has(symbol)) continue;
      const subscription =
          client.subscribe([symbol], {fields, maxRate}, onChange);
      const row = new Row(symbol, columns, remove);
      rows.set(symbol, {row, subscription});
      body.append(row.element);
    }
  } catch (error) {
    write(byId('problem'), (error as Error).message);
  }
}

function remove(symbol: string): void {
  const entry = rows.get(symbol);
  if (!entry) return;
  const next = entry.row.element.nextElementSibling ??
      entry.row.element.previousElementSibling;
  if (document.activeElement === entry.row.element) {
    (next as HTMLElement | null)?.focus();
  }
  entry.subscription.unsubscribe();
  entry.row.element.remove();
  rows.delete(symbol);
  if (ladder.symbol === symbol) closeLadder();
  remember();
}

/** The address says what one sees: it can be bookmarked and sent. */
function remember(): void {
  query.set('symbols', [...rows.keys()].join());
  const text = query.toString().replaceAll('%2C', ',').replaceAll('%2F', '/');
  history.replaceState(null, '', `?${text}`);
}

function toggle(symbol: string): void {
  const open = ladder.symbol !== symbol && rows.has(symbol);
  if (open) {
    ladder.open(symbol);
  } else {
    ladder.close();
  }
  for (const [name, {row}] of rows) {
    row.element.setAttribute('aria-current', `${open && name === symbol}`);
  }
}

function closeLadder(): void {
  if (ladder.symbol) toggle(ladder.symbol);
}

function heading(): void {
  const head = (table.tHead as HTMLTableSectionElement).insertRow();
  const group = table.querySelector('colgroup') as HTMLElement;
  const column = (label: string, width: number, className: string) => {
    const cell = document.createElement('th');
    cell.scope = 'col';
    cell.className = className;
    cell.textContent = label;
    head.append(cell);
    const col = document.createElement('col');
    col.className = className;
    col.style.width = `${width}ch`;
    group.append(col);
    return col;
  };
  column('Symbol', 13.6, 'symbol');
  column('Name', 18, 'name');
  for (const {field, label, width, className} of columns) {
    widths.set(field, column(label, width, className));
  }
  column('Trading', 8, 'trading');
  column('State', 8, 'freshness');
  column('Age', 7, 'age');
  column('', 1, '');
}

function rowOf(target: EventTarget|null): HTMLElement|null {
  return (target as Element).closest('tr');
}

function onKey(event: KeyboardEvent): void {
  const row = rowOf(event.target);
  const symbol = row?.dataset['symbol'];
  if (!row || !symbol) return;
  const move = {
    ArrowDown: row.nextElementSibling,
    ArrowUp: row.previousElementSibling,
  }[event.key];
  if (event.key === 'Enter' || event.key === ' ') {
    toggle(symbol);
  } else if (event.key === 'Delete') {
    remove(symbol);
  } else if (move) {
    (move as HTMLElement).focus();
  } else {
    return;
  }
  event.preventDefault();
}

async function fill(): Promise<void> {
  const symbols = list(query.get('symbols'));
  if (symbols?.length) {
    add(symbols);
    return;
  }
  const empty = byId('empty');
  try {
    const found = await defaultSymbols();
    if (rows.size > 0) return;
    if (found.length > 0) {
      add(found);
      return;
    }
    empty.textContent = 'The market has no symbols yet, waiting for one…';
  } catch (error) {
    empty.textContent = `No list of symbols: ${(error as Error).message}`;
  }
  empty.hidden = false;
  setTimeout(() => void fill(), 2000);
}

if (!query.has('fields')) table.dataset['usual'] = '';
heading();
body.addEventListener('click', (event) => {
  const symbol = rowOf(event.target)?.dataset['symbol'];
  if (symbol) toggle(symbol);
});
body.addEventListener('keydown', onKey);
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    closeLadder();
  } else if (/^Arrow(Down|Up)$/.test(event.key) &&
             document.activeElement === document.body) {
    // Nobody looks for the Tab key first.
    (body.firstElementChild as HTMLElement|null)?.focus();
    event.preventDefault();
  }
});
document.addEventListener('visibilitychange', tick);
addEventListener('resize', widen);
byId('add').addEventListener('submit', (event) => {
  event.preventDefault();
  const input = byId<HTMLInputElement>('symbol');
  const symbols = input.value.split(',').map((each) => each.trim());
  add(symbols.filter((each) => each));
  remember();
  input.value = '';
});
byId('symbol').addEventListener('focus', () => {
  void knownSymbols(1000).then((symbols) => {
    byId('known').replaceChildren(...symbols.map((symbol) => {
      const option = document.createElement('option');
      option.value = symbol;
      return option;
    }));
  }, () => undefined);
}, {once: true});
client.onError(({code, reason, key}) => {
  write(byId('problem'), `${code}${key ? ` ${key}` : ''}: ${reason}`);
});
client.onFeed(() => {
  set(document.documentElement, 'epoch', client.epoch);
});
setInterval(tick, 250);
setInterval(showTraffic, 1000);
void fill();
