'use strict';

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

/** The bundler's plugins, with the policy that the plugin of the framework has read (tools/serverless-plugin.cjs). */
module.exports = (serverless) => [...leanSdk, packagedPolicy(serverless?.service.custom.packagedPolicy)];
