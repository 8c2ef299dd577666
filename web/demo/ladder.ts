// The order book of one symbol: ten levels of both sides, subscribed to only
// while it is open.

import type {Client, Quote, Rate, Subscription} from '../src/index';

import {ValueCell} from './cell';
import {set, write} from './dom';
import {dash, formatTime, formatValue, kindOf} from './format';
import {percent} from './row';

const levels = Array.from({length: 10}, (_, i) => i === 0 ? '' : `${i + 1}`);
const sides = ['bid', 'ask'] as const;
const fields = [
  ...levels.flatMap(
      (n) => sides.flatMap((side) => [`${side}${n}`, `${side}${n}_size`])),
  'last', 'last_size', 'change', 'prev_close', 'open', 'high', 'low', 'volume',
  'trade_time', 'trading',
];

const facts: readonly (readonly [label: string, field: string])[] = [
  ['Last', 'last'], ['Last size', 'last_size'], ['Change', 'change'],
  ['Open', 'open'], ['High', 'high'], ['Low', 'low'],
  ['Previous close', 'prev_close'], ['Volume', 'volume'],
];

interface Level {
  readonly row: HTMLTableRowElement;
  readonly cells: readonly ValueCell[];
}

export class Ladder {
  #symbol: string|undefined;
  #subscription: Subscription|undefined;
  #levels: Level[] = [];
  readonly #texts = new Map<string, HTMLElement>();

  constructor(
      private readonly client: Client, private readonly panel: HTMLElement,
      private readonly maxRate: Rate|undefined,
      private readonly onChange: () => void,
      private readonly onClose: () => void) {}

  get symbol(): string|undefined {
    return this.#symbol;
  }

  open(symbol: string): void {
    this.close();
    this.#symbol = symbol;
    this.#build(symbol);
    this.panel.hidden = false;
    this.#subscription = this.client.subscribe(
        [symbol], {fields, maxRate: this.maxRate}, this.onChange);
    this.onChange();
  }

  close(): void {
    this.#subscription?.unsubscribe();
    this.#subscription = undefined;
    this.#symbol = undefined;
    this.panel.hidden = true;
    this.panel.replaceChildren();
  }

  render(): void {
    const quote = this.#symbol && this.client.quote(this.#symbol);
    if (!quote) return;
    const {description, freshness} = quote;
    const moving = freshness === 'live' || freshness === 'quiet';
    set(this.panel, 'freshness', freshness);
    let deepest = 0;
    for (const level of fields.filter((field) => field.endsWith('_size'))) {
      deepest = Math.max(deepest, Number(quote.get(level) ?? 0));
    }
    this.#levels.forEach(({row, cells}, i) => {
      for (const cell of cells) {
        const field = cell.element.dataset['field'] ?? '';
        const value = quote.get(field);
        const number = typeof value === 'number' ? value : undefined;
        const text = formatValue(kindOf(field), value, description);
        cell.show(text, number, moving);
        if (!moving) cell.calm();
      }
      for (const side of sides) {
        const size = Number(quote.get(`${side}${levels[i]}_size`) ?? 0);
        const share = deepest > 0 ? size / deepest : 0;
        row.style.setProperty(`--${side}`, `${(share * 100).toFixed(1)}%`);
      }
    });
    this.#renderFacts(quote);
  }

  #renderFacts(quote: Quote): void {
    const {description} = quote;
    for (const [, field] of facts) {
      let text = formatValue(kindOf(field), quote.get(field), description);
      if (field === 'change') {
        text += ` (${formatValue('percent', percent(quote), description)})`;
      }
      this.#text(field, text);
    }
    this.#text('name', description.name ?? '');
    this.#text('state', `${quote.freshness} · ${quote.trading}`);
    const {bid, ask} = {bid: quote.get('bid'), ask: quote.get('ask')};
    const spread = typeof bid === 'number' && typeof ask === 'number' ?
        (ask - bid).toFixed(description.decimals ?? 2) : dash;
    this.#text('spread', spread);
    this.#text('received', time(quote.receivedUs));
    this.#text('venue', time(quote.venueUs));
    const rate = quote.maxRate;
    this.#text(
        'rate', rate === undefined ? dash :
                    rate === 'unlimited' ? rate : `${rate}/s`);
  }

  #text(key: string, text: string): void {
    const element = this.#texts.get(key);
    if (element) write(element, text);
  }

  #build(symbol: string): void {
    const heading = document.createElement('h2');
    heading.append(symbol, this.#slot('name', 'span'));
    const close = document.createElement('button');
    close.type = 'button';
    close.textContent = 'Close';
    close.addEventListener('click', this.onClose);
    const list = document.createElement('dl');
    const entries: (readonly [string, string])[] = [
      ['State', 'state'], ...facts, ['Spread', 'spread'],
      ['Last tick', 'received'], ['Venue time', 'venue'], ['Rate', 'rate'],
    ];
    for (const [label, key] of entries) {
      const term = document.createElement('dt');
      term.textContent = label;
      list.append(term, this.#slot(key, 'dd'));
    }
    const about = document.createElement('div');
    about.className = 'about';
    about.append(heading, list);
    this.panel.replaceChildren(about, this.#book(symbol), close);
  }

  #slot(key: string, tag: 'span'|'dd'): HTMLElement {
    const element = document.createElement(tag);
    this.#texts.set(key, element);
    return element;
  }

  #book(symbol: string): HTMLTableElement {
    const table = document.createElement('table');
    const head = table.createTHead().insertRow();
    for (const label of ['', 'Bid size', 'Bid', 'Ask', 'Ask size']) {
      const cell = document.createElement('th');
      cell.scope = 'col';
      cell.textContent = label;
      head.append(cell);
    }
    const body = table.createTBody();
    this.#levels = levels.map((n, i) => {
      const row = body.insertRow();
      const label = document.createElement('th');
      label.scope = 'row';
      label.textContent = `${i + 1}`;
      const cells =
          [`bid${n}_size`, `bid${n}`, `ask${n}`, `ask${n}_size`].map(
              (field) => new ValueCell(
                  symbol, field, `${field.slice(0, 3)} ${kindOf(field)}`));
      row.append(label, ...cells.map(({element}) => element));
      return {row, cells};
    });
    return table;
  }
}

function time(us: number|undefined): string {
  return us === undefined ? dash : formatTime(us / 1000);
}
