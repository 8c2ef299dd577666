// What is held of topics, whose messages all count: each goes to a listener
// once and in order, whatever connection or tab brings it, and what is missing
// is told. The sequence decides: it grows by one with every message.

import type {Want} from './interests';
import type {Messages, TopicMessage, WireTopic} from './protocol';
import type {Cursor} from './requests';

/** What a listener is told. */
export interface TopicNews {
  readonly topic: string;
  /** Those that are new to this listener, the oldest first. */
  readonly messages: readonly TopicMessage[];
  /** How many are missing before these; null: some, or none, nobody knows. */
  readonly lost: number|null;
}

/** What is held of a topic; can be cloned. */
export interface HeldTopic {
  /** Of the last message held. */
  readonly seq: number;
  /** The newest, without a gap up to `seq` but while older ones come in. */
  readonly kept: readonly TopicMessage[];
  /** So many before the newest are here, as far as the gateway had them. */
  readonly depth: number;
  /** Before this one the gateway has none. */
  readonly floor: number;
  /** How many the gateway keeps. */
  readonly keeps: number;
  /** The market's epoch at that time: the same one, the same gateway. */
  readonly run: string;
}

interface Topic {
  seq: number;
  kept: TopicMessage[];
  depth: number;
  floor: number;
  keeps: number;
  run: string;
  /** The most that anybody wants. */
  history: number;
  /** It was asked for, or another tab has told what it holds. */
  open?: boolean;
  /** Since when nobody wants it. */
  left?: number|undefined;
  ackedAt?: string|undefined;
}

/** For tabs that join or come back; no more than the gateway has. */
const keptMax = 1000;

/**
 * One that is left is kept for so long: what was on its way to the last one who
 * wanted it is no beginning for the next.
 */
const leftMs = 10_000;

const fresh = (): Topic =>
    ({seq: 0, kept: [], depth: -1, floor: 0, keeps: 0, run: '', history: 0});

export class Topics {
  readonly #topics = new Map<string, Topic>();
  readonly #news: TopicNews[] = [];

  /** `torn` takes those that have to be asked for anew. */
  constructor(private readonly torn: Set<string>) {}

  /** Keeps those of `wants` that are topics, and forgets all others. */
  keep(wants: ReadonlyMap<string, Want>): void {
    const now = performance.now();
    for (const [name, topic] of this.#topics) {
      const wanted = wants.get(name)?.history !== undefined;
      if (now - (topic.left ?? now) > leftMs) this.#topics.delete(name);
      topic.left = wanted ? undefined : topic.left ?? now;
    }
    for (const [name, {history}] of wants) {
      if (history !== undefined) this.#at(name).history = history;
    }
  }

  /** Another tab holds so much: what comes next has to go on from there. */
  reach(name: string, seq: number): void {
    const topic = this.#at(name);
    if (topic.depth < 0) topic.seq ||= seq;
  }

  /** What a connection goes on from; before that comes what it needs more. */
  cursorOf(name: string, history?: number): Cursor|undefined {
    if (history === undefined) return undefined;
    const topic = this.#at(name);
    topic.open = true;
    if (topic.seq === 0 && topic.depth < 0) return undefined;
    const {seq} = topic;
    topic.history = Math.max(topic.history, history);
    return {version: has(topic, history) ? seq : Math.max(0, seq - history)};
  }

  /** As a poll says it, which has been told of this topic. */
  beliefOf(name: string, history?: number): Cursor|undefined {
    const at = this.#topics.get(name)?.ackedAt;
    const cursor = this.cursorOf(name, history);
    return at === undefined ? cursor : {version: 0, ...cursor, at};
  }

  acked(name: string, at: string|undefined, keeps?: number): void {
    const topic = this.#topics.get(name);
    if (!topic) return;
    topic.ackedAt = at;
    topic.keeps = keeps ?? topic.keeps;
  }

  /** The gateway has sent all it owed to one that had `begun` with so much. */
  synced(names: readonly string[], begun: readonly number[]): void {
    names.forEach((name, i) => {
      const topic = this.#topics.get(name);
      if (topic?.open) deepen(topic, begun[i] ?? 0);
    });
  }

