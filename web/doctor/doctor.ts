// The page of the doctor: what the network between this browser and the gateway
// lets through. `?symbols=A,B` and `?duration=SECONDS` choose.

import {byId, set, write} from '../demo/dom';
import {get} from '../demo/get';
import {diagnose, type Diagnosis, type Report} from './findings';
import {probeAll} from './probes';
import {asText, milliseconds, summary, words} from './text';

const defaultSeconds = 8;
const secondsMax = 600;
/** Known to nobody: heartbeats come for it, too. */
const noSymbol = 'DOCTOR';

const parameters = new URLSearchParams(location.search);

function duration(): number {
  const asked = Number(parameters.get('duration') ?? defaultSeconds);
  return asked > 0 ? Math.min(asked, secondsMax) : defaultSeconds;
}

async function symbols(): Promise<readonly string[]> {
  const asked = (parameters.get('symbols') ?? '').split(',').filter(Boolean);
  if (asked.length > 0) return asked;
  const known = await get<{symbols?: object}|null>('v1/symbols?limit=3');
  if (!known?.symbols) throw new Error('what answers here is no StreamHub');
  const names = Object.keys(known.symbols);
  return names.length > 0 ? names : [noSymbol];
}

function element<K extends keyof HTMLElementTagNameMap>(
    name: K, text = '', className = ''): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  made.textContent = text;
  if (className) made.className = className;
  return made;
}

function card({facts, verdict, findings, lateMs}: Diagnosis): HTMLElement {
  const made = element('article');
  set(made, 'door', facts.door);
  set(made, 'verdict', verdict);
  const head = element('h2', facts.door);
  head.append(element('span', words[verdict], 'verdict'));
  made.append(head);
  if (verdict !== 'closed') {
    const list = element('dl');
    const values: ReadonlyArray<[string, string]> = [
      ['open', milliseconds(facts.opened)],
      ['hello', milliseconds(facts.hello)],
      ['update', milliseconds(facts.update)],
      ['late by', milliseconds(lateMs)],
      ['messages', `${facts.messages}`],
    ];
    for (const [name, value] of values) {
      const pair = element('div');
      pair.append(element('dt', name), element('dd', value));
      list.append(pair);
    }
    made.append(list);
  }
  for (const {code, text, note} of findings) {
    const line = element('p', text, note ? 'note' : 'finding');
    set(line, 'code', code);
    made.append(line);
  }
  return made;
}

function show(report: Report, seconds: number): void {
  set(document.documentElement, 'verdict', report.verdict);
  write(byId('summary'), summary(report));
  write(
      byId('about'), [
        `Watched for ${seconds} s; times in ms.`,
        ...report.findings.map(({text}) => `${text}.`),
        report.through ? `Answers come through ${report.through}.` : '',
      ].filter(Boolean).join(' '));
  byId('doors').replaceChildren(...report.doors.map(card));
  const cures = report.cures.map(({title, lines}) => {
    const made = element('article');
    made.append(element('h3', title));
    for (const [server, text] of Object.entries(lines)) {
      made.append(element('h4', server), element('pre', text));
    }
    return made;
  });
  byId('cures').replaceChildren(
      ...cures.length > 0 ? [element('h2', 'What cures it'), ...cures] : []);
}

/** Also where the page may not use the clipboard (plain http). */
async function copy(text: string): Promise<void> {
  const area = byId<HTMLTextAreaElement>('text');
  area.value = text;
  try {
    await navigator.clipboard.writeText(text);
    write(byId('copy'), 'Copied');
  } catch {
    area.hidden = false;
    area.select();
    write(byId('copy'), 'Select and copy');
  }
}

async function run(): Promise<void> {
  const again = byId<HTMLButtonElement>('again');
  const copies = byId<HTMLButtonElement>('copy');
  const seconds = duration();
  again.disabled = true;
  copies.disabled = true;
  write(copies, 'Copy report');
  set(document.documentElement, 'verdict', 'running');
  write(byId('summary'), 'Trying every transport…');
  const stop = new AbortController();
  try {
    const all = probeAll(await symbols(), stop.signal);
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    const report = diagnose(all);
    show(report, seconds);
    const text = asText(new URL('.', location.href).href, report);
    copies.onclick = () => void copy(text);
    copies.disabled = false;
  } catch (error) {
    set(document.documentElement, 'verdict', 'broken');
    write(byId('summary'), `Nothing works from here: ${
        error instanceof Error ? error.message : error}`);
  } finally {
    stop.abort();
    again.disabled = false;
  }
}

byId('again').onclick = () => void run();
void run();
