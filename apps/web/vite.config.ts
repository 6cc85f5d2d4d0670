import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const target = process.env.PERIGON_URL ?? 'http://127.0.0.1:3360';

/** The staff app: split by route, names hashed by content so that they are cached for ever. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Fonts and marks stay files: the product's policy forbids data URLs for fonts.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        // Few files on the first visit: what every page needs is one, the icons another, what all signed-in pages share a third.
        codeSplitting: {
          groups: [
            {
              name: 'base',
              test: /node_modules\/(react|react-dom|scheduler|@tanstack\/(react-router|router-core|history|store|react-store|query-core|react-query)|get-nonce)\//,
              priority: 30,
            },
            {
              name: 'frame',
              test: /\/apps\/web\/words\.ts$|\/ui\/(api|failure|format|meta|nonce|query-client|session|tokens|use-delayed|wire|words)\.ts$|\/ui\/(list\/(views|path|missing)|chart\/answer)\.ts$|\/modules\/(forecast\/period|insight\/ui\/insight)\.ts$|vite\/preload-helper/,
              priority: 25,
            },
            {
              name: 'inputs',
              test: /node_modules\/@mantine\/core\/esm\/(core|components\/(ActionIcon|Box|Button|CloseButton|Input|InputBase|Loader|PasswordInput|TextInput|Transition|UnstyledButton))\//,
              priority: 15,
            },
            { name: 'icons', test: /node_modules\/@tabler\//, priority: 20 },
          ],
        },
      },
    },
  },
  server: {
    port: 4200,
    strictPort: true,
    proxy: { '/api': { target, changeOrigin: false }, '/healthz': { target } },
  },
});
