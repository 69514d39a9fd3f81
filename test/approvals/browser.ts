import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** Where a Chromium is installed, or undefined. */
export const findChromium = (): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name)))
    .find(isExecutable);

type Message = {
  id?: number;
  method?: string;
  sessionId?: string;
  params?: Record<string, unknown>;
  result?: unknown;
  error?: { message: string };
};
type Listener = (params: Record<string, unknown>) => void;

/** One tab, driven by the DevTools protocol. https://chromedevtools.github.io/devtools-protocol/ */
export type Tab = {
  send<T = Record<string, unknown>>(method: string, params?: object): Promise<T>;
  on(method: string, listener: Listener): void;
  /** Resolves when a page has loaded that `start` sets off. */
  loaded(start: () => Promise<unknown>): Promise<void>;
  /** The value of an expression in the page, as JSON carries it. */
  evaluate<T>(expression: string): Promise<T>;
};

export type Browser = { tab(): Promise<Tab>; close(): Promise<void> };

const endpointOf = (process: ChildProcess): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = '';
    process.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const [, endpoint] = /DevTools listening on (ws:\/\/\S+)/.exec(said) ?? [];
      if (endpoint) resolve(endpoint);
    });
    process.once('error', reject);
    process.once('exit', (code) => reject(new Error(`chromium ended with ${code}: ${said.slice(-2000)}`)));
  });

/** Starts a Chromium without a window, with a profile of its own that goes away with it. */
export const startBrowser = async (path: string): Promise<Browser> => {
  const profile = await mkdtemp(join(tmpdir(), 'selfheal-chromium-'));
  const process = spawn(
    path,
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      '--no-first-run',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const socket = new WebSocket(await endpointOf(process));
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve, { once: true });
    socket.addEventListener('error', reject, { once: true });
  });
  let lastId = 0;
  const waiting = new Map<number, (message: Message) => void>();
  const listeners = new Map<string, Listener[]>();
  socket.addEventListener('message', ({ data }) => {
    const message = JSON.parse(String(data)) as Message;
    if (message.id !== undefined) waiting.get(message.id)?.(message);
    for (const listener of listeners.get(`${message.sessionId} ${message.method}`) ?? []) listener(message.params ?? {});
  });
  const call = <T>(method: string, params: object = {}, sessionId?: string): Promise<T> =>
    new Promise((resolve, reject) => {
      const id = ++lastId;
      waiting.set(id, ({ result, error }) => {
        waiting.delete(id);
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result as T);
      });
      socket.send(JSON.stringify({ id, method, params, ...(sessionId === undefined ? {} : { sessionId }) }));
    });
  return {
    tab: async () => {
      const { targetId } = await call<{ targetId: string }>('Target.createTarget', { url: 'about:blank' });
      const { sessionId } = await call<{ sessionId: string }>('Target.attachToTarget', { targetId, flatten: true });
      const tab: Tab = {
        send: (method, params) => call(method, params, sessionId),
        on: (method, listener) => {
          const key = `${sessionId} ${method}`;
          listeners.set(key, [...(listeners.get(key) ?? []), listener]);
        },
        loaded: async (start) => {
          const load = new Promise<void>((resolve) => tab.on('Page.loadEventFired', () => resolve()));
          await start();
          await load;
        },
        evaluate: async <T>(expression: string) => {
          const { result } = await tab.send<{ result: { value: T } }>('Runtime.evaluate', { expression, returnByValue: true });
          return result.value;
        },
      };
      await tab.send('Page.enable');
      return tab;
    },
    close: async () => {
      const ended = new Promise((resolve) => process.once('exit', resolve));
      // It may close without an answer, and now and then it answers and stays.
      void call('Browser.close').catch(() => process.kill('SIGKILL'));
      const late = setTimeout(() => process.kill('SIGKILL'), 5000);
      if (process.exitCode === null && process.signalCode === null) await ended;
      clearTimeout(late);
      socket.close();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};
