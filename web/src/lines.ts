// Whole lines out of a stream, wherever the network cut it.

/** Far more than a message of the gateway has; whoever sends more is none. */
const lineLengthMax = 1 << 20;

/** Of text, as an XMLHttpRequest has it. */
export class TextLines {
  #rest = '';

  /**
   * The lines that `text` completed, '' if none. Throws a RangeError if one
   * does not end.
   */
  push(text: string): string {
    const end = text.lastIndexOf('\n') + 1;
    const lines = end > 0 ? this.#rest + text.slice(0, end) : '';
    this.#rest = end > 0 ? text.slice(end) : this.#rest + text;
    if (this.#rest.length > lineLengthMax) {
      throw new RangeError('a line does not end');
    }
    return lines;
  }
}

/** Of bytes. */
export class Lines {
  // Keeps the bytes of a character that is not complete yet.
  readonly #decoder = new TextDecoder();
  readonly #lines = new TextLines();

  push(bytes: Uint8Array): string {
    return this.#lines.push(this.#decoder.decode(bytes, {stream: true}));
  }
}
