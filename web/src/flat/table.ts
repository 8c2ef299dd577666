// Reads one FlatBuffer in place. Where every value lies is said by the buffer
// itself, which may be hostile or cut: no read is outside of it, and all reads
// together cannot be many times what it has.

/** The bytes are no message of ours, or one that a Number cannot say. */
export class FlatError extends RangeError {
  override readonly name = 'FlatError';
}

const utf8 = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/** How often the places of a buffer may be read: texts may be shared. */
const readsMax = 4;

export function decodeText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new FlatError('text that is not UTF-8');
  }
}

/** Of two 32-bit words, `high` signed or not. */
function wide(high: number, low: number): number {
  const value = high * 2 ** 32 + low;
  if (Number.isSafeInteger(value)) return value;
  throw new FlatError('a number beyond 2^53');
}

export class FlatBuffer {
  readonly #view: DataView;
  #left: number;

  constructor(private readonly bytes: Uint8Array) {
    this.#view =
        new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#left = readsMax * bytes.byteLength;
  }

  /** What the buffer is about. */
  root(): Table {
    return this.table(this.follow(0));
  }

  table(at: number): Table {
    const vtable = at - this.int32(at);
    const size = this.uint16(vtable);
    if (size < 4) throw new FlatError('a table without a layout');
    this.need(vtable, size);
    this.spend(size);
    return new Table(this, at, vtable, size);
  }

  uint8(at: number): number {
    this.need(at, 1);
    return this.#view.getUint8(at);
  }

  uint16(at: number): number {
    this.need(at, 2);
    return this.#view.getUint16(at, true);
  }

  int32(at: number): number {
    this.need(at, 4);
    return this.#view.getInt32(at, true);
  }

  uint32(at: number): number {
    this.need(at, 4);
    return this.#view.getUint32(at, true);
  }

  int64(at: number): number {
    return wide(this.int32(at + 4), this.uint32(at));
  }

  uint64(at: number): number {
    return wide(this.uint32(at + 4), this.uint32(at));
  }

  float64(at: number): number {
    this.need(at, 8);
    return this.#view.getFloat64(at, true);
  }

  /** Where the offset that lies at `at` leads. */
  follow(at: number): number {
    return at + this.uint32(at);
  }

  text(at: number): string {
    const size = this.uint32(at);
    this.spend(size);
    return decodeText(this.raw(at + 4, size));
  }

  raw(at: number, size: number): Uint8Array {
    this.need(at, size);
    return this.bytes.subarray(at, at + size);
  }

  need(at: number, size: number): void {
    if (at >= 0 && at + size <= this.bytes.length) return;
    throw new FlatError('an offset that leads out of the message');
  }

  spend(bytes: number): void {
    this.#left -= bytes;
    if (this.#left < 0) throw new FlatError('places that are read too often');
  }
}

/** Elements of one size, one after the other. */
export interface Vector {
  readonly begin: number;
  readonly length: number;
}

const none: Vector = {begin: 0, length: 0};

/** What a table does not have is its default: nothing, or 0. */
export class Table {
  constructor(
      readonly buffer: FlatBuffer, private readonly at: number,
      private readonly vtable: number, private readonly size: number) {}

  /** Where the field `id` lies, undefined if it is not there. */
  place(id: number): number|undefined {
    const entry = 4 + 2 * id;
    if (entry + 2 > this.size) return undefined;
    const offset = this.buffer.uint16(this.vtable + entry);
    return offset === 0 ? undefined : this.at + offset;
  }

  bool(id: number): boolean {
    return this.uint8(id) !== 0;
  }

  uint8(id: number): number {
    const at = this.place(id);
    return at === undefined ? 0 : this.buffer.uint8(at);
  }

  uint16(id: number): number {
    const at = this.place(id);
    return at === undefined ? 0 : this.buffer.uint16(at);
  }

  int32(id: number, otherwise: number): number {
    const at = this.place(id);
    return at === undefined ? otherwise : this.buffer.int32(at);
  }

  uint32(id: number): number {
    const at = this.place(id);
    return at === undefined ? 0 : this.buffer.uint32(at);
  }

  int64(id: number): number {
    const at = this.place(id);
    return at === undefined ? 0 : this.buffer.int64(at);
  }

  uint64(id: number): number {
    const at = this.place(id);
    return at === undefined ? 0 : this.buffer.uint64(at);
  }

  /** An unsigned 64-bit word whose bits count, low half first. */
  words(id: number): readonly [number, number] {
    const at = this.place(id);
    if (at === undefined) return [0, 0];
    return [this.buffer.uint32(at), this.buffer.uint32(at + 4)];
  }

  float64(id: number): number {
    const at = this.place(id);
    return at === undefined ? 0 : this.buffer.float64(at);
  }

  text(id: number): string {
    const at = this.place(id);
    return at === undefined ? '' : this.buffer.text(this.buffer.follow(at));
  }

  table(id: number): Table|undefined {
    const at = this.place(id);
    return at === undefined ?
        undefined : this.buffer.table(this.buffer.follow(at));
  }

  /** Of elements of `size` bytes each. */
  vector(id: number, size: number): Vector {
    const at = this.place(id);
    if (at === undefined) return none;
    const {buffer} = this;
    const start = buffer.follow(at);
    const length = buffer.uint32(start);
    buffer.need(start + 4, length * size);
    buffer.spend(length * size);
    return {begin: start + 4, length};
  }

  tables(id: number): Table[] {
    return this.#each(id, (at) => this.buffer.table(at));
  }

  texts(id: number): string[] {
    return this.#each(id, (at) => this.buffer.text(at));
  }

  #each<T>(id: number, read: (at: number) => T): T[] {
    const {begin, length} = this.vector(id, 4);
    const all: T[] = [];
    for (let i = 0; i < length; ++i) {
      all.push(read(this.buffer.follow(begin + 4 * i)));
    }
    return all;
  }
}
