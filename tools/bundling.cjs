'use strict';

const { readFileSync } = require('node:fs');
const { join, resolve } = require('node:path');
const leanSdk = require('./lean-sdk.cjs');

/**
 * Writes a policy into the bundles of the functions that read it, so that it is of the same version as they are and needs no call.
 *
 * @param {{ text: string, digest: string } | undefined} policy
 * @returns {import('esbuild').Plugin}
 */
const packagedPolicy = (policy) => ({
  name: 'packaged-policy',
  setup(build) {
    if (policy === undefined) return;
    build.onLoad({ filter: /[\\/]shared[\\/]compose[\\/]packaged-policy\.ts$/ }, () => ({
      contents: `export const packagedPolicy = ${JSON.stringify(policy)};`,
      loader: 'js',
    }));
  },
});

/** What every function loads before anything else. */
const first = ['interpreted-schemas', 'stack-traces'].map((name) => join(__dirname, '..', 'shared', 'handlers', `${name}.ts`));

/**
 * Loads it before the imports of the file that is bundled, on its first line, so that the lines of stack traces stay right. What the bundler
 * is told to `inject` would be called from every module.
 *
 * @returns {import('esbuild').Plugin}
 */
const loadFirst = () => ({
  name: 'load-first',
  setup(build) {
    build.onResolve({ filter: /\.ts$/ }, ({ kind, path, resolveDir }) =>
      kind === 'entry-point' ? { path: resolve(resolveDir, path), pluginData: 'entry' } : undefined,
    );
    build.onLoad({ filter: /\.ts$/ }, ({ path, pluginData }) => {
      if (pluginData !== 'entry') return undefined;
      const imports = first.map((file) => `import ${JSON.stringify(file)};`).join('');
      return { contents: imports + readFileSync(path, 'utf8'), loader: 'ts' };
    });
  },
});

/** The bundler's plugins, with the policy that the plugin of the framework has read (tools/serverless-plugin.cjs). */
module.exports = (serverless) => [...leanSdk, loadFirst(), packagedPolicy(serverless?.service.custom.packagedPolicy)];
