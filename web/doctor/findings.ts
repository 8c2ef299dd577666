// What the facts mean: symptoms with a name and a sentence, a verdict for each
// transport, what the client would choose, and what cures it.

import {type Cure, cures} from './cures';
import type {Code, Door, Facts} from './facts';

export type Verdict = 'good'|'limited'|'broken'|'closed';

export interface Finding {
  readonly code: Code;
  readonly text: string;
  /** Nothing is wrong. */
  readonly note: boolean;
}

export interface Diagnosis {
  readonly facts: Facts;
  readonly verdict: Verdict;
  readonly findings: readonly Finding[];
  /** The most that a message came late, in ms. */
  readonly lateMs: number|undefined;
}

export interface Report {
  readonly doors: readonly Diagnosis[];
  readonly findings: readonly Finding[];
  readonly choice: Door|undefined;
  /** What calls itself by a header on the way. */
  readonly through: string;
  readonly cures: readonly Cure[];
  readonly verdict: Verdict;
}

const heldBackMs = 1000;
const clockMs = 1000;
const idleMs = 500;
const deafMs = 2000;
/** A client leaves what does so. */
const unbearable: readonly Code[] =
    ['buffered', 'cut', 'idle_cut', 'silent', 'deaf'];

const types: Partial<Record<Door, string>> = {
  'stream': 'application/x-ndjson',
  'stream by XHR': 'application/x-ndjson',
  'poll': 'application/x-ndjson',
};

export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
const size = (count: number) =>
    count < 1000 ? `${count} bytes` : `${(count / 1000).toFixed(1)} KB`;
const found = (code: Code, text: string, note = false): Finding =>
    ({code, text, note});

/** There was no `hello`. */
function silence(facts: Facts, now: number): Finding {
  const {door, ended, opened, failure, status} = facts;
  if (facts.missing) return found('missing', 'this browser has none', true);
  if (door === 'frame' || door === 'jsonp') {
    if (ended !== undefined) {
      return found('closed', 'not opened by script_doors, or refused', true);
    }
  } else if (status !== 0 && status !== 200) {
    return found('refused', `refused: status ${status} instead of 200`);
  }
  if (door === 'websocket' && opened === undefined) {
    return ended === undefined ?
        found(
            'upgrade_silent',
            `the upgrade got no answer within ${seconds(now)}`) :
        found(
            'upgrade_refused',
            `the upgrade was refused after ${seconds(ended)}: ${failure}`);
  }
  if (ended !== undefined) {
    return found(
        'cut',
        `ended after ${seconds(ended)} before anything came: ${failure}`);
  }
  return door === 'websocket' ?
      found('silent', `accepted, and then nothing came within ${seconds(now)}`) :
      found(
          'buffered',
          `a proxy buffers responses: nothing came within ${seconds(now)}`);
}

/** There was a `hello`; `lag`: the least of all messages. */
function* trouble(facts: Facts, lag: number, now: number): Generator<Finding> {
  const {door, ended, failure, burst, heartbeatMs} = facts;
  const last = facts.last ?? 0;
  const late = facts.lagMax - lag;
  const buffered = late > heldBackMs;
  if (buffered) {
    yield found(
        'buffered',
        `a proxy buffers responses: ${size(burst.size)} arrived at once ` +
            `after ${seconds(burst.at)}, up to ${seconds(late)} late`);
  }
  if (ended !== undefined && !facts.goodbye) {
    const idle = ended - last;
    yield idle >= idleMs ?
        found(
            'idle_cut',
            `connections are cut after ${seconds(idle)} without data: ` +
                failure) :
        found(
            'cut', `the connection was cut after ${seconds(ended)}: ${failure}`);
  }
  // One script is one answer.
  const quiet = Math.max(facts.silenceMs, now - last);
  if (ended === undefined && !buffered && door !== 'jsonp' &&
      quiet > 2.5 * heartbeatMs) {
    yield found(
        'silent',
        `nothing came for ${seconds(quiet)}; the gateway sends something ` +
            `every ${seconds(heartbeatMs)}`);
  }
  if (facts.pinged !== undefined && facts.ponged === undefined &&
      ended === undefined && now - facts.pinged > deafMs) {
    yield found('deaf', 'what this side says gets no answer');
  }
}

function* headers(facts: Facts): Generator<Finding> {
  const {door, status} = facts;
  if (!facts.headers || status !== 200) return;
  const said = (name: string) => facts.headers?.get(name) ?? '';
  const encoding = said('Content-Encoding');
  if (encoding !== '' && encoding !== 'identity') {
    yield found(
        'compressed', `compressed on the way: Content-Encoding ${encoding}`);
  }
  const type = types[door];
  if (type && !said('Content-Type').startsWith(type)) {
    yield found(
        'type_changed', `the Content-Type was changed: ` +
            `"${said('Content-Type')}" instead of ${type}`);
  }
  if (!said('Cache-Control').includes('no-store')) {
    yield found(
        'cache_changed', `the Cache-Control was changed: ` +
            `"${said('Cache-Control')}" instead of no-store`);
  }
  if (door !== 'poll' && said('X-Accel-Buffering') !== 'no') {
    yield found(
        'accel_taken',
        'X-Accel-Buffering did not come through (nginx keeps it for itself)',
        true);
  }
}

function diagnoseOne(facts: Facts, lag: number): Diagnosis {
  const now = facts.now();
  const works = facts.hello !== undefined;
  const findings = [
    ...(works ? trouble(facts, lag, now) : [silence(facts, now)]),
    ...headers(facts),
  ];
  const wrong = findings.some(({note}) => !note);
  const verdict = works ? (wrong ? 'limited' : 'good') :
      wrong             ? 'broken' :
                          'closed';
  const late = facts.lagMax - lag;
  return {
    facts, verdict, findings,
    lateMs: Number.isFinite(late) ? late : undefined,
  };
}

export function diagnose(all: readonly Facts[]): Report {
  const lag = Math.min(...all.map(({lagMin}) => lagMin));
  const doors = all.map((facts) => diagnoseOne(facts, lag));
  const findings: Finding[] = [];
  if (Number.isFinite(lag) && Math.abs(lag) > clockMs) {
    findings.push(found(
        'clock', `the clock of this machine is ${seconds(Math.abs(lag))} ` +
            `${lag > 0 ? 'ahead of' : 'behind'} the gateway's`));
  }
  const working = doors.filter(
      ({verdict}) => verdict === 'good' || verdict === 'limited');
  const bearable = working.find(
      (door) => !door.findings.some(({code}) => unbearable.includes(code)));
  const codes = doors.flatMap((door) => door.findings.map(({code}) => code));
  const choice = (bearable ?? working[0])?.facts.door;
  const through = all.map(({headers: head}) =>
      head?.get('Via') ?? head?.get('Server') ?? '').find((who) => who !== '');
  const fine = findings.length === 0 &&
      doors.every(({verdict}) => verdict === 'good' || verdict === 'closed');
  return {
    doors, findings, choice, through: through ?? '',
    cures: cures.filter((cure) => cure.codes.some((c) => codes.includes(c))),
    verdict: choice === undefined ? 'broken' : fine ? 'good' : 'limited',
  };
}
