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
  },
  server: {
    port: 4200,
    strictPort: true,
    proxy: { '/api': { target, changeOrigin: false }, '/healthz': { target } },
  },
});
