'use strict';

const { readFileSync } = require('node:fs');

/** The table of shapes that a client of the SDK has: one declaration for each type and operation of the service. */
const tables = /[\\/]@aws-sdk[\\/].*[\\/]schemas_\d+\.js$/;

/**
 * A client's table of shapes as a bundler can thin it out. What the SDK publishes can't be: keys computed from constants might do
 * anything, as far as a bundler knows, and every modelled exception is registered, wanted or not. Without them, an error is of the
 * service's base class, with the same code and message; selfheal tells errors by their code alone.
 *
 * @param {string} source
 * @returns {string}
 * @throws {Error} where the file isn't of the form that is known
 */
const thinTable = (source) => {
  const constants = new Map([...source.matchAll(/^const (\w+) = ("[^"\\]*");$/gm)].map(([, name, value]) => [name, value]));
  return source
    .replace(/\[(_\w+)\](?=:)/g, (_key, name) => {
      if (!constants.has(name)) throw new Error(`the key ${name} of a shape is no constant`);
      return constants.get(name);
    })
    .replace(/^n\d+_registry\.registerError\(\w+\$, \w+\);$/gm, '');
};

/** The only place where Lambda puts a function's credentials. docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const credentials = `
  import { fromEnv } from '@aws-sdk/credential-provider-env';
  export const defaultProvider = (init) => fromEnv(init);
`;

/** No operation that selfheal calls streams events. */
const eventStreams = `throw new Error('event streams are left out of this bundle: tools/lean-sdk.cjs');`;

/** What zod converts its schemas to JSON Schema with, which nothing does in Lambda; each schema refers to it. */
const jsonSchema = /[\\/]zod[\\/]v4[\\/]core[\\/](?:to-json-schema|json-schema-processors)\.js$/;

/**
 * The names of that module without what is behind them. What makes a method of a schema is called for each; what else there is must not be.
 *
 * @param {string} source
 * @returns {string}
 * @throws {Error} where the file isn't of the form that is known
 */
const withoutJsonSchema = (source) => {
  const names = [...source.matchAll(/^export (?:const|function) (\w+)/gm)].map(([, name]) => name);
  if (names.length === 0) throw new Error('zod converts to JSON Schema in a way unknown');
  return [
    "const absent = () => { throw new Error('JSON Schema is left out of this bundle: tools/lean-sdk.cjs'); };",
    ...names.map((name) => `export const ${name} = ${/^create\w+Method$/.test(name) ? '() => absent' : 'absent'};`),
  ].join('\n');
};

const durableSdk = /[\\/]durable-execution-sdk-js[\\/]dist[\\/]index\.mjs$/;

/**
 * The durable SDK with an import of those commands that it uses in place of one of the whole Lambda client. A dynamic import would also
 * keep a bundler from thinning out anything that it leads to.
 *
 * @param {string} source
 * @returns {string}
 * @throws {Error} where the file isn't of the form that is known
 */
const importNarrowly = (source) => {
  const whole = "import('@aws-sdk/client-lambda')";
  const names = new Set([...source.matchAll(/\bmodule\.([A-Z]\w+)/g)].map(([, name]) => name));
  if (source.split(whole).length !== 2 || !names.has('LambdaClient')) throw new Error('the durable SDK loads its client in a way unknown');
  const list = [...names].join(', ');
  return `import { ${list} } from '@aws-sdk/client-lambda';\n${source.replace(whole, `Promise.resolve({ ${list} })`)}`;
};

/**
 * Leaves out of a bundle what selfheal doesn't use of the AWS SDK and a bundler can't see is unused. It is most of what a cold
 * start would load: see docs/performance.md.
 *
 * @returns {import('esbuild').Plugin}
 */
const leanSdk = () => ({
  name: 'lean-sdk',
  setup(build) {
    build.onLoad({ filter: tables }, ({ path }) => ({ contents: thinTable(readFileSync(path, 'utf8')), loader: 'js' }));

    build.onResolve({ filter: /^@aws-sdk\/credential-provider-node$/ }, ({ resolveDir }) => ({
      path: 'credentials',
      namespace: 'lean-sdk',
      pluginData: { contents: credentials, resolveDir },
    }));
    build.onResolve({ filter: /^@smithy\/core\/event-streams$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: 'event-streams', namespace: 'lean-sdk', pluginData: { contents: eventStreams } } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'lean-sdk' }, ({ pluginData }) => ({ ...pluginData, loader: 'js' }));
    build.onLoad({ filter: jsonSchema }, ({ path }) => ({ contents: withoutJsonSchema(readFileSync(path, 'utf8')), loader: 'js' }));
    build.onLoad({ filter: durableSdk }, ({ path }) => ({ contents: importNarrowly(readFileSync(path, 'utf8')), loader: 'js' }));
  },
});

module.exports = [leanSdk()];
