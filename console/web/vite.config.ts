import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'

// The server fills in what differs by answer: a nonce for the styles that Mantine makes.
const nonce = 'PROCYON-NONCE'

export default defineConfig({
  plugins: [react()],
  html: { cspNonce: nonce },
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: ['chrome111', 'edge111', 'firefox115', 'safari16.4'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // a data: address would need a hole in the policy
    chunkSizeWarningLimit: 700, // kB; what the console loads first is measured compressed
    rolldownOptions: {
      output: {
        entryFileNames: 'assets/[name]-[hash].js',
        chunkFileNames: 'assets/[name]-[hash].js',
        assetFileNames: 'assets/[name]-[hash][extname]',
      },
    },
  },
  server: { proxy: { '/graphql': { target: 'http://127.0.0.1:8080', ws: true, changeOrigin: false } } },
  test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/test/setup.ts'] },
})
