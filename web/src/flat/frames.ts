// Size-prefixed FlatBuffers, one after the other: a message, or a stream of
// them, wherever the network cut it.

import {FlatError} from './table';

/** Far more than a frame of the gateway has; whoever sends more is none. */
const frameBytesMax = 1 << 20;
const prefixBytes = 4;
const alignment = 8;

/**
 * The size of the frame that begins at `at`, with its prefix; 0 if the prefix
 * is not complete. Throws if no frame begins like that.
 */
function frameSize(bytes: Uint8Array, at: number): number {
  if (at + prefixBytes > bytes.length) return 0;
  const {buffer, byteOffset} = bytes;
  const size =
      prefixBytes + new DataView(buffer, byteOffset + at).getUint32(0, true);
  if (size > frameBytesMax || size % alignment !== 0) {
    throw new FlatError(`a frame of ${size} bytes`);
  }
  return size;
}

/** The FlatBuffers of a whole message, without their prefixes. */
export function* framesOf(message: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < message.length;) {
    const size = frameSize(message, at);
    if (size === 0 || at + size > message.length) {
      throw new FlatError('a message that is cut off');
    }
    yield message.subarray(at + prefixBytes, at + size);
    at += size;
  }
}

/** Whole frames out of a stream of bytes. */
export class Frames {
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** With fewer bytes than that nothing is complete. */
  #wanted = prefixBytes;

  /** The frames that `bytes` completed, with their prefixes; may be none. */
  push(bytes: Uint8Array): Uint8Array {
    this.#pieces.push(bytes);
    this.#length += bytes.length;
    if (this.#length < this.#wanted) return new Uint8Array(0);
    const all = joined(this.#pieces, this.#length);
    let end = 0;
    let size = frameSize(all, end);
    while (size > 0 && end + size <= all.length) {
      end += size;
      size = frameSize(all, end);
    }
    const rest = all.slice(end);
    this.#pieces = [rest];
    this.#length = rest.length;
    this.#wanted = Math.max(size, prefixBytes);
    return all.subarray(0, end);
  }
}

function joined(pieces: readonly Uint8Array[], length: number): Uint8Array {
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}
