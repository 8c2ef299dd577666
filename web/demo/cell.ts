// A table cell that shows one value and flashes when it rises or falls. The
// direction is also an arrow and stays until the next change: colour alone
// tells nothing to one man in twelve.

import {dash} from './format';

const flashMs = 700;
const stillness = matchMedia('(prefers-reduced-motion: reduce)');
// Sizes change with every order: theirs is a glimmer.
const flash = (colour: string) => ({
  price: [{backgroundColor: `rgb(${colour} / 50%)`}, {}],
  other: [{backgroundColor: `rgb(${colour} / 18%)`}, {}],
});
const flashes = {up: flash('47 201 135'), down: flash('255 92 92')};

export class ValueCell {
  readonly element: HTMLTableCellElement;
  #value: number|undefined;
  #longest = 0;
  #animation: Animation|undefined;

  constructor(symbol: string, field: string, className: string) {
    this.element = document.createElement('td');
    this.element.dataset['symbol'] = symbol;
    this.element.dataset['field'] = field;
    this.element.className = className;
    this.element.textContent = dash;
  }

  /**
   * Shows `text`; flashes if `value` differs from the number shown before.
   * Returns whether it may need more room than any before.
   */
  show(text: string, value: number|undefined, moves: boolean): boolean {
    if (this.element.textContent !== text) this.element.textContent = text;
    this.#flash(value, moves);
    // All digits are equally wide, and wider than what parts them.
    const length = text.length + text.replace(/\D/g, '').length;
    const longer = length > this.#longest;
    if (longer) this.#longest = length;
    return longer;
  }

  #flash(value: number|undefined, moves: boolean): void {
    const before = this.#value;
    this.#value = value;
    if (!moves || value === before) return;
    if (before === undefined || value === undefined) {
      delete this.element.dataset['move'];
      return;
    }
    const move = value > before ? 'up' : 'down';
    this.element.dataset['move'] = move;
    if (stillness.matches) return;
    this.#animation?.cancel();
    const kind = this.element.matches('.price') ? 'price' : 'other';
    this.#animation = this.element.animate(flashes[move][kind], flashMs);
  }

  /** What is not live does not glow. */
  calm(): void {
    this.#animation?.cancel();
    this.#animation = undefined;
  }
}