  apply({topics}: Messages, run: string): void {
    for (const [name, wire] of Object.entries(topics)) {
      const topic = this.#topics.get(name);
      if (!topic?.open) continue;
      const {seq} = topic;
      if (seq > 0 && wire.lost === undefined && firstOf(wire) > seq + 1) {
        // It went on from elsewhere than from what is held by now.
        this.torn.add(name);
        continue;
      }
      this.#merge(name, topic, wire, run);
      // What is older is gone, or never was.
      if (wire.lost !== undefined) topic.floor = firstOf(wire);
    }
  }

  copy(names: readonly string[]): Map<string, HeldTopic> {
    return new Map(
        [...this.#topics].filter(([name]) => names.includes(name)));
  }

  adopt(topics: ReadonlyMap<string, HeldTopic>): void {
    for (const [name, held] of topics) {
      const {seq, kept, depth, floor, keeps} = held;
      const topic = this.#topics.get(name);
      if (!topic) continue;
      // A leader that has heard nothing yet does not know.
      const run = held.run || topic.run;
      topic.open = true;
      topic.keeps = keeps;
      const lost = topic.run === run ? 0 : null;
      if (seq) this.#merge(name, topic, {v: seq, lost, messages: kept}, run);
      deepen(topic, depth);
      topic.floor = Math.max(topic.floor, floor);
    }
  }

  /** Where each is, for the tab that leads. */
  get reached(): Map<string, number> {
    return new Map([...this.#topics].map(([name, {seq}]) => [name, seq]));
  }

  /** The last `history` messages; undefined while they are not all here. */
  last(name: string, history: number): readonly TopicMessage[]|undefined {
    const topic = this.#topics.get(name);
    // What was left may be old.
    if (!topic || topic.left !== undefined) return undefined;
    if (topic.depth < 0 || !has(topic, history)) return undefined;
    return history > 0 ? topic.kept.slice(-history) : [];
  }

  /** What happened since the last call. */
  take(): readonly TopicNews[] {
    return this.#news.splice(0);
  }

  #at(name: string): Topic {
    let topic = this.#topics.get(name);
    if (!topic) this.#topics.set(name, topic = fresh());
    return topic;
  }

  #merge(
      name: string, topic: Topic, wire: WireTopic, run: string): void {
    const {v, lost, messages} = wire;
    let missing: number|null = 0;
    // A gateway that counts from elsewhere; not one that lags behind another
    // connection to it.
    const other = lost === null && v < topic.seq && run !== topic.run;
    const first = firstOf(wire);
    if (other || topic.seq > 0 && first > topic.seq + 1) {
      missing = lost === null ? null : first - 1 - topic.seq;
      topic.kept = [];
      topic.depth = Math.min(topic.depth, 0);
      if (other) topic.seq = 0;
    }
    const {seq, kept} = topic;
    const news: TopicMessage[] = [];
    for (const each of messages) {
      if (each.seq > topic.seq) news.push(each);
      topic.seq = Math.max(topic.seq, each.seq);
    }
    topic.seq = Math.max(topic.seq, v);
    topic.run = run;
    const known = new Set(first <= seq ? kept.map((each) => each.seq) : []);
    kept.push(...messages.filter((each) => !known.has(each.seq)));
    if (first <= seq) kept.sort((one, next) => one.seq - next.seq);
    const keep = keepOf(topic);
    if (kept.length > 2 * keep) kept.splice(0, kept.length - keep);
    topic.depth = Math.min(topic.depth, keep);
    if (news.length > 0 || missing !== 0) {
      this.#news.push({topic: name, messages: news, lost: missing});
    }
  }
}

function firstOf({v, messages}: WireTopic): number {
  return messages[0]?.seq ?? v + 1;
}

/** So many messages are kept at least. */
function keepOf({history, keeps}: Topic): number {
  return Math.max(history, Math.min(keeps, keptMax));
}

/** So many before the newest came, of which not all may be kept. */
function deepen(topic: Topic, depth: number): void {
  topic.depth = Math.max(topic.depth, Math.min(depth, keepOf(topic)));
}

/** Are the last `history` messages here, or all that there are? */
function has(
    {seq, kept, depth, floor}: HeldTopic, history: number): boolean {
  const from = Math.max(seq - history + 1, floor);
  return history <= depth || from > seq ||
      kept.at(from - seq - 1)?.seq === from;
}
