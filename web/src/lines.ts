// Whole lines out of a stream of bytes, wherever the network cut it.

/** Far more than a message of the gateway has; whoever sends more is none. */
const lineLengthMax = 1 << 20;

export class Lines {
  // Keeps the bytes of a character that is not complete yet.
  readonly #decoder = new TextDecoder();
  #rest = '';

  /**
   * The lines that `bytes` completed, '' if none. Throws a RangeError if one
   * does not end.
   */
  push(bytes: Uint8Array): string {
    const text = this.#decoder.decode(bytes, {stream: true});
    const end = text.lastIndexOf('\n') + 1;
    const lines = end > 0 ? this.#rest + text.slice(0, end) : '';
    this.#rest = end > 0 ? text.slice(end) : this.#rest + text;
    if (this.#rest.length > lineLengthMax) {
      throw new RangeError('a line does not end');
    }
    return lines;
  }
}
