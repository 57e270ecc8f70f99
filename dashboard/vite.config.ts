import tailwindcss from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

/** In development the page is served by vite and everything else by a running stack: OPENLEDGER_API_URL says where. */
const api = process.env.OPENLEDGER_API_URL ?? 'http://127.0.0.1:4000'
const OF_THE_API = [
  '/graphql',
  '/subgraph',
  '/ipfs',
  '/uploads',
  '/links.json',
  '/operations.json',
  '/readyz',
  '/chain',
]

export default defineConfig({
  plugins: [react(), tailwindcss()],
  build: {
    target: 'es2023',
    // Inlined assets would be data: URLs, which the page's policy does not allow.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    // The chart library, which is fetched when a chart is shown.
    chunkSizeWarningLimit: 800,
  },
  server: {
    proxy: Object.fromEntries([...OF_THE_API, '/inference', '/engine'].map((path) => [path, { target: api }])),
  },
})
