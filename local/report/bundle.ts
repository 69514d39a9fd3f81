import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { buildSync } from 'esbuild';

const page = new URL('./page/', import.meta.url);
const root = fileURLToPath(new URL('../../', import.meta.url));

type Bundle = {
  script: string;
  style: string;
  /** The licences of what others wrote and the script contains, as they want to be repeated in copies. */
  licences: string;
};

/** The licence of each package that a file of the bundle is from; those that say the same are told once. */
const licencesOf = (files: readonly string[]): string => {
  const folders = new Set(files.flatMap((file) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0] ?? []));
  const packages = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const text = ['LICENSE', 'LICENSE.md', 'license']
      .map((name) => {
        try {
          return readFileSync(`${root}${folder}/${name}`, 'utf8').trim();
        } catch {
          return '';
        }
      })
      .find((found) => found !== '');
    const key = text ?? (JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8')) as { license: string }).license;
    packages.set(key, [...(packages.get(key) ?? []), folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)]);
  }
  return [...packages].map(([text, names]) => `${names.join(', ')}\n\n${text}`).join('\n\n\n');
};

/** All at once, as there is nothing else to do meanwhile, and so that no process of the bundler is left. */
const make = (): Bundle => {
  const { outputFiles, metafile } = buildSync({
    entryPoints: ['main.ts', 'style/page.css'].map((name) => fileURLToPath(new URL(name, page))),
    outdir: 'out',
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'ascii',
    logLevel: 'silent',
  });
  const textOf = (extension: string) => outputFiles.find(({ path }) => path.endsWith(extension))?.text.trim() ?? '';
  const [script, style] = [textOf('.js'), textOf('.css')];
  // The script must not end its element or change how it is parsed.
  if (/<\/script|<!--/i.test(script)) throw new Error('the script of the page contains markup');
  return { script, style, licences: licencesOf(Object.keys(metafile.inputs)) };
};

let made: Bundle | undefined;

/** The page's script with the charting library in it, and its style; made once for a process, in a fraction of a second. */
export const bundle = (): Bundle => {
  made ??= make();
  return made;
};
