// Writes FlatBuffers for tests, front to back: a table, then what it refers to.
// The gateway's come back to front; a reader must not care.

/** A value, or what is referred to. `tables` may lack a field: undefined. */
export type Node =
    {readonly u8: number}|{readonly u16: number}|{readonly u32: number}|
    {readonly i32: number}|{readonly i64: bigint}|{readonly f64: number}|
    {readonly text: string}|{readonly bytes: Uint8Array}|
    {readonly table: Fields}|{readonly all: readonly Node[]}|
    {readonly u16s: readonly number[]}|{readonly i64s: readonly bigint[]};
export type Fields = readonly (Node|undefined)[];

function sizeOf(node: Node): number {
  if ('u8' in node) return 1;
  if ('u16' in node) return 2;
  return 'i64' in node || 'f64' in node ? 8 : 4;
}

class Writer {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #end = 0;

  /** Zeros for `size` bytes, at a multiple of `alignment`. */
  take(size: number, alignment: number): number {
    const at = Math.ceil(this.#end / alignment) * alignment;
    this.#end = at + size;
    while (this.#end > this.#bytes.length) {
      const more = new Uint8Array(2 * this.#bytes.length);
      more.set(this.#bytes);
      this.#bytes = more;
      this.#view = new DataView(more.buffer);
    }
    return at;
  }

  /** `fields` by their ids. Returns where the table is. */
  table(fields: Fields): number {
    const vtable = this.take(4 + 2 * fields.length, 2);
    const at = this.take(4, 8);
    this.#view.setInt32(at, at - vtable, true);
    const places = fields.map((node, id) => {
      if (!node) return 0;
      const place = this.take(sizeOf(node), sizeOf(node));
      this.#view.setUint16(vtable + 4 + 2 * id, place - at, true);
      return place;
    });
    this.#view.setUint16(vtable, 4 + 2 * fields.length, true);
    this.#view.setUint16(vtable + 2, this.#end - at, true);
    fields.forEach((node, id) => {
      if (node) this.#put(places[id] as number, node);
    });
    return at;
  }

  #put(at: number, node: Node): void {
    const view = this.#view;
    if ('u8' in node) {
      view.setUint8(at, node.u8);
    } else if ('u16' in node) {
      view.setUint16(at, node.u16, true);
    } else if ('u32' in node) {
      view.setUint32(at, node.u32, true);
    } else if ('i32' in node) {
      view.setInt32(at, node.i32, true);
    } else if ('i64' in node) {
      view.setBigInt64(at, BigInt.asIntN(64, node.i64), true);
    } else if ('f64' in node) {
      view.setFloat64(at, node.f64, true);
    } else {
      const target = this.#referred(node);
      this.#view.setUint32(at, target - at, true);
    }
  }

  #referred(node: Node): number {
    if ('table' in node) return this.table(node.table);
    if ('text' in node) return this.#raw(new TextEncoder().encode(node.text));
    if ('bytes' in node) return this.#raw(node.bytes);
    if ('all' in node) {
      const at = this.#vector(node.all.length, 4);
      node.all.forEach((each, i) => this.#put(at + 4 + 4 * i, each));
      return at;
    }
    if ('u16s' in node) {
      const at = this.#vector(node.u16s.length, 2);
      node.u16s.forEach((u16, i) => this.#put(at + 4 + 2 * i, {u16}));
      return at;
    }
    if ('i64s' in node) {
      const at = this.#vector(node.i64s.length, 8);
      node.i64s.forEach((i64, i) => this.#put(at + 4 + 8 * i, {i64}));
      return at;
    }
    throw new Error('no reference');
  }

  #raw(bytes: Uint8Array): number {
    const at = this.#vector(bytes.length + 1, 1);
    this.#view.setUint32(at, bytes.length, true);
    this.#bytes.set(bytes, at + 4);
    return at;
  }

  /** The length, with the elements behind it at a multiple of `size`. */
  #vector(length: number, size: number): number {
    if (size === 8) this.take(4, 8);
    const at = this.take(4, 4);
    this.take(length * size, size);
    this.#view.setUint32(at, length, true);
    return at;
  }

  /** All of it behind its size, which is a multiple of 8. */
  frame(fields: Fields): Uint8Array {
    const prefix = this.take(4, 8);
    const root = this.take(4, 4);
    const at = this.table(fields);
    this.#view.setUint32(root, at - root, true);
    this.take(0, 8);
    this.#view.setUint32(prefix, this.#end - prefix - 4, true);
    return this.#bytes.slice(0, this.#end);
  }
}

/** A frame with the body of this number in the union. */
export function frame(body: number, fields: Fields): Uint8Array {
  return new Writer().frame([{u8: body}, {table: fields}]);
}

/** A frame whose root table has these fields. */
export function rootFrame(fields: Fields): Uint8Array {
  return new Writer().frame(fields);
}

export function join(...frames: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(frames.reduce((sum, {length}) => sum + length, 0));
  let at = 0;
  for (const each of frames) {
    all.set(each, at);
    at += each.length;
  }
  return all;
}
