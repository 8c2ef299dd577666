// One row of the quotes table. It shows what the quote says at the moment it
// is rendered; in particular its freshness, which may change without a message.

import type {Quote} from '../src/index';

import {ValueCell} from './cell';
import type {Column} from './columns';
import {set, write} from './dom';
import {dash, formatAge, formatTime, formatValue} from './format';

export class Row {
  readonly element = document.createElement('tr');
  readonly #cells: {column: Column, cell: ValueCell}[];
  readonly #name = document.createElement('td');
  readonly #tag = document.createElement('small');
  readonly #trading: HTMLTableCellElement;
  readonly #freshness: HTMLTableCellElement;
  readonly #age: HTMLTableCellElement;

  constructor(
      readonly symbol: string, columns: readonly Column[],
      onRemove: (symbol: string) => void) {
    this.element.tabIndex = 0;
    this.element.dataset['symbol'] = symbol;
    this.element.dataset['freshness'] = 'stale';
    this.element.dataset['trading'] = 'unknown';
    this.element.dataset['source'] = 'unknown';
    const head = document.createElement('th');
    head.scope = 'row';
    head.append(symbol, this.#tag);
    head.title = symbol;
    this.#name.className = 'name';
    this.#cells = columns.map((column) => ({
      column,
      cell: new ValueCell(symbol, column.field, column.className),
    }));
    this.#trading = this.#stateCell('trading');
    this.#freshness = this.#stateCell('freshness');
    this.#age = this.#stateCell('age');
    const last = document.createElement('td');
    const remove = document.createElement('button');
    remove.type = 'button';
    remove.tabIndex = -1;
    remove.textContent = '×';
    remove.title = `Remove ${symbol}`;
    remove.setAttribute('aria-label', remove.title);
    remove.addEventListener('click', (event) => {
      event.stopPropagation();
      onRemove(symbol);
    });
    last.append(remove);
    this.element.append(
        head, this.#name, ...this.#cells.map(({cell}) => cell.element),
        this.#trading, this.#freshness, this.#age, last);
  }

  /** Returns whether a value may need more room than any before. */
  render(quote: Quote): boolean {
    const {description, freshness, trading, source} = quote;
    const waiting = quote.version === 0;
    set(this.element, 'freshness', freshness);
    set(this.element, 'trading', trading);
    set(this.element, 'source', source.kind);
    set(this.element, 'waiting', waiting ? 'true' : 'false');
    write(this.#name, description.name ?? '');
    write(this.#tag, description.currency ?? '');
    this.#name.title = description.name ?? '';
    const moving = freshness === 'live' || freshness === 'quiet';
    let longer = false;
    for (const {column, cell} of this.#cells) {
      const value = column.kind === 'percent' ? percent(quote) :
                                                quote.get(column.field);
      const number = typeof value === 'number' ? value : undefined;
      const text = formatValue(column.kind, value, description);
      longer = cell.show(text, number, column.moves && moving) || longer;
      if (!moving) cell.calm();
      if (column.kind === 'change' || column.kind === 'percent') {
        const sign = Math.sign(number ?? 0);
        set(cell.element, 'sign', sign > 0 ? 'up' : sign < 0 ? 'down' : '');
      }
    }
    write(this.#trading, trading === 'unknown' ? dash : trading);
    const unknown = description.unknown === true;
    write(
        this.#freshness,
        !waiting     ? freshness :
            unknown ? 'unknown' :
                      'waiting');
    this.renderAge(quote);
    return longer;
  }

  renderAge(quote: Quote): void {
    // The freshness may have gone while no message came.
    if (quote.freshness !== this.element.dataset['freshness']) {
      this.render(quote);
      return;
    }
    write(this.#age, formatAge(quote.ageMs));
    if (quote.receivedUs !== undefined) {
      this.#age.title = `last tick ${formatTime(quote.receivedUs / 1000)}`;
    }
  }

  /** Widens the columns of values that are cut off: was there any? */
  widen(widths: ReadonlyMap<string, HTMLElement>): boolean {
    let wider = false;
    for (const {column, cell: {element}} of this.#cells) {
      const {scrollWidth, clientWidth} = element;
      const width = widths.get(column.field);
      if (!width || scrollWidth <= clientWidth) continue;
      width.style.width = `${scrollWidth + 1}px`;
      wider = true;
    }
    return wider;
  }

  #stateCell(className: string): HTMLTableCellElement {
    const cell = document.createElement('td');
    cell.className = className;
    cell.textContent = dash;
    return cell;
  }
}

/** The change in percent of the previous close. */
export function percent(quote: Quote): number|null {
  const change = quote.get('change');
  const base = quote.get('prev_close');
  if (typeof change !== 'number' || typeof base !== 'number' || base === 0) {
    return null;
  }
  return change / base * 100;
}
