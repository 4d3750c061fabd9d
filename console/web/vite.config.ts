import react from '@vitejs/plugin-react'
import { build, type Rolldown } from 'vite'
import { defineConfig } from 'vitest/config'

// The server fills in what differs by answer: a nonce for the styles that Mantine makes.
const nonce = 'PROCYON-NONCE'

const target = ['chrome111', 'edge111', 'firefox115', 'safari16.4']

// What runs before anything is seen is one file: a browser reads forty small ones slower, and
// they compress worse. Which modules that are is known when all has been divided once.
async function atOnce(): Promise<ReadonlySet<string>> {
  const made = (await build({ configFile: false, logLevel: 'silent', plugins: [react()], build: { write: false, target, modulePreload: { polyfill: false } } })) as Rolldown.RolldownOutput
  const chunks = new Map(made.output.filter((o) => o.type === 'chunk').map((c) => [c.fileName, c]))
  const modules = new Set<string>()
  const seen = new Set<string>()
  const add = (file: string): void => {
    const chunk = chunks.get(file)
    if (!chunk || seen.has(file)) return
    seen.add(file)
    for (const id of Object.keys(chunk.modules)) modules.add(id)
    chunk.imports.forEach(add)
  }
  for (const c of chunks.values()) if (c.isEntry) add(c.fileName)
  return modules
}

export default defineConfig(async ({ command }) => {
  const first = command === 'build' ? await atOnce() : new Set<string>()
  return {
    plugins: [react()],
    html: { cspNonce: nonce },
    build: {
      outDir: '../dist',
      emptyOutDir: true,
      manifest: 'manifest.json', // by which the server names a page's chunks in its document
      target,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0, // a data: address would need a hole in the policy
      chunkSizeWarningLimit: 700, // kB; what the console loads first is measured compressed
      rolldownOptions: {
        output: {
          codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: 'console', test: (id) => first.has(id) }] },
          entryFileNames: 'assets/[name]-[hash].js',
          chunkFileNames: 'assets/[name]-[hash].js',
          assetFileNames: 'assets/[name]-[hash][extname]',
        },
      },
    },
    server: { fs: { allow: ['.', '../../docs'] }, proxy: { '/graphql': { target: 'http://127.0.0.1:8080', ws: true, changeOrigin: false } } },
    test: { environment: 'happy-dom', include: ['src/**/*.test.{ts,tsx}'], setupFiles: ['src/test/setup.ts'] },
  }
})
